/**
 * How sure an AUC is, and the difference of two over the same rows: DeLong, DeLong, Clarke-Pearson, "Comparing the areas
 * under two or more correlated receiver operating characteristic curves", Biometrics 44 (1988), with midranks as in Sun, Xu,
 * IEEE Signal Processing Letters 21 (2014), in time n·log n. Intervals are normal ones, cut at 0 and 1 for an AUC.
 */
import { pValue, quantile } from "../vertical/regression/inference/distributions.ts";
import { checkBinary } from "./checks.ts";

export interface AucEstimate {
  readonly auc: number;
  /** Standard error. */
  readonly error: number;
  readonly low: number;
  readonly high: number;
}

export interface AucComparison {
  readonly first: AucEstimate;
  readonly second: AucEstimate;
  /** First less second, with its standard error and interval. */
  readonly difference: number;
  readonly error: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided, of no difference; null where both rank all rows alike. */
  readonly p: number | null;
}

const LEVEL = 0.95;

/** At the level of 0.95; null with fewer than two rows of either class. */
export function aucEstimate(labels: Float64Array, scores: Float64Array): AucEstimate | null {
  const parts = partsOf(labels, scores);
  return parts === null ? null : estimateOf(parts);
}

/** Both over the same rows in the same order; null with fewer than two rows of either class. */
export function compareAuc(labels: Float64Array, first: Float64Array, second: Float64Array): AucComparison | null {
  const [a, b] = [partsOf(labels, first), partsOf(labels, second)];
  if (a === null || b === null) return null;
  const variance = covariance(a, a) + covariance(b, b) - 2 * covariance(a, b);
  const difference = a.auc - b.auc;
  const error = Math.sqrt(Math.max(0, variance));
  const reach = quantile(1 - LEVEL, null) * error;
  return {
    ...{ first: estimateOf(a), second: estimateOf(b), difference, error },
    ...{ low: difference - reach, high: difference + reach },
    p: error === 0 ? null : pValue(difference / error, null),
  };
}

/** Of each positive the share of negatives below it, of each negative the share of positives above it; ties count half. */
interface Parts {
  readonly auc: number;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

function partsOf(labels: Float64Array, scores: Float64Array): Parts | null {
  checkBinary(labels, scores);
  const [yes, no] = [scores.filter((_, row) => labels[row] === 1), scores.filter((_, row) => labels[row] === 0)];
  const [m, n] = [yes.length, no.length];
  if (m < 2 || n < 2) return null;
  const all = new Float64Array(m + n);
  all.set(yes);
  all.set(no, m);
  const [among, ofYes, ofNo] = [midranks(all), midranks(yes), midranks(no)];
  const positives = yes.map((_, i) => (among[i]! - ofYes[i]!) / n);
  const negatives = no.map((_, j) => 1 - (among[m + j]! - ofNo[j]!) / m);
  return { auc: meanOf(positives), positives, negatives };
}

/** From 1 on, ascending; equal values share the mean of theirs. */
function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) out[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return out;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function estimateOf(parts: Parts): AucEstimate {
  const error = Math.sqrt(Math.max(0, covariance(parts, parts)));
  const reach = quantile(1 - LEVEL, null) * error;
  const { auc } = parts;
  return { auc, error, low: Math.max(0, auc - reach), high: Math.min(1, auc + reach) };
}

/** Of two AUCs. */
const covariance = (a: Parts, b: Parts): number =>
  among(a.positives, b.positives, a.auc, b.auc) + among(a.negatives, b.negatives, a.auc, b.auc);

/** Covariance over one fewer than the rows, over the rows. */
function among(a: Float64Array, b: Float64Array, meanA: number, meanB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / (a.length - 1) / a.length;
}
