import { expect, test } from "vitest";
import { distributionOf, rateLines, ratesOf, rejectInference } from "./reject-inference.ts";

const report = rejectInference.parse({
  method: "parcelling",
  meaning: "yes",
  factor: 1,
  cutoff: null,
  accepted: { rows: 8, yes: 2 },
  rejected: { rows: 4, yes: 2 },
  bands: [
    { from: null, to: 0.5, accepted: 4, yes: 1, rejected: 0, inferred: 0, weight: null },
    { from: 0.5, to: null, accepted: 4, yes: 1, rejected: 4, inferred: 2, weight: null },
  ],
  distribution: [
    { from: 0, to: 0.5, accepted: 6, rejected: 1 },
    { from: 0.5, to: 1, accepted: 2, rejected: 3 },
  ],
});

test("rates are of the rows they are of, and of none where none count", () => {
  expect(ratesOf(report)).toEqual({ accepted: 0.25, rejected: 0.5, all: 4 / 12 });
  expect(ratesOf({ ...report, rejected: { rows: 4, yes: null } })).toEqual({
    accepted: 0.25,
    rejected: null,
    all: null,
  });
  expect(rateLines(report.bands)).toEqual({
    accepted: [
      [1, 0.25],
      [2, 0.25],
    ],
    rejected: [[2, 0.5]],
  });
});

test("the accepted's scores and the rejected's are each drawn as shares", () => {
  expect(distributionOf(report)).toEqual({
    accepted: [
      [0.25, 0.75],
      [0.75, 0.25],
    ],
    rejected: [
      [0.25, 0.25],
      [0.75, 0.75],
    ],
  });
});
