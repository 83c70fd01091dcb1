import { expect, test } from "vitest";
import { crossValidation, linesOf, tableOf } from "./cross-validation.ts";

const report = crossValidation.parse({
  rows: 5,
  before: [],
  folds: [
    { fold: 1, rows: 3, figures: { auc: 0.8, logLoss: 0.5 } },
    { fold: 3, rows: 2, figures: { auc: null, logLoss: 0.7 } },
  ],
  figures: [
    { name: "auc", folds: 1, mean: 0.8, deviation: null, pooled: 0.75 },
    { name: "logLoss", folds: 2, mean: 0.6, deviation: 0.1, pooled: 0.58 },
  ],
});

test("folds are bars, their mean and deviation levels over all of them", () => {
  const [auc, loss] = report.figures;
  expect(linesOf(report, auc!)).toEqual({
    bars: [[1, 0.8]],
    levels: [
      {
        kind: "mean",
        points: [
          [0, 0.8],
          [4, 0.8],
        ],
      },
    ],
  });
  const { bars, levels } = linesOf(report, loss!);
  expect(bars).toHaveLength(2);
  expect(levels.map(({ kind, points }) => [kind, points[0]![1]])).toEqual([
    ["mean", 0.6],
    ["above", 0.7],
    ["below", 0.5],
  ]);
});

test("the table ends with what holds for all folds", () => {
  expect(tableOf(report).map(({ name, rows, figures }) => [name, rows, figures.auc])).toEqual([
    [1, 3, 0.8],
    [3, 2, null],
    ["mean", null, 0.8],
    ["deviation", null, null],
    ["pooled", 5, 0.75],
  ]);
});
