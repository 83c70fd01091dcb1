import { describe, expect, it } from "vitest";
import { withSigns } from "./bin-names.ts";
import { type BinnedColumn, informationOf, mergedBins, moved, poorBins, rangeName, withCut } from "./binning.ts";

const column: BinnedColumn = {
  ...{ party: "telco", id: 0, name: null, ordered: true, ordinary: 3, missing: true, fineNames: null },
  ...{ rows: [110, 100, 90, 20], ones: [10, 40, 50, 3], groups: [0, 1, 1, 2], woe: null, figures: null },
};

describe("merges of fine bins", () => {
  it("weigh as the node does: ln of the share of ones over that of zeros, smoothed", () => {
    const bins = mergedBins(column, [0, 1, 1, 1], 0.5);
    expect(bins.map(({ rows, ones }) => [rows, ones])).toEqual([
      [110, 10],
      [210, 93],
    ]);
    expect(bins[0]!.woe).toBeCloseTo(Math.log(10.5 / 104 / (100.5 / 218)), 12);
    expect(informationOf(bins)).toBeGreaterThan(0);
    expect(informationOf(mergedBins(column, [0, 0, 0, 0], 0.5))).toBeCloseTo(0, 12);
  });

  it("show what is too poor in a label, unless all is one bin", () => {
    expect(poorBins(mergedBins(column, [0, 1, 1, 2], 0.5), 5).map(({ bins }) => bins)).toEqual([[3]]);
    expect(poorBins(mergedBins({ ...column, ones: [0, 0, 0, 1] }, [0, 0, 0, 0], 0.5), 5)).toEqual([]);
  });

  it("are cut and joined between neighbours, missing values staying where they are", () => {
    expect(withCut([0, 0, 0, 1], 1, 3)).toEqual([0, 1, 1, 2]);
    expect(withCut([0, 1, 1, 0], 2, 3)).toEqual([0, 1, 2, 0]);
    expect(withCut([0, 0, 0, 0], 2, 3)).toEqual([0, 0, 1, 0]);
    expect(withCut([0, 1, 2, 1], 1, 3)).toEqual([0, 0, 1, 0]);
  });

  it("move single bins, to others or by themselves", () => {
    expect(moved([0, 1, 2], 0, 2)).toEqual([0, 1, 0]);
    expect(moved([0, 0, 0], 1, null)).toEqual([0, 1, 0]);
  });

  it("name a range by its ends", () => {
    expect(rangeName("(-∞, 3)", "[5, 9)")).toBe("(-∞, 9)");
  });

  it("say signs in words where they stand alone", () => {
    const signs = { "*": "others", "∅": "missing" };
    expect(withSigns("home: owner | *, rent, ∅", signs)).toBe("home: owner | others, rent, missing");
    expect(withSigns("a*b: *", signs)).toBe("a*b: others");
  });
});
