/**
 * The splits that a party offers at every node of every tree: those that planning the root gives (`planNode`), of which each is one row of a matrix of 0 and 1 over
 * the training rows: 1 where a row goes left. To the partner it is their number alone.
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { ClearMatrix } from "@tombolo/protocols/matrix-product";
import { binColumn, checkColumns, type Feature } from "../binning.ts";
import { binOffsets, countBins } from "../histogram.ts";
import { type BoostingParameters, FEATURES_MAX } from "../parameters.ts";
import { candidateFeature, describeSplit, leftBins, planNode, type Split } from "../split.ts";
import { SHARED_ENTRIES_MAX } from "./parameters.ts";

export interface Candidates extends ClearMatrix {
  readonly count: number;
  /** Columns in the table's order, each column's by bin. */
  readonly splits: readonly Split[];
  /** Row by row, a byte each. */
  readonly entries: Uint8Array;
}

/** Throws `input.columns` for more than memory holds. */
export function candidatesOf(columns: readonly Column[], rows: number, parameters: BoostingParameters): Candidates {
  checkColumns(columns, rows);
  if (columns.length > FEATURES_MAX)
    throw new TomboloError("input.columns", `more than ${FEATURES_MAX} columns`, { remedy: "Choose fewer columns." });
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const features = columns.map((column) => binColumn(column, all, parameters));
  const offsets = binOffsets(features);
  const active = new Uint8Array(features.length).fill(1);
  const { singles } = planNode(features, active, countBins(features, offsets, all), offsets, parameters.minimumRows);
  if (singles.length * rows > SHARED_ENTRIES_MAX)
    throw new TomboloError("input.columns", "too many rows and candidate splits for level shared", {
      remedy: "Use fewer columns, bins or rows.",
    });
  const sides = singles.map((single) => leftBins(features, { single }).left);
  const of = singles.map(candidateFeature);
  const entries = new Uint8Array(singles.length * rows);
  singles.forEach((_, i) => {
    const { codes } = features[of[i]!]!;
    const left = sides[i]!;
    for (let row = 0, at = i * rows; row < rows; row++, at++) entries[at] = left[codes[row]!]!;
  });
  return {
    count: singles.length,
    splits: singles.map((single) => describeSplit(features, { single })),
    entries,
    times: (words) => candidateSums(words, { features, offsets, sides, of }),
  };
}

interface Binned {
  readonly features: readonly Feature[];
  readonly offsets: Int32Array;
  /** By candidate: which bins go left, and of which column. */
  readonly sides: readonly Uint8Array[];
  readonly of: readonly number[];
}

/** By bins, whose halves of 32 bits add up exactly in doubles, as many rows as there may be. */
function candidateSums(words: BigUint64Array, { features, offsets, sides, of }: Binned): BigUint64Array {
  const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  const [low, high] = [new Float64Array(offsets.at(-1)!), new Float64Array(offsets.at(-1)!)];
  features.forEach(({ codes }, f) => {
    const first = offsets[f]!;
    for (let row = 0; row < codes.length; row++) {
      const bin = first + codes[row]!;
      low[bin] = low[bin]! + halves[2 * row]!;
      high[bin] = high[bin]! + halves[2 * row + 1]!;
    }
  });
  return BigUint64Array.from(sides, (left, i) => {
    const [first, end] = [offsets[of[i]!]!, offsets[of[i]! + 1]!];
    let sum = 0n;
    for (let bin = first; bin < end; bin++)
      if (left[bin - first] === 1) sum += BigInt(low[bin]!) + (BigInt(high[bin]!) << 32n);
    return BigInt.asUintN(64, sum);
  });
}
