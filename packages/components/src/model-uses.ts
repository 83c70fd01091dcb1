/** Which components put a model to use, by the component that trained it. */
import { TomboloError } from "@tombolo/base";

export interface ModelUses {
  /** A table at once. */
  readonly score: string;
  /** Row by row, as asked. */
  readonly serve: string;
  /** Whether hosts may be kept from learning who is scored. */
  readonly hidden: boolean;
}

const USES: Readonly<Record<string, ModelUses>> = {
  "boosting-train": { score: "boosting-predict", serve: "boosting-serve", hidden: true },
  "regression-train": { score: "regression-predict", serve: "regression-serve", hidden: false },
  "regression-train-arbiter": { score: "regression-predict", serve: "regression-serve", hidden: false },
};

/** Throws `input.model` for what scores nothing. */
export function usesOf(component: string): ModelUses {
  const uses = USES[component];
  if (uses !== undefined) return uses;
  throw new TomboloError("input.model", "this model cannot score", {
    remedy: `Choose a model of ${Object.keys(USES).join(" or ")}.`,
  });
}

export const notHidden = (): TomboloError =>
  new TomboloError("input.model", "this kind of model cannot be served in the form that hides who is scored", {
    remedy: "Deploy it in the usual form, or train boosted trees.",
  });
