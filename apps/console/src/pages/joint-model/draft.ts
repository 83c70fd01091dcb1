import type { Dataset, DatasetColumn, JointModelForm } from "@tombolo/sdk";

/** The form as it is being filled; the node turns it into a flow. */
export interface Side {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
}
export interface Draft {
  readonly projectId: string | undefined;
  readonly partners: readonly string[];
  readonly own: Side;
  readonly hosts: Readonly<Record<string, Side>>;
  readonly label: string | undefined;
  readonly name: string | undefined;
  readonly objective: "binary" | "regression" | undefined;
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly bins: number;
  readonly testShare: number;
  readonly seed: number;
  readonly baseline: boolean;
}

const noSide: Side = { dataset: undefined, keys: [], columns: [] };
export const emptyDraft: Draft = {
  projectId: undefined,
  partners: [],
  own: noSide,
  hosts: {},
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
};

const namesOf = (dataset: Dataset, role: DatasetColumn["role"]): string[] =>
  dataset.columns.filter((column) => column.role === role).map((column) => column.name);

/** Keys and columns as the dictionary's roles suggest. */
export const sideOf = (dataset: Dataset | undefined): Side =>
  dataset === undefined
    ? noSide
    : { dataset, keys: namesOf(dataset, "id").slice(0, 1), columns: namesOf(dataset, "feature") };

export const labelOf = (dataset: Dataset | undefined): string | undefined =>
  dataset === undefined ? undefined : namesOf(dataset, "label")[0];

export const hostOf = (draft: Draft, party: string): Side => draft.hosts[party] ?? noSide;

/** Two different values make a yes or no. */
export function objectiveOf(draft: Draft): "binary" | "regression" {
  if (draft.objective !== undefined) return draft.objective;
  const column = draft.own.dataset?.columns.find((each) => each.name === draft.label);
  if (column === undefined || column.type === "boolean" || column.distinct === null) return "binary";
  return column.distinct <= 2 ? "binary" : "regression";
}

export const steps = ["partner", "datasets", "keys", "label", "columns", "parameters", "review"] as const;
export type Step = (typeof steps)[number];

/** Whether the step has all it needs. */
export function complete(draft: Draft, step: Step): boolean {
  const hosts = draft.partners.map((party) => hostOf(draft, party));
  const sides = [draft.own, ...hosts];
  switch (step) {
    case "partner":
      return draft.partners.length > 0 && draft.projectId !== undefined;
    case "datasets":
      return sides.every((side) => side.dataset !== undefined);
    case "keys":
      return sides.every((side) => side.keys.length > 0 && side.keys.length === draft.own.keys.length);
    case "label":
      return draft.label !== undefined;
    case "columns":
      return hosts.every((side) => side.columns.length > 0);
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
  const { trees, depth, learningRate, bins, testShare, seed, baseline } = draft;
  return {
    projectId: draft.projectId,
    name,
    guest: {
      datasetId: draft.own.dataset.id,
      keys: [...draft.own.keys],
      label: draft.label,
      columns: draft.own.columns.filter((column) => column !== draft.label && !draft.own.keys.includes(column)),
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
  };
}
