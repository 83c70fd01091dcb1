import { useTranslation } from "react-i18next";
import type { Differences } from "./saved.ts";

/** In one line: which steps the other has besides, lacks, or has otherwise. */
export function DifferenceList({ of }: { readonly of: Differences }) {
  const { t } = useTranslation();
  const kinds = (["added", "removed", "altered"] as const).map((kind) => [kind, of[kind]] as const);
  const parts = kinds.flatMap(([kind, steps]) =>
    steps.length === 0 ? [] : [t(`keptFlows.${kind}`, { steps: steps.join(", ") })],
  );
  if (of.settings.length > 0)
    parts.push(t("keptFlows.settings", { names: of.settings.map((key) => t(`canvas.${key}`)).join(", ") }));
  return <>{parts.length === 0 ? t("keptFlows.same") : parts.join("; ")}</>;
}
