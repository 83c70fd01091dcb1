import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  binOf,
  countsOf,
  quantileOf,
  ROWS_FOR_STABILITY,
  rankedArea,
  scoreEdges,
  stabilityIndex,
  sum,
} from "./figures.ts";

describe("histograms", () => {
  test("an edge belongs to the bin it ends", () => {
    expect([0, 1, 1.5, 2, 2.5].map((value) => binOf([1, 2], value))).toEqual([0, 0, 1, 1, 2]);
  });

  test("every value is in one bin", () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 }), (values) => {
        const edges = scoreEdges(values);
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)).toBe(true);
        expect(sum(countsOf(edges, values))).toBe(values.length);
      }),
    ));

  test("scores between 0 and 1 have bins of a twentieth", () => {
    expect(scoreEdges([0.2, 0.9])[0]).toBeCloseTo(0.05);
    expect(scoreEdges([-3, 8]).length).toBe(19);
  });

  test("a quantile lies in the bin that holds it, linearly", () => {
    expect(quantileOf([1, 2, 3], [10, 10, 0, 0], 0.5)).toBe(1);
    expect(quantileOf([1, 2, 3], [0, 10, 10, 0], 0.75)).toBe(2.5);
    expect(quantileOf([1, 2], [0, 0, 0], 0.5)).toBeNull();
    // The last bin is open: no more can be said than where it begins.
    expect(quantileOf([1, 2], [0, 0, 4], 0.99)).toBe(2);
  });
});

describe("population stability", () => {
  test("known answer: two bins, halves against a quarter and three", () => {
    // (0.25 - 0.5) ln(0.25 / 0.5) + (0.75 - 0.5) ln(0.75 / 0.5)
    expect(stabilityIndex([500, 500], [250, 750])).toBeCloseTo(0.27465, 5);
  });

  test("the same shares are 0, too few rows say nothing", () => {
    expect(stabilityIndex([300, 700], [600, 1400])).toBeCloseTo(0);
    expect(stabilityIndex([300, 700], [ROWS_FOR_STABILITY - 1, 0])).toBeNull();
    expect(stabilityIndex([3, 7], [600, 1400])).toBeNull();
  });

  test("thin bins are counted with their neighbours", () => {
    // Bins 1 and 2 hold a hundredth each: single rows in them do not matter.
    expect(stabilityIndex([490, 10, 10, 490], [490, 20, 0, 490])).toBeLessThan(0.01);
  });

  test("never negative", () => {
    const counts = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        expect(stabilityIndex(a, b) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("ranked area", () => {
  test("known answers", () => {
    expect(rankedArea([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(rankedArea([1, 2, 3], [0, 0, 1])).toBe(1);
    expect(rankedArea([3, 3], [0, 1])).toBe(0.5);
    expect(rankedArea([1, 2], [1, 1])).toBeNull();
  });

  test("is the share of pairs in order", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), { minLength: 2 }),
        (rows) => {
          const [yes, no] = [1, 0].map((wanted) =>
            rows.filter(([, outcome]) => outcome === wanted).map(([score]) => score),
          );
          const pairs = yes!.flatMap((a) => no!.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)));
          const found = rankedArea(
            rows.map(([score]) => score),
            rows.map(([, outcome]) => outcome),
          );
          if (pairs.length === 0) expect(found).toBeNull();
          else expect(found).toBeCloseTo(sum(pairs) / pairs.length);
        },
      ),
    ));
});
