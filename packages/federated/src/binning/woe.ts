/**
 * Weights of evidence and what a column's bins say of a label of 0 and 1 (Siddiqi, "Credit Risk Scorecards", 2006).
 *
 * Of a bin b with o ones and z zeros, of O and Z in all:  WOE = ln( p / q ), p = (o + s) / (O + s B), q = (z + s) / (Z + s B)
 * with s the smoothing and B the number of bins: above 0 where ones are commoner than in all rows, as toad has it; optbinning
 * and many books have the other sign. IV = sum of (p - q) WOE, 0 or more.
 */
import { TomboloError } from "@tombolo/base";

/** Of bins, or of what bins were merged to. */
export interface BinCounts {
  readonly rows: readonly number[];
  /** Rows whose label is 1. */
  readonly ones: readonly number[];
}

/** Added to each bin's ones and zeros where no other smoothing is asked for and a bin has none of either. */
export const SMOOTHING_EMPTY = 0.5;

export interface Evidence {
  /** Of each bin. */
  readonly woe: readonly number[];
  /** Information value, and each bin's share of it. */
  readonly iv: number;
  readonly ivOf: readonly number[];
  /** Greatest distance between the distributions of ones and zeros over bins in order of WOE, 0 to 1. */
  readonly ks: number;
  /** 2 AUC - 1 of the WOE as a score, 0 to 1. */
  readonly gini: number;
  /** What was added: `smoothing`, or SMOOTHING_EMPTY where that was 0 and a bin has no one or no zero. */
  readonly smoothing: number;
}

/** `smoothing`: 0 or more. Throws `input.label` where all labels are alike. */
export function evidence(counts: BinCounts, smoothing: number): Evidence {
  checkCounts(counts);
  const { ones } = counts;
  const zeros = counts.rows.map((rows, i) => rows - ones[i]!);
  const [allOnes, allZeros] = [sum(ones), sum(zeros)];
  if (allOnes === 0 || allZeros === 0)
    throw new TomboloError("input.label", "the label has one value only", { remedy: "Choose rows with both labels." });
  const isEmpty = ones.some((count, i) => count === 0 || zeros[i] === 0);
  const added = smoothing === 0 && isEmpty ? SMOOTHING_EMPTY : smoothing;
  const bins = ones.length;
  const p = ones.map((count) => (count + added) / (allOnes + added * bins));
  const q = zeros.map((count) => (count + added) / (allZeros + added * bins));
  const woe = p.map((share, i) => Math.log(share / q[i]!));
  const ivOf = woe.map((weight, i) => (p[i]! - q[i]!) * weight);
  return { woe, iv: sum(ivOf), ivOf, ...curves(ones, zeros, allOnes, allZeros), smoothing: added };
}

/** Of the counts as they are, without smoothing. */
function curves(ones: readonly number[], zeros: readonly number[], allOnes: number, allZeros: number) {
  const rate = (i: number): number => ones[i]! / (ones[i]! + zeros[i]!);
  const order = [...ones.keys()].filter((i) => ones[i]! + zeros[i]! > 0).sort((a, b) => rate(a) - rate(b));
  let [onesUpTo, zerosUpTo, ks, area] = [0, 0, 0, 0];
  for (const i of order) {
    // Twice the area under the curve of zeros along ones, less 1, strip by strip.
    area += (ones[i]! / allOnes) * (2 * (zerosUpTo / allZeros) + zeros[i]! / allZeros);
    onesUpTo += ones[i]!;
    zerosUpTo += zeros[i]!;
    ks = Math.max(ks, zerosUpTo / allZeros - onesUpTo / allOnes);
  }
  return { ks, gini: Math.max(0, area - 1) };
}

/** Merged bins' counts; `groups`: of each bin the merged one, numbered from 0. */
export function mergedCounts({ rows, ones }: BinCounts, groups: readonly number[]): BinCounts {
  const count = Math.max(-1, ...groups) + 1;
  const out = { rows: new Array<number>(count).fill(0), ones: new Array<number>(count).fill(0) };
  groups.forEach((group, bin) => {
    out.rows[group]! += rows[bin]!;
    out.ones[group]! += ones[bin]!;
  });
  return out;
}

/** Of codes and labels of 0 and 1, row by row. */
export function countBins(codes: Uint8Array, bins: number, labels: Float64Array): BinCounts {
  const rows = new Array<number>(bins).fill(0);
  const ones = new Array<number>(bins).fill(0);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    rows[code]!++;
    ones[code]! += labels[row]!;
  }
  return { rows, ones };
}

function checkCounts({ rows, ones }: BinCounts): void {
  const good =
    rows.length === ones.length &&
    rows.length > 0 &&
    rows.every(
      (count, i) => Number.isSafeInteger(count) && Number.isSafeInteger(ones[i]) && ones[i]! >= 0 && count >= ones[i]!,
    );
  if (good) return;
  throw new TomboloError(
    "input.bins",
    "counts of bins are not whole numbers, or more rows have label 1 than there are",
    {
      remedy: "Give rows and ones of each bin.",
    },
  );
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
