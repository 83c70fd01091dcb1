/** Which components put a model to use, by the component that trained it. */
import { TomboloError } from "@tombolo/base";

export interface ModelUses {
  /** A table at once, and with which parameters. */
  readonly score: string;
  readonly scoring?: Readonly<Record<string, unknown>>;
  /** Row by row, as asked; null: not at all. */
  readonly serve: string | null;
  /** Whether hosts may be kept from learning who is scored. */
  readonly hidden: boolean;
}

const USES: Readonly<Record<string, ModelUses>> = {
  "boosting-train": { score: "boosting-predict", serve: "boosting-serve", hidden: true },
  "regression-train": { score: "regression-predict", serve: "regression-serve", hidden: false },
  scorecard: { score: "regression-predict", serve: "regression-serve", hidden: false },
  "regression-train-arbiter": { score: "regression-predict", serve: "regression-serve", hidden: false },
};

/** Leaves have no weights at either party: totals alone are told. */
const ON_SHARES: ModelUses = {
  score: "boosting-predict",
  scoring: { form: "sum-only" },
  serve: null,
  hidden: false,
};

/** The task that trained the model. */
interface Trained {
  readonly component: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Throws `input.model` for what scores nothing. */
export function usesOf({ component, parameters }: Trained = { component: "" }): ModelUses {
  const onShares = component === "boosting-train" && parameters?.level === "shared";
  const uses = onShares ? ON_SHARES : USES[component];
  if (uses !== undefined) return uses;
  throw new TomboloError("input.model", "this model cannot score", {
    remedy: `Choose a model of ${Object.keys(USES).join(" or ")}.`,
  });
}

export const notHidden = (): TomboloError =>
  new TomboloError("input.model", "this kind of model cannot be served in the form that hides who is scored", {
    remedy: "Deploy it in the usual form, or train boosted trees.",
  });

export const notServed = (): TomboloError =>
  new TomboloError("input.model", "a model of level shared is not served: it tells totals of tables alone", {
    remedy: "Score a table with it, or train at level standard.",
  });
