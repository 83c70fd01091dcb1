/**
 * A scorecard: points for each bin of each column, from a logistic regression on binned columns (Siddiqi, "Credit Risk
 * Scorecards", 2006, ch. 6). A score is base points and one bin's points of each column; it falls as yes gets likelier:
 *
 *     score = offset - factor · ln(odds of yes),  factor = pointsToDouble / ln 2,  offset = baseScore - factor · ln(baseOdds)
 *
 * baseOdds: how many rows of no there are for one of yes at the base score. A bin's points are -factor · coefficient · (WOE - mean), so that
 * a row of average columns has base points alone, and each party makes points of its own columns from its own coefficients.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { binNames, type FineColumn, shapeOf, type WeighedColumn } from "../binning/index.ts";

export const DECIMALS_MAX = 4;
const POINTS_MAX = 1e6;

export const scaleShape = z.strictObject({
  baseScore: z.number().min(-POINTS_MAX).max(POINTS_MAX),
  /** Rows of no for one of yes. */
  baseOdds: z.number().min(1e-6).max(1e6),
  /** Points that double the odds of no. */
  pointsToDouble: z.number().min(0.01).max(10_000),
  /** Of points. */
  decimals: z.number().int().min(0).max(DECIMALS_MAX),
});
export type Scale = z.output<typeof scaleShape>;

/** What makes a row's value one of a bin: any of these. Bounds: from <= value < to; null: none. */
const condition = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("range"), from: z.number().nullable(), to: z.number().nullable() }),
  z.strictObject({ is: z.literal("one-of"), values: z.array(z.union([z.number(), z.string()])) }),
  z.strictObject({ is: z.literal("other") }),
  z.strictObject({ is: z.literal("missing") }),
]);
export type Condition = z.output<typeof condition>;

const bin = z.strictObject({
  /** For people. */
  name: z.string(),
  /** Values of their own come before ranges. */
  conditions: z.array(condition),
  /** That the bins were fixed on. */
  rows: z.number().int().min(0),
  /** Null: not known to this party. */
  woe: z.number().nullable(),
  points: z.number(),
});
const column = z.strictObject({ name: z.string(), kind: z.enum(["number", "text"]), bins: z.array(bin).min(1) });

/** One party's part of a card, JSON-able. Values of no bin have 0 points. */
export const scorecardShape = z.strictObject({
  kind: z.literal("scorecard"),
  version: z.literal(1),
  party: z.string(),
  scale: scaleShape,
  /** Points of a row before any column; null: they are with the guest. */
  base: z.number().nullable(),
  columns: z.array(column),
});
export type Scorecard = z.output<typeof scorecardShape>;
export type CardColumn = z.output<typeof column>;
export type CardBin = z.output<typeof bin>;

/** A term of the regression. */
export interface CardTerm {
  readonly column: string;
  /** Of a column of bin names; null: of one of WOE. */
  readonly category: string | null;
  readonly merged: readonly string[] | null;
  readonly mean: number;
  readonly coefficient: number;
}

export const factorOf = ({ pointsToDouble }: Scale): number => pointsToDouble / Math.LN2;

export function basePoints(scale: Scale, intercept: number): number {
  const factor = factorOf(scale);
  return rounded(scale.baseScore - factor * Math.log(scale.baseOdds) - factor * intercept, scale);
}

/** Points of each merged bin. `terms`: those of the column. */
export function pointsOf({ fine, groups, woe }: WeighedColumn, terms: readonly CardTerm[], scale: Scale): number[] {
  const factor = factorOf(scale);
  return binNames(fine, groups).map((name, place) => {
    const margin = terms.reduce((sum, { category, merged, mean, coefficient }) => {
      const value = category === null ? weightAt(woe, place) : (merged ?? [category]).includes(name) ? 1 : 0;
      return sum + coefficient * (value - mean);
    }, 0);
    return rounded(-factor * margin, scale);
  });
}

/** Points of each bin of a column whose weights are here and whose bins are another party's. */
export const lookupPoints = (
  { woe, mean, coefficient }: { readonly woe: readonly number[]; readonly mean: number; readonly coefficient: number },
  scale: Scale,
): number[] => woe.map((weight) => rounded(-factorOf(scale) * coefficient * (weight - mean), scale));

function weightAt(woe: readonly number[] | null, place: number): number {
  const weight = woe?.[place];
  if (weight !== undefined) return weight;
  throw new TomboloError("input.model", "a column of the regression is of numbers, and its bins have no weights here", {
    remedy: "Train the regression on the table that the bin task left.",
  });
}

export function cardColumn(own: WeighedColumn, points: readonly number[]): CardColumn {
  const { fine, groups, woe } = own;
  const names = binNames(fine, groups);
  return {
    name: fine.name,
    kind: fine.kind,
    bins: names.map((name, place) => ({
      name,
      conditions: conditionsOf(fine, groups, place),
      rows: fine.rows.reduce((sum, rows, at) => sum + (groups[at] === place ? rows : 0), 0),
      woe: woe?.[place] ?? null,
      points: points[place]!,
    })),
  };
}

function conditionsOf(fine: FineColumn, groups: readonly number[], place: number): Condition[] {
  const mine = groups.flatMap((group, at) => (group === place ? [at] : []));
  const { ordinary } = shapeOf(fine);
  const special = fine.special.filter((_, i) => mine.includes(ordinary + i));
  const takesMissing = fine.missing !== null && mine.includes(fine.missing);
  // Values that count as missing go where those go.
  const values = [...special, ...(takesMissing ? fine.pooled : [])];
  return [
    ...(takesMissing ? [{ is: "missing" } as const] : []),
    ...(values.length > 0 ? [{ is: "one-of", values } as const] : []),
    ...ordinaryOf(
      fine,
      mine.filter((at) => at < ordinary),
    ),
  ];
}

function ordinaryOf(fine: FineColumn, bins: readonly number[]): Condition[] {
  if (bins.length === 0) return [];
  if (fine.kind === "number")
    return [{ is: "range", from: fine.edges[bins[0]! - 1] ?? null, to: fine.edges[bins.at(-1)!] ?? null }];
  const values = bins.flatMap((at) => fine.categories[at] ?? []);
  return [
    ...(values.length > 0 ? [{ is: "one-of", values } as const] : []),
    ...(fine.other !== null && bins.includes(fine.other) ? [{ is: "other" } as const] : []),
  ];
}

/** Away from 0 at a half, so that turned signs give turned points. */
function rounded(value: number, { decimals }: Scale): number {
  const unit = 10 ** decimals;
  return (Math.sign(value) * Math.round(Math.abs(value) * unit)) / unit + 0;
}
