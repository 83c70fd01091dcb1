/**
 * Population stability index: how far a later sample of scores has moved from the one a model was built on (Siddiqi,
 * "Credit Risk Scorecards", 2006). Σ (actual - expected)·ln(actual / expected) over the shares in each bin; at least 0.
 * By convention below 0.1 stable, up to 0.25 worth a look, above moved.
 */
import { TomboloError } from "@tombolo/base";
import { bins } from "./bins.ts";
import { checkFinite } from "./checks.ts";

export interface StabilityBin {
  /** Scores above `from` (null: any) up to `to` (null: any). */
  readonly from: number | null;
  readonly to: number | null;
  readonly expected: number;
  readonly actual: number;
}

export interface Stability {
  readonly index: number;
  readonly verdict: "stable" | "shifted" | "moved";
  readonly bins: readonly StabilityBin[];
}

/** An empty share counts as this much, or its logarithm would be infinite. */
const SHARE_MIN = 1e-4;

export function populationStability(
  expected: Float64Array,
  actual: Float64Array,
  { binCount = 10, minimumRows = 1 }: { readonly binCount?: number; readonly minimumRows?: number } = {},
): Stability {
  if (expected.length === 0 || actual.length === 0)
    throw new TomboloError("input.evaluation-rows", "a stability index needs two samples");
  checkFinite(expected);
  checkFinite(actual);
  // Quantiles of the expected sample; the last bin is open above.
  const tops = bins(expected, binCount, minimumRows).map((rows) => expected[rows.at(-1)!]!);
  const edges = tops.slice(0, -1);
  const [before, after] = [shares(expected, edges), shares(actual, edges)];
  const found = before.map((share, i) => ({
    from: edges[i - 1] ?? null,
    to: edges[i] ?? null,
    expected: share,
    actual: after[i]!,
  }));
  const index = found.reduce((total, bin) => total + contribution(bin), 0);
  return { index, verdict: index < 0.1 ? "stable" : index <= 0.25 ? "shifted" : "moved", bins: found };
}

function contribution(bin: Pick<StabilityBin, "expected" | "actual">): number {
  const [expected, actual] = [Math.max(bin.expected, SHARE_MIN), Math.max(bin.actual, SHARE_MIN)];
  return (actual - expected) * Math.log(actual / expected);
}

function shares(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const bin = edges.findIndex((edge) => value <= edge);
    counts[bin < 0 ? edges.length : bin]! += 1;
  }
  return counts.map((count) => count / values.length);
}

/** The same index over categories, by how many rows have each; those that one sample lacks count as empty there. */
export function categoryStability(
  expected: ReadonlyMap<string | null, number>,
  actual: ReadonlyMap<string | null, number>,
): number {
  const total = (counts: ReadonlyMap<string | null, number>): number => counts.values().reduce((sum, n) => sum + n, 0);
  const [before, after] = [total(expected), total(actual)];
  if (before === 0 || after === 0)
    throw new TomboloError("input.evaluation-rows", "a stability index needs two samples");
  return [...new Set([...expected.keys(), ...actual.keys()])].reduce((sum, category) => {
    const shares = {
      expected: (expected.get(category) ?? 0) / before,
      actual: (actual.get(category) ?? 0) / after,
    };
    return sum + contribution(shares);
  }, 0);
}
