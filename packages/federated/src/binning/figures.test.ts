import { describe, expect, it } from "vitest";
import { binColumn, countBins, evidence, mergeBins, mergedCounts, mergeSpec, shapeOf } from "./index.ts";
import recorded from "./testing/figures.json" with { type: "json" };

const RATES = [0.05, 0.08, 0.2, 0.12, 0.3, 0.25, 0.4, 0.6, 0.5, 0.35];
const ROWS = 2000;
const x = Float64Array.from({ length: ROWS }, (_, i) => (i * 7919) % 2003);
const labels = x.map((value, i) =>
  Number(((i * 104729) % 10007) / 10007 < RATES[Math.min(9, Math.floor(value / 201))]!),
);
const { fine, codes } = binColumn(
  { kind: "number", name: "x", values: x },
  { method: "quantile", bins: 20, minimumRows: 1, edges: null, special: [] },
);
const counts = countBins(codes, fine.rows.length, labels);
const startsOf = (spec: object): number[] => {
  const groups = mergeBins(shapeOf(fine), counts, mergeSpec.parse({ binsMax: 5, minimumShare: 0.05, ...spec }));
  return groups.flatMap((group, bin) => (group === groups[bin - 1] ? [] : [bin]));
};

describe("bins are those of other software on the same column", () => {
  it("at quantiles, of scikit-learn's KBinsDiscretizer", () => {
    expect(counts).toEqual({ rows: recorded.fine.rows, ones: recorded.fine.ones });
    // It cuts between two values, we at the upper one.
    if (fine.kind === "number")
      for (const [i, edge] of fine.edges.entries()) expect(edge).toBe(Math.ceil(recorded.fine.edges[i]!));
  });

  it("by weight, of optbinning, whose sign is the other", () => {
    const { woe, iv, ks, gini } = evidence(counts, 0);
    for (const [i, weight] of woe.entries()) expect(-weight).toBeCloseTo(recorded.evidence.woe[i]!, 7);
    expect(iv).toBeCloseTo(recorded.evidence.iv[0]!, 7);
    expect(ks).toBeCloseTo(recorded.evidence.ks[0]!, 7);
    expect(gini).toBeCloseTo(recorded.evidence.gini[0]!, 7);
  });

  it.each(["none", "ascending", "descending", "peak", "valley"] as const)(
    "merged by most information, %s, of optbinning",
    (trend) => {
      const { starts, iv } = recorded[`optimal-${trend}`];
      expect(startsOf({ trend })).toEqual(starts);
      const groups = mergeBins(shapeOf(fine), counts, mergeSpec.parse({ trend, binsMax: 5 }));
      expect(evidence(mergedCounts(counts, groups), 0).iv).toBeCloseTo(iv[0]!, 7);
    },
  );

  it.each(["entropy", "gini"] as const)("cut by %s, of scikit-learn's DecisionTreeClassifier", (criterion) => {
    expect(startsOf({ method: "tree", criterion })).toEqual(recorded[`tree-${criterion}`].starts);
  });

  it("merged by chi-squared, of toad without its weights", () => {
    expect(startsOf({ method: "chi-merge", minimumShare: 0, chiSquared: 0 })).toEqual(recorded["chi-merge"].starts);
  });
});
