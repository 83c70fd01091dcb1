import { useTranslation } from "react-i18next";

export function useObjective(): (objective: string) => string {
  const { t } = useTranslation();
  return (objective) =>
    objective === "binary" || objective === "regression" || objective === "lookup" || objective === "score"
      ? t(`models.objectiveOf.${objective}`)
      : objective;
}

const METRICS = [
  "trees",
  "auc",
  "ks",
  "trainingLoss",
  "trainingAuc",
  "validationLoss",
  "validationAuc",
  "rows",
  "version",
] as const;

/** A metric's name in the reader's language; one this console does not know keeps its own. */
export function useMetricName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => {
    const known = METRICS.find((each) => each === name);
    return known === undefined ? name : t(`models.metric.${known}`);
  };
}
