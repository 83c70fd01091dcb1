import type { Dataset, DatasetColumn } from "@tombolo/sdk";

/** One party's part in a guided form. */
export interface Side {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
}

/** What every guided form asks first: with whom, in which project, over which tables. */
export interface Sides {
  readonly projectId: string | undefined;
  readonly partners: readonly string[];
  readonly own: Side;
  readonly hosts: Readonly<Record<string, Side>>;
}

const noSide: Side = { dataset: undefined, keys: [], columns: [] };
export const noSides: Sides = { projectId: undefined, partners: [], own: noSide, hosts: {} };

export const columnsIn = (dataset: Dataset, role: DatasetColumn["role"]): string[] =>
  dataset.columns.filter((column) => column.role === role).map((column) => column.name);

/** Keys and columns as the dictionary's roles suggest. */
export const sideOf = (dataset: Dataset | undefined): Side =>
  dataset === undefined
    ? noSide
    : { dataset, keys: columnsIn(dataset, "id").slice(0, 1), columns: columnsIn(dataset, "feature") };

export const hostOf = (sides: Sides, party: string): Side => sides.hosts[party] ?? noSide;

export const allSides = (sides: Sides): Side[] => [sides.own, ...sides.partners.map((party) => hostOf(sides, party))];

export const hasPartners = ({ partners, projectId }: Sides): boolean => partners.length > 0 && projectId !== undefined;
export const hasTables = (sides: Sides): boolean => allSides(sides).every((side) => side.dataset !== undefined);
/** As many keys on every side: they match in their order. */
export const hasKeys = (sides: Sides): boolean =>
  allSides(sides).every((side) => side.keys.length > 0 && side.keys.length === sides.own.keys.length);
