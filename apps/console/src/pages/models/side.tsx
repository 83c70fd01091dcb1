import type { Model } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Version } from "./state.tsx";

export type Side = "a" | "b";
export const SIDES = ["a", "b"] as const;
/** As the squares beside the names are. */
export const SIDE_COLOURS = { a: "--accent", b: "--wait" } as const;

export function Name({ of: model, side }: { of: Model; side: Side }) {
  return (
    <span className={`compared ${side}`}>
      <i />
      {model.name} <Version number={model.version} />
    </span>
  );
}

/** In legends, where names may be the same but for the version. */
export function useSideName(): (model: Model) => string {
  const { t } = useTranslation();
  return ({ name, version }) => (version === null ? name : `${name} · ${t("models.versionOf", { number: version })}`);
}
