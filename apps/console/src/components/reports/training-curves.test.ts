import { expect, test } from "vitest";
import { curvesOf, keptRound, latest, stepsOf, training } from "./training-curves.ts";

const report = training.parse({
  objective: "multi-class",
  loss: "log-loss",
  trees: 6,
  evaluations: [
    { trees: 3, training: { loss: 1, accuracy: 0.5 }, validation: { loss: 1.1, accuracy: 0.4 } },
    { trees: 6, training: { loss: 0.8, accuracy: 0.6 }, validation: { loss: 0.9, accuracy: 0.55 } },
    { trees: 9, training: { loss: 0.6, accuracy: 0.7 }, validation: { loss: 1, accuracy: 0.5 } },
  ],
});

test("a report is drawn by rounds, the loss first, and says after which round trees were kept", () => {
  const curves = curvesOf(stepsOf(report));
  expect(curves.map(({ metric }) => metric)).toEqual(["loss", "accuracy"]);
  expect(curves[0]!.parts.validation).toEqual([
    [1, 1.1],
    [2, 0.9],
    [3, 1],
  ]);
  expect(latest(curves[1]!, "training")).toBe(0.7);
  expect(keptRound(report)).toBe(2);
});

test("of figures as they come in, names that no curve has and what is no number are left out", () => {
  const steps = [
    { step: 1, values: { "training.loss": 2, "training.auc": Number.NaN, "of nothing": 1 } },
    { step: 2, values: { "training.loss": 1, "training.auc": 0.8, "holdout.loss": 4 } },
  ];
  expect(curvesOf(steps)).toEqual([
    {
      metric: "loss",
      parts: {
        training: [
          [1, 2],
          [2, 1],
        ],
      },
    },
    { metric: "auc", parts: { training: [[2, 0.8]] } },
  ]);
  expect(keptRound({ ...report, trees: 9 })).toBeUndefined();
});
