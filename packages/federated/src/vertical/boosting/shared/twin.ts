/**
 * The plaintext twin: the same candidates, fixed-point arithmetic, minima and ties with everything in one memory. What training on shares must equal, split for
 * split and digit for digit. Written for reading, row by row.
 */
import type { Column, Sampling } from "@tombolo/base";
import { columnEvaluator } from "../evaluate-split.ts";
import { predictionOf } from "../losses.ts";
import type { BoostingParameters } from "../parameters.ts";
import { flags, treeRows } from "../sample.ts";
import type { Split } from "../split.ts";
import { type Candidates, candidatesOf } from "./candidates.ts";
import { type Formats, formatsOf, gainLeast, UNIT } from "./formats.ts";
import { gradientOf } from "./gradients.ts";
import { type Base, scaledLabels } from "./labels.ts";
import { checkSharedParameters, type SharedObjective } from "./parameters.ts";
import { type Gain, gainOf, type NodeSums, scoreOf, weightOf } from "./scores.ts";

export interface SharedTwinInput {
  /** Of the guest and the host. */
  readonly columns: readonly [readonly Column[], readonly Column[]];
  readonly labels: Float64Array;
  /** By row, where `parameters.weighted`. */
  readonly weights?: Float64Array;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
}

export interface TwinSplit {
  readonly owner: "guest" | "host";
  /** Null: all rows go left. */
  readonly split: Split | null;
}

export interface TwinTree {
  /** In the order of a heap. */
  readonly splits: readonly TwinSplit[];
  /** From left to right, in units of 2^-16. */
  readonly leaves: readonly bigint[];
}

export interface SharedTwin extends Base {
  readonly objective: SharedObjective;
  readonly trees: readonly TwinTree[];
  /** After all trees, in units of 2^-16. */
  readonly margins: BigInt64Array;
}

const ONE = BigInt(UNIT);

export function trainSharedTwin({
  columns,
  labels,
  weights: own,
  parameters: given,
  sampling,
}: SharedTwinInput): SharedTwin {
  const parameters = checkSharedParameters(given);
  const { baseMargin, scale, start, labels: scaled, weights, weightBits } = scaledLabels(parameters, labels, own);
  const formats = formatsOf(parameters, labels.length, weightBits);
  const offers = columns.map((own) => candidatesOf(own, labels.length, parameters));
  const least = gainLeast(formats, parameters.gamma, scale);
  const margins = new BigInt64Array(labels.length).fill(start);
  const all = Int32Array.from({ length: labels.length }, (_, row) => row);
  const trees: TwinTree[] = [];
  for (let tree = 0; tree < parameters.trees; tree++) {
    const seen = flags(labels.length, treeRows(all, tree, parameters, sampling));
    const each = Array.from(margins, (margin, row) => gradientOf(margin, scaled[row]!, weights?.[row] ?? ONE, formats));
    const rows: Rows = {
      g: Float64Array.from(each, ({ g }, row) => seen[row]! * Number(g)),
      h: Float64Array.from(each, ({ h }, row) => seen[row]! * Number(h)),
      seen,
    };
    const grown = grow({ offers, rows, formats, least, depth: parameters.depth });
    grown.places.forEach((leaf, row) => {
      margins[row] = margins[row]! + grown.leaves[leaf]!;
    });
    trees.push({ splits: grown.splits, leaves: grown.leaves });
  }
  return { objective: parameters.objective, baseMargin, scale, trees, margins };
}

/** Predictions, as scoring on shares gives them. */
export function predictSharedTwin(
  { objective, baseMargin, scale, trees }: SharedTwin,
  columns: SharedTwinInput["columns"],
  rowCount: number,
): Float64Array {
  const totals = new Float64Array(rowCount);
  for (const { splits, leaves } of trees) {
    const left = splits.map(({ owner, split }) =>
      split === null ? () => true : columnEvaluator(split, columns[owner === "guest" ? 0 : 1]),
    );
    for (let row = 0; row < rowCount; row++) {
      let node = 0;
      while (node < left.length) node = 2 * node + (left[node]!(row) ? 1 : 2);
      totals[row] = totals[row]! + Number(leaves[node - left.length]!);
    }
  }
  return totals.map((total) => predictionOf(objective, baseMargin + (scale * total) / UNIT));
}

/** Whole numbers in units of 2^-16, whose sums a double holds. */
interface Rows {
  readonly g: Float64Array;
  readonly h: Float64Array;
  readonly seen: Uint8Array;
}

interface Growing {
  readonly offers: readonly Candidates[];
  readonly rows: Rows;
  readonly formats: Formats;
  readonly least: bigint;
  readonly depth: number;
}

function grow(growing: Growing): TwinTree & { readonly places: Int32Array } {
  const { rows, depth, formats } = growing;
  const count = rows.g.length;
  let nodes = [Int32Array.from({ length: count }, (_, row) => row)];
  const splits: TwinSplit[] = [];
  for (let level = 0; level < depth; level++) {
    const chosen = nodes.map((node) => choose(growing, node));
    splits.push(...chosen.map(({ owner, split }) => ({ owner, split })));
    nodes = nodes.flatMap((node, i) => {
      const { left } = chosen[i]!;
      return [node.filter(left), node.filter((row) => !left(row))];
    });
  }
  const places = new Int32Array(count);
  nodes.forEach((node, leaf) => {
    for (const row of node) places[row] = leaf;
  });
  return { splits, leaves: nodes.map((node) => weightOf(whole(sumOf(rows, node)), formats)), places };
}

interface Sums {
  readonly g: number;
  readonly h: number;
  readonly rows: number;
}

function sumOf({ g, h, seen }: Rows, node: Int32Array, left?: Uint8Array): Sums {
  const sums = { g: 0, h: 0, rows: 0 };
  for (const row of node) {
    if (left?.[row] === 0) continue;
    sums.g += g[row]!;
    sums.h += h[row]!;
    sums.rows += seen[row]!;
  }
  return sums;
}

const whole = ({ g, h }: Sums): NodeSums<bigint> => ({ g: BigInt(g), h: BigInt(h) });

interface Chosen extends TwinSplit {
  readonly left: (row: number) => boolean;
}

function choose({ offers, rows, formats, least }: Growing, node: Int32Array): Chosen {
  const total = sumOf(rows, node);
  let best: Gain<bigint> & { readonly sides: readonly Sums[] } = { numerator: 0n, denominator: 1n, sides: [] };
  const unsplit: Chosen = { owner: "guest", split: null, left: () => true };
  let chosen = unsplit;
  offers.forEach(({ splits, left: sideOf }, party) => {
    splits.forEach((split, i) => {
      const side = sideOf(i);
      const left = sumOf(rows, node, side);
      const right = { g: total.g - left.g, h: total.h - left.h, rows: total.rows - left.rows };
      const heavy = [left, right].every((one) => one.rows >= formats.rowsLeast && one.h >= formats.hLeast);
      if (!heavy) return;
      const gain = gainOf(whole(total), whole(left), formats);
      if (gain.numerator * best.denominator <= best.numerator * gain.denominator) return;
      best = { ...gain, sides: [left, right] };
      chosen = { owner: party === 0 ? "guest" : "host", split, left: (row) => side[row] === 1 };
    });
  });
  const score = best.sides.reduce((sum, side) => sum + scoreOf(whole(side), formats), 0n);
  return score > scoreOf(whole(total), formats) + least ? chosen : unsplit;
}
