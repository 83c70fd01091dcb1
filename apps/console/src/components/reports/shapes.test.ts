import { expect, test } from "vitest";
import { densities } from "../../lib/densities.ts";
import { effectsOf, fit, placeOf, rangesOf, shownP } from "./coefficients.ts";
import { SHOWN_MAX, shownColumns, strongestPairs } from "./correlation.ts";
import { binary, confusionAtShare, interpolate } from "./shapes.ts";

const report = {
  rows: 100,
  positives: 20,
  auc: 0.8,
  curves: {
    roc: [
      [0, 0],
      [1, 1],
    ],
    ks: {
      tpr: [
        [0, 0],
        [0.1, 0.4],
        [1, 1],
      ],
      fpr: [
        [0, 0],
        [0.1, 0.025],
        [1, 1],
      ],
    },
  },
};

test("a report with withheld parts is still drawn", () => {
  const parsed = binary.parse({ ...report, calibration: "withheld" });
  expect(parsed.calibration).toBeNull();
  expect(parsed.curves.gain).toEqual([]);
  expect(parsed.curves.roc).toHaveLength(2);
});

test("coefficients stand by their effect, with the interval in the same unit", () => {
  const row = { category: null, estimate: null };
  const estimate = { error: 0.5, statistic: 4, p: 6e-5, low: 1, high: 3 };
  const data = fit.parse({
    ...{ family: "poisson", positive: null, intercept: 1 },
    coefficients: [
      { ...row, column: "age", scale: 10, coefficient: 0.3 },
      { column: "plan", category: "b", scale: 2, coefficient: 2, estimate },
    ],
  });
  expect(effectsOf(data)).toMatchObject([
    { name: "plan = b", effect: 4, low: 2, high: 6 },
    { name: "age", effect: 3, low: null, high: null },
  ]);
  const several = fit.parse({
    ...{ family: "multinomial", positive: null, intercept: null },
    classes: { count: 3, names: null, intercepts: null },
    coefficients: [0, 1, 2].map((place) => ({ ...row, column: "age", scale: 10, coefficient: place, class: place })),
  });
  expect(effectsOf(several, 2)).toMatchObject([{ name: "age", effect: 20 }]);
  expect(rangesOf([-0.1, 0, 1234.56])).toEqual(["< -0.1", "-0.1 … 0", "0 … 1230", "≥ 1230"]);
  expect([placeOf(-6, 6), placeOf(0, 6), placeOf(3, 6)]).toEqual([0, 50, 75]);
  expect([estimate.p, 0.0412].map(shownP)).toEqual(["< 0.001", "0.041"]);
});

test("the matrix at a share of rows adds up to all rows", () => {
  const cells = confusionAtShare(binary.parse(report), 0.1);
  // 40 % of 20 positives and 2.5 % of 80 negatives are among the best 10 rows.
  expect(cells).toEqual({ truePositives: 8, falsePositives: 2, falseNegatives: 12, trueNegatives: 78 });
});

test("interpolation stays inside the points", () => {
  const points = [
    [0, 0],
    [0.5, 1],
    [1, 2],
  ] as const;
  expect(interpolate(points, 0.25)).toBe(0.5);
  expect(interpolate(points, 0)).toBe(0);
  expect(interpolate(points, 2)).toBe(2);
  expect(interpolate([], 0.5)).toBe(0);
});

test("a histogram from quantiles is highest where they are closest", () => {
  const heights = densities([0, 1, 2, 3, 100], 10);
  expect(heights).toHaveLength(10);
  expect(heights[0]).toBe(1);
  expect(heights[5]!).toBeLessThan(0.1);
  expect(densities([5, 5, 5], 10)).toEqual([]);
});

test("of many columns those closest to another party's are drawn, and pairs of one party are not the strongest", () => {
  const count = SHOWN_MAX + 4;
  const columns = Array.from({ length: count }, (_, i) => ({ party: i < 20 ? "bank" : "telco", name: `c${i}` }));
  // Two columns of the bank are alike; across, only the first and the last have anything in common.
  const matrix = columns.map((_, i) =>
    columns.map((_, j) => {
      const pair = [Math.min(i, j), Math.max(i, j)].join();
      return i === j ? 1 : pair === "1,2" ? 0.9 : pair === `0,${count - 1}` ? -0.4 : 0;
    }),
  );
  const shown = shownColumns({ columns, matrix });
  expect(shown.length).toBe(SHOWN_MAX);
  expect([shown[0], shown.at(-1)]).toEqual([0, count - 1]);
  expect(strongestPairs({ columns, matrix }, 1)).toEqual([{ left: 0, right: count - 1, value: -0.4 }]);
  expect(shownColumns({ columns, matrix: null })).toEqual([]);
});
