import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acceptedOnly,
  bandsOf,
  checkLabels,
  checkScores,
  fuzzy,
  hardCutoff,
  parcelling,
  reweighting,
} from "./reject-inference.ts";

const N = Number.NaN;
/** Two bands of four accepted each, with a quarter and a half of them bad; two rejected in the first, four in or beyond the second. */
const applicants = {
  scores: Float64Array.of(0.1, 0.12, 0.15, 0.2, 0.3, 0.4, 0.45, 0.5, 0.05, 0.18, 0.35, 0.48, 0.6, 0.9),
  labels: Float64Array.of(0, 0, 1, 0, 0, 1, 1, 0, N, N, N, N, N, N),
};
const rejects = (values: Float64Array): number[] => [...values].slice(8);

describe("reject inference, by hand", () => {
  it("makes bands of the accepted's quantiles, open at both ends", () => {
    expect(bandsOf(applicants, 2).bands).toEqual([
      { from: null, to: 0.2, accepted: 4, bad: 1, rejected: 2 },
      { from: 0.2, to: null, accepted: 4, bad: 2, rejected: 4 },
    ]);
    // Equal scores are in one band, so that there can be fewer.
    const alike = { ...applicants, scores: applicants.scores.map(() => 0.5) };
    expect(bandsOf(alike, 5).bands).toHaveLength(1);
  });

  it("calls rejected bad from the cutoff on", () => {
    const { bad, weights } = hardCutoff(applicants, 0.48);
    expect(rejects(bad)).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...bad].slice(0, 8)).toEqual([...applicants.labels].slice(0, 8));
    expect(new Set(weights)).toEqual(new Set([1]));
  });

  it("calls as many of a band bad as its accepted are, or as much oftener as said, and draws which", () => {
    const bands = bandsOf(applicants, 2);
    const ranks = BigUint64Array.from(applicants.scores, (_, row) => BigInt(100 - row));
    // round(2 · 1/4) of the first band, 4 · 2/4 of the second: the last rows have the lowest ranks.
    expect(rejects(parcelling(applicants, bands, { factor: 1, ranks }).bad)).toEqual([0, 1, 0, 0, 1, 1]);
    expect(rejects(parcelling(applicants, bands, { factor: 1.5, ranks }).bad)).toEqual([0, 1, 0, 1, 1, 1]);
    expect(rejects(parcelling(applicants, bands, { factor: 9, ranks }).bad)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("takes rejected as bad by their probability", () => {
    expect(rejects(fuzzy(applicants, 1).bad)).toEqual([0.05, 0.18, 0.35, 0.48, 0.6, 0.9]);
    expect(rejects(fuzzy(applicants, 2).bad)).toEqual([0.1, 0.36, 0.7, 0.96, 1, 1]);
    const points = { ...applicants, scores: applicants.scores.map((score) => 700 - 100 * score) };
    expect(() => fuzzy(points, 1)).toThrow(expect.objectContaining({ code: "input.columns" }));
  });

  it("lets the accepted of a band stand for its rejected", () => {
    const { weights } = reweighting(applicants, bandsOf(applicants, 2));
    expect([...weights]).toEqual([1.5, 1.5, 1.5, 1.5, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0]);
    expect([...acceptedOnly(applicants).weights]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("refuses all accepted, none accepted, labels that are all alike and missing scores", () => {
    const codeOf = (labels: Float64Array, scores = applicants.scores): unknown => {
      try {
        checkLabels(labels);
        checkScores(scores);
      } catch (error) {
        return (error as { code: unknown }).code;
      }
      return null;
    };
    const { labels, scores } = applicants;
    expect(codeOf(labels)).toBeNull();
    expect(codeOf(labels.map((label) => (Number.isNaN(label) ? 0 : label)))).toBe("input.rows");
    expect(codeOf(labels.map(() => N))).toBe("input.rows");
    expect(codeOf(labels.map((label) => 0 * label))).toBe("input.label");
    expect(codeOf(labels, scores.with(3, N))).toBe("input.missing-values");
  });
});

it("keeps the number of applicants and the accepted's labels", () => {
  const row = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.constantFrom(0, 1, N) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 3, maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (rows, count) => {
      const own = {
        scores: Float64Array.from(rows, ({ score }) => score),
        labels: Float64Array.from(rows, ({ label }) => label),
      };
      fc.pre(own.labels.some((label) => !Number.isNaN(label)));
      const bands = bandsOf(own, count);
      expect(bands.bands.every(({ accepted }) => accepted > 0)).toBe(true);
      const { weights } = reweighting(own, bands);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(rows.length, 9);
      const ranks = BigUint64Array.from(rows, (_, i) => BigInt(i));
      const { bad } = parcelling(own, bands, { factor: 1, ranks });
      own.labels.forEach((label, i) => {
        if (!Number.isNaN(label)) expect(bad[i]).toBe(label);
      });
    }),
    { numRuns: 50 },
  );
});
