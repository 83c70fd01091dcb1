/**
 * The splits that a party offers at every node of every tree: those that planning the root gives (`planNode`). Each is a set of bins of one column, which here are called
 * cells, that go left. To the partner it is their number, that of columns and the number of cells.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { binColumn, checkColumns } from "../binning.ts";
import { binOffsets, countBins } from "../histogram.ts";
import { type BoostingParameters, FEATURES_MAX } from "../parameters.ts";
import { candidateFeature, describeSplit, leftBins, planNode, type Split } from "../split.ts";
import { SHARED_ENTRIES_MAX, SHARED_SIDES_MAX } from "./parameters.ts";

export interface Candidates {
  readonly count: number;
  /** Columns in the table's order, each column's by bin. */
  readonly splits: readonly Split[];
  /** Of each column that has candidates the cell of each row. */
  readonly codes: readonly Uint8Array[];
  /** Of each of these columns: those of the column that has most. */
  readonly cells: number;
  /** Of each candidate 1 for each cell that goes left, of all columns one after the other. */
  readonly sides: Uint8Array;
  /** 1 for each row that goes left. */
  left(place: number): Uint8Array;
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
  const used = [...new Set(singles.map(candidateFeature))];
  const cells = used.reduce((most, f) => Math.max(most, features[f]!.binCount), 0);
  if (used.length * rows > SHARED_ENTRIES_MAX || singles.length * used.length * cells > SHARED_SIDES_MAX)
    throw new TomboloError("input.columns", "too many rows, columns or candidate splits for level shared", {
      remedy: "Use fewer columns, bins or rows.",
    });
  const lefts = singles.map((single) => leftBins(features, { single }).left);
  const columnOf = singles.map((single) => used.indexOf(candidateFeature(single)));
  const codes = used.map((f) => features[f]!.codes);
  return {
    count: singles.length,
    splits: singles.map((single) => describeSplit(features, { single })),
    codes,
    cells,
    sides: sidesOf(lefts, columnOf, used.length, cells),
    left: (place) => {
      const side = lefts[place]!;
      return codes[columnOf[place]!]!.map((code) => side[code]!);
    },
  };
}

function sidesOf(lefts: readonly Uint8Array[], columnOf: readonly number[], columns: number, cells: number) {
  const sides = new Uint8Array(lefts.length * columns * cells);
  lefts.forEach((left, i) => {
    sides.set(left.subarray(0, cells), (i * columns + columnOf[i]!) * cells);
  });
  return sides;
}

/** Of words of all rows the sums by cell, of each column all cells. By halves of 32 bits, which add up exactly in doubles, as many rows as there may be. */
export function sumsByCell({ codes, cells }: Candidates, words: BigUint64Array): BigUint64Array {
  const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  const out = new BigUint64Array(codes.length * cells);
  codes.forEach((of, column) => {
    const [low, high] = [new Float64Array(cells), new Float64Array(cells)];
    for (let row = 0; row < of.length; row++) {
      const cell = of[row]!;
      low[cell] = low[cell]! + halves[2 * row]!;
      high[cell] = high[cell]! + halves[2 * row + 1]!;
    }
    for (let cell = 0; cell < cells; cell++)
      out[column * cells + cell] = BigInt(low[cell]!) + (BigInt(high[cell]!) << 32n);
  });
  return out;
}

/** Of sums by cell those over the left side of each candidate. */
export function sumsOfSides({ count, sides }: Candidates, byCell: BigUint64Array): BigUint64Array {
  const width = byCell.length;
  return BigUint64Array.from({ length: count }, (_, i) => {
    let sum = 0n;
    for (let cell = 0, at = i * width; cell < width; cell++, at++) if (sides[at] === 1) sum += byCell[cell]!;
    return BigInt.asUintN(64, sum);
  });
}
