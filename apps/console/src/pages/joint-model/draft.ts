import type { Dataset, JointModelForm } from "@tombolo/sdk";
import { columnsIn, hasKeys, hasPartners, hasTables, hostOf, noSides, type Sides } from "../../lib/sides.ts";

export type Objective = NonNullable<JointModelForm["objective"]>;
export const OBJECTIVES = [
  ...(["binary", "multi-class", "regression", "absolute", "huber", "poisson", "tweedie"] as const),
] satisfies readonly Objective[];
const CLASSES_MAX = 32;

/** The form as it is being filled; the node turns it into a flow. */
export interface Draft extends Sides {
  readonly label: string | undefined;
  readonly name: string | undefined;
  readonly objective: Objective | undefined;
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly bins: number;
  readonly testShare: number;
  readonly seed: number;
  readonly baseline: boolean;
  /** Further parameters of boosting, where they differ from the defaults. */
  readonly boosting: Readonly<Record<string, unknown>>;
  readonly weight: string | null;
  readonly rising: readonly string[];
  readonly falling: readonly string[];
  /** An earlier version to go on from. */
  readonly start: string | null;
}

export const emptyDraft: Draft = {
  ...noSides,
  label: undefined,
  name: undefined,
  objective: undefined,
  trees: 50,
  depth: 4,
  learningRate: 0.2,
  bins: 32,
  testShare: 0.3,
  seed: 7,
  baseline: true,
  boosting: {},
  weight: null,
  rising: [],
  falling: [],
  start: null,
};

export const labelOf = (dataset: Dataset | undefined): string | undefined =>
  dataset === undefined ? undefined : columnsIn(dataset, "label")[0];

const labelColumn = (draft: Draft): Dataset["columns"][number] | undefined =>
  draft.own.dataset?.columns.find((each) => each.name === draft.label);

/** Two different values make a yes or no, some of text classes, others numbers. */
export function objectiveOf(draft: Draft): Objective {
  if (draft.objective !== undefined) return draft.objective;
  const column = labelColumn(draft);
  if (column === undefined || column.type === "boolean" || column.distinct === null || column.distinct <= 2)
    return "binary";
  return column.type === "text" && column.distinct <= CLASSES_MAX ? "multi-class" : "regression";
}

/** What goes to boosting-train besides the form's own fields; how many classes there are, the label's column says. */
export function boostingOf(draft: Draft): Record<string, unknown> {
  const classes = objectiveOf(draft) === "multi-class" ? labelColumn(draft)?.distinct : undefined;
  return { ...(classes == null ? {} : { classes }), ...draft.boosting };
}

export const steps = ["partner", "datasets", "keys", "label", "columns", "parameters", "review"] as const;
export type Step = (typeof steps)[number];

/** Whether the step has all it needs. */
export function complete(draft: Draft, step: Step): boolean {
  switch (step) {
    case "partner":
      return hasPartners(draft);
    case "datasets":
      return hasTables(draft);
    case "keys":
      return hasKeys(draft);
    case "label":
      return draft.label !== undefined;
    case "columns":
      return draft.partners.every((party) => hostOf(draft, party).columns.length > 0);
    default:
      return true;
  }
}

export function formOf(draft: Draft, name: string): JointModelForm | undefined {
  if (draft.projectId === undefined || draft.own.dataset === undefined || draft.label === undefined) return undefined;
  const hosts = draft.partners.flatMap((partyId) => {
    const { dataset, keys, columns } = hostOf(draft, partyId);
    return dataset === undefined ? [] : [{ partyId, datasetId: dataset.id, keys: [...keys], columns: [...columns] }];
  });
  const { trees, depth, learningRate, bins, testShare, seed, baseline, weight, rising, falling, start } = draft;
  return {
    projectId: draft.projectId,
    name,
    guest: {
      datasetId: draft.own.dataset.id,
      keys: [...draft.own.keys],
      label: draft.label,
      columns: draft.own.columns.filter((column) => column !== draft.label && !draft.own.keys.includes(column)),
      weight,
      rising: [...rising],
      falling: [...falling],
    },
    hosts,
    objective: objectiveOf(draft),
    trees,
    depth,
    learningRate,
    bins,
    testShare,
    seed,
    baseline,
    boosting: boostingOf(draft) as JointModelForm["boosting"],
    start,
  };
}
