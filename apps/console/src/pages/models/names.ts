import { useTranslation } from "react-i18next";

export function useObjective(): (objective: string) => string {
  const { t } = useTranslation();
  return (objective) => {
    const known = OBJECTIVES.find((each) => each === objective);
    return known === undefined ? objective : t(`models.objectiveOf.${known}`);
  };
}

const OBJECTIVES = [
  ...(["binary", "regression", "absolute", "huber", "poisson", "tweedie", "multi-class"] as const),
  ...(["lookup", "retrieval", "score", "none"] as const),
] as const;

const METRICS = [
  "trees",
  "auc",
  "ks",
  "trainingLoss",
  "trainingAuc",
  "validationLoss",
  "validationAuc",
  "steps",
  "terms",
  "rows",
  "version",
  "columns",
  "points",
  "informationMax",
] as const;

/** A metric's name in the reader's language; one this console does not know keeps its own. */
export function useMetricName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => {
    const known = METRICS.find((each) => each === name);
    return known === undefined ? name : t(`models.metric.${known}`);
  };
}

const KINDS = ["boosting", "regression", "catalogue", "preparation", "binning", "selection"] as const;

/** What made a model, in the reader's language. */
export function useModelKind(): (kind: string) => string {
  const { t } = useTranslation();
  return (kind) => {
    const known = KINDS.find((each) => each === kind);
    return known === undefined ? kind : t(`models.kindOf.${known}`);
  };
}
