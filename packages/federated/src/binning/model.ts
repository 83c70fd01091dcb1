/**
 * A party's part of a binning, as stored: own columns with edges and merge, and at the guest what it knows of the hosts'
 * columns: counts of their fine bins, under numbers or names, without edges.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { binCountOf, FINE_BINS_MAX, type FineShape, fineColumn, SPECIAL_MAX, shapeOf } from "./fine.ts";
import { checkMerge } from "./merge.ts";
import { type BinCounts, type Evidence, evidence, mergedCounts } from "./woe.ts";

/** host-learns-woe: a host is told its bins' weights. shared: it is told the merge alone. */
export const MODES = ["host-learns-woe", "shared"] as const;
export const COLUMNS_MAX = 8192;
/** As weights are stored and sent. */
export const WOE_DECIMALS = 4;

const counts = z.array(z.number().int().min(0)).min(1).max(FINE_BINS_MAX);
const groups = z.array(
  z
    .number()
    .int()
    .min(0)
    .max(FINE_BINS_MAX - 1),
);
const id = z
  .number()
  .int()
  .min(0)
  .max(COLUMNS_MAX - 1);
const shape = z.strictObject({
  ordered: z.boolean(),
  ordinary: z.number().int().min(0).max(FINE_BINS_MAX),
  special: z.number().int().min(0).max(SPECIAL_MAX),
  missing: z.boolean(),
});

const weighedColumn = z.strictObject({
  fine: fineColumn,
  /** Of each fine bin the merged one. */
  groups,
  /** Of each merged bin; null: it stays with the guest. */
  woe: z.array(z.number()).nullable(),
});
/** What rows are binned and weighed by. */
export type WeighedColumn = z.output<typeof weighedColumn>;

const ownColumn = weighedColumn.extend({
  /** What the guest knows a host's column by; of the guest's own the place. */
  id,
  /** Rows with label 1 in each fine bin; null: the label is another party's. */
  ones: counts.nullable(),
});
const partnerColumn = z.strictObject({
  id,
  /** null: its owner does not show it. */
  name: z.string().min(1).max(120).nullable(),
  shape,
  rows: counts,
  ones: counts,
  groups,
  woe: z.array(z.number()),
  /** Of mode host-learns-woe: the first merge whose weights were told, or the cells that all merges of the column keep together. */
  told: z.array(groups).max(100),
});

export const binningPart = z.strictObject({
  kind: z.literal("binning"),
  version: z.literal(1),
  party: z.string(),
  mode: z.enum(MODES),
  /** Added to each merged bin's ones and zeros. */
  smoothing: z.number().min(0).max(100),
  /** Of a bin's ones, and of its zeros, at least. */
  minimumEvents: z.number().int().min(1),
  /** Features as they were when bins were fixed, binned or not. */
  features: z.array(z.strictObject({ name: z.string(), kind: z.enum(["number", "text"]) })),
  /** Digests of what the rows had gone through before; absent: not known. */
  after: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(32)
    .optional(),
  columns: z.array(ownColumn).max(COLUMNS_MAX),
  /** At the guest. */
  partners: z.array(z.strictObject({ party: z.string(), columns: z.array(partnerColumn).max(COLUMNS_MAX) })),
});
export type BinningPart = z.output<typeof binningPart>;
export type OwnColumn = z.output<typeof ownColumn>;
export type PartnerColumn = z.output<typeof partnerColumn>;
export type BinningMode = BinningPart["mode"];

/** Throws `input.model` for what binning did not leave. */
export function storedBinning(value: unknown): BinningPart {
  const parsed = binningPart.safeParse(value);
  if (
    parsed.success &&
    parsed.data.columns.every(isWhole) &&
    parsed.data.partners.every(({ columns }) => columns.every(isWholeToo))
  )
    return parsed.data;
  throw new TomboloError("input.model", "this is not what a bin task left", {
    remedy: "Choose the model of a bin task.",
  });
}

/** Throws zod's error for what binning did not leave; of a part that is done again to other rows. */
export function storedColumns(value: unknown): WeighedColumn[] {
  return z
    .array(
      weighedColumn.refine(({ fine, groups: merge, woe }) => fits(shapeOf(fine), merge, woe), "a merge of its bins"),
    )
    .max(COLUMNS_MAX)
    .parse(value);
}

const isWhole = ({ fine, groups: merge, ones, woe }: OwnColumn): boolean =>
  fits(shapeOf(fine), merge, woe) && (ones === null || ones.length === merge.length);
const isWholeToo = (column: PartnerColumn): boolean =>
  fits(column.shape, column.groups, column.woe) &&
  [column.rows, column.ones, ...column.told].every(({ length }) => length === column.groups.length);

function fits(given: FineShape, merge: readonly number[], woe: readonly number[] | null): boolean {
  try {
    checkMerge(given, merge);
  } catch (error) {
    if (error instanceof TomboloError) return false;
    throw error;
  }
  return binCountOf(given) === merge.length && (woe === null || woe.length === Math.max(...merge) + 1);
}

/** One column as the guest sees it, whoever owns it. */
export interface BinnedColumn {
  readonly party: string;
  readonly id: number;
  /** null: another party's, which does not show it. */
  readonly name: string | null;
  readonly shape: FineShape;
  /** Of fine bins. */
  readonly counts: BinCounts;
  readonly groups: readonly number[];
  /** Of merged bins. */
  readonly evidence: Evidence;
}

/** All columns of the guest's part, its own first. Of a host's part none: it has no counts of ones. */
export function binnedColumns(part: BinningPart): BinnedColumn[] {
  const own = part.columns.flatMap(({ id: place, fine, ones, groups: merge }) =>
    ones === null
      ? []
      : [
          {
            party: part.party,
            id: place,
            name: fine.name,
            shape: shapeOf(fine),
            counts: { rows: fine.rows, ones },
            groups: merge,
          },
        ],
  );
  const theirs = part.partners.flatMap(({ party, columns }) =>
    columns.map((column) => ({ ...column, party, counts: { rows: column.rows, ones: column.ones } })),
  );
  return [...own, ...theirs].map(({ party, id: place, name, shape: form, counts: fine, groups: merge }) => ({
    ...{ party, id: place, name, shape: form, counts: fine, groups: merge },
    evidence: evidence(mergedCounts(fine, merge), part.smoothing),
  }));
}

/** As they are stored and sent. */
export const roundedWoe = ({ woe }: Evidence): number[] =>
  woe.map((weight) => Math.round(weight * 10 ** WOE_DECIMALS) / 10 ** WOE_DECIMALS + 0);
