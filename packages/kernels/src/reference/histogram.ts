/** Shares of sums of words by cell, from trees of which one side lacks a leaf at each row's cell. */
import { elementCount, requireRange } from "../checks.ts";
import { joinIntegers, splitIntegers } from "../little-endian.ts";
import type { HistogramRun, VoleKernels } from "../vole-kernels.ts";
import { BLOCK, counter, encrypt } from "./gf128.ts";
import { expandTrees, punctureTrees } from "./ggm.ts";

const WORD = 8;
const GROUP = 64;
const PAIRS_MAX = 64;
const DEPTH_MAX = 8;

export const histogramShares: VoleKernels["histogramShares"] = async (run, seeds, values) => {
  const rows = elementCount(seeds, BLOCK);
  checkRun(run, rows, values);
  const sums = newSums(run);
  const corrections = splitIntegers(values, WORD);
  expandTrees(seeds, run.depth, run.salt).forEach(({ leaves }, row) => {
    wordsOf(run, row, leaves).forEach((cells, vector) => {
      const at = row * 2 * run.pairs + vector;
      corrections[at] = wrapped(corrections[at]! + total(cells));
      addCells(run, sums, vector, cells);
    });
  });
  return {
    shares: joinIntegers(
      sums.map((sum) => wrapped(-sum)),
      WORD,
    ),
    corrections: joinIntegers(corrections, WORD),
  };
};

export const histogramSharesPunctured: VoleKernels["histogramSharesPunctured"] = async (
  run,
  others,
  positions,
  corrections,
) => {
  checkRun(run, positions.length, corrections);
  const cellOf = (row: number): number => positions[row]! ^ run.shifts[row]!;
  requireRange(
    positions.every((_, row) => cellOf(row) < run.cells),
    "a row's cell among the cells",
  );
  const sums = newSums(run);
  const given = splitIntegers(corrections, WORD);
  punctureTrees(others, positions, run.depth, run.salt).forEach((leaves, row) => {
    wordsOf(run, row, leaves).forEach((cells, vector) => {
      cells[cellOf(row)] = 0n;
      cells[cellOf(row)] = given[row * 2 * run.pairs + vector]! - total(cells);
      addCells(run, sums, vector, cells);
    });
  });
  return joinIntegers(sums.map(wrapped), WORD);
};

const newSums = ({ pairs, cells }: HistogramRun): bigint[] => new Array<bigint>(2 * pairs * cells).fill(0n);
const total = (words: readonly bigint[]): bigint => words.reduce((sum, word) => sum + word, 0n);
const wrapped = (word: bigint): bigint => BigInt.asUintN(64, word);

/** Of each vector the words of all cells of a row. */
function wordsOf({ shifts, cells, pairs, stream }: HistogramRun, row: number, leaves: readonly bigint[]): bigint[][] {
  const seeds = Array.from({ length: cells }, (_, cell) => leaves[cell ^ shifts[row]!]!);
  const keys = counter(stream, Math.floor(row / GROUP) * pairs, pairs);
  return keys.flatMap((key) => {
    const blocks = encrypt(joinIntegers([key], BLOCK), seeds).map((block, i) => block ^ seeds[i]!);
    return [blocks.map(wrapped), blocks.map((block) => block >> 64n)];
  });
}

function addCells({ cells }: HistogramRun, sums: bigint[], vector: number, words: readonly bigint[]): void {
  words.forEach((word, cell) => {
    const at = 2 * (Math.floor(vector / 2) * cells + cell) + (vector % 2);
    sums[at] = sums[at]! + word;
  });
}

function checkRun({ depth, cells, pairs, shifts }: HistogramRun, rows: number, values: Uint8Array): void {
  const within = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;
  requireRange(within(depth, DEPTH_MAX), "a tree of at most 8 levels");
  requireRange(within(cells, 2 ** depth), "a leaf for each cell");
  requireRange(within(pairs, PAIRS_MAX), "1 to 64 pairs of vectors");
  requireRange(
    shifts.every((shift) => shift < 2 ** depth),
    "a shift within the tree",
  );
  requireRange(shifts.length === rows && values.length === rows * pairs * BLOCK, "a shift and all values of each row");
}
