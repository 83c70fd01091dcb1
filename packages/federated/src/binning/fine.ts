/**
 * Fine bins: how a column falls into the smallest parts that anyone else may ever see counts of. They are fixed once, by the
 * column alone and at its owner; whatever is done later merges them (SECURITY.md rule 9).
 *
 * Ordinary bins come first, in the order of numbers or of text; then special values; then what is missing. Each has as many
 * rows as was asked for: a smaller one joins a neighbour, a rare category the others, a rare special value the missing ones,
 * and too few missing ones the fullest bin.
 */
import { z } from "zod";

/** Of one column; each has a hundredth of the rows, so there are no more, and a byte holds a code. */
export const FINE_BINS_MAX = 100;
export const SPECIAL_MAX = 20;
/** No fine bin has fewer rows than this, nor than this share of them. */
export const FINE_ROWS_MIN = 50;
export const FINE_SHARE_MIN = 0.01;

const bin = z
  .number()
  .int()
  .min(0)
  .max(FINE_BINS_MAX - 1);
const name = z.string().min(1).max(120);
const rows = z.array(z.number().int().min(0)).min(1).max(FINE_BINS_MAX);
const ascending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || values[i - 1]! < value);

const numbers = z.strictObject({
  kind: z.literal("number"),
  name,
  /** Bin b holds edges[b - 1] <= value < edges[b]. */
  edges: z.array(z.number()).max(FINE_BINS_MAX).refine(ascending, "edges ascend"),
  /** Of the values learnt from, special ones apart; null: there are none. */
  range: z.tuple([z.number(), z.number()]).nullable(),
  /** Values with a bin of their own, and those that count as missing. */
  special: z.array(z.number()).max(SPECIAL_MAX),
  pooled: z.array(z.number()).max(SPECIAL_MAX),
  /** Where what is missing goes; null: nothing was. */
  missing: bin.nullable(),
  /** Of each bin. */
  rows,
});
const text = z.strictObject({
  kind: z.literal("text"),
  name,
  /** Category i has bin i. */
  categories: z.array(z.string()).max(FINE_BINS_MAX),
  /** The bin of all others, which comes after theirs; null: there were none. */
  other: bin.nullable(),
  special: z.array(z.string()).max(SPECIAL_MAX),
  pooled: z.array(z.string()).max(SPECIAL_MAX),
  missing: bin.nullable(),
  rows,
});

/** JSON-able, a part of a model. */
export const fineColumn = z.discriminatedUnion("kind", [numbers, text]).refine((fine) => {
  const { ordinary, special } = shapeOf(fine);
  const rest = fine.rows.length - ordinary - special;
  return (rest === 0 || rest === 1) && (fine.missing === null || fine.missing < fine.rows.length);
}, "as many bins as rows are counted of");
export type FineNumbers = z.output<typeof numbers>;
export type FineText = z.output<typeof text>;
export type FineColumn = FineNumbers | FineText;

/** What another party has to know of a column to merge its bins: nothing of values, names or edges. */
export interface FineShape {
  /** Whether ordinary bins have an order that merging keeps. */
  readonly ordered: boolean;
  readonly ordinary: number;
  readonly special: number;
  /** Whether the last bin is of missing values alone. */
  readonly missing: boolean;
}
export const binCountOf = ({ ordinary, special, missing }: FineShape): number => ordinary + special + Number(missing);

export function shapeOf(fine: FineColumn): FineShape {
  const ordinary =
    fine.kind === "text"
      ? fine.categories.length + Number(fine.other !== null)
      : Number(fine.range !== null) * (fine.edges.length + 1);
  const special = fine.special.length;
  return { ordered: fine.kind === "number", ordinary, special, missing: fine.rows.length > ordinary + special };
}

export interface FineOptions {
  /** About equally many rows in each bin, or equally wide bins. */
  readonly method: "quantile" | "width";
  /** 2 to FINE_BINS_MAX. */
  readonly bins: number;
  /** Of each bin; raised to FINE_ROWS_MIN and FINE_SHARE_MIN of the rows. */
  readonly minimumRows: number;
  /** Of numbers: used in place of the method's; null: none. */
  readonly edges: readonly number[] | null;
  /** Numbers or text that stand for something else than their size, such as -999. */
  readonly special: readonly (number | string)[];
}

export interface Binned {
  readonly fine: FineColumn;
  /** Of each row. */
  readonly codes: Uint8Array;
}

/** What rows held that the bins were not fixed on: counted, and said in reports. */
export interface Unforeseen {
  /** Missing values where there were none: they count as average. */
  readonly missing: number;
  /** Categories that are rare or were not there: they are of the others' bin, and without it count as average. */
  readonly unseen: number;
  /** Numbers beyond the range: they are of the first or the last bin. */
  readonly outside: number;
}

/** A row that belongs to no bin: its weight is that of all rows, 0. */
export const NO_BIN = 255;
