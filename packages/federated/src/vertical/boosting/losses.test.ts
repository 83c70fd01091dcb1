import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { logProbabilities, probabilities } from "./classes.ts";
import { badness, figuresOf } from "./evaluate.ts";
import { type BoostingParameters, defaultParameters, type Objective, trainTwin } from "./index.ts";
import { lossOf } from "./losses.ts";
import { baseMargin, checkLabels, leafWeight, score } from "./objective.ts";

const allRows = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

describe("losses", () => {
  const at = (changes: Partial<BoostingParameters>) => lossOf({ ...defaultParameters, ...changes });

  test("have the derivatives of what they measure", () => {
    const measures: [Partial<BoostingParameters>, number, (m: number) => number][] = [
      [{ objective: "binary" }, 1, (m) => Math.log1p(Math.exp(-m))],
      [{ objective: "huber", huberSlope: 2 }, 3, (m) => 4 * (Math.hypot(1, (m - 3) / 2) - 1)],
      [{ objective: "poisson", maxDeltaStep: 0 }, 3, (m) => Math.exp(m) - 3 * m],
      [{ objective: "tweedie", tweediePower: 1.3 }, 3, (m) => Math.exp(0.7 * m) / 0.7 + (3 * Math.exp(-0.3 * m)) / 0.3],
    ];
    const step = 1e-4;
    for (const [changes, y, f] of measures)
      for (const m of [-1.5, 0.2, 2]) {
        const loss = at(changes);
        expect(loss.gradient(y, m)).toBeCloseTo((f(m + step) - f(m - step)) / (2 * step), 5);
        expect(loss.hessian(y, m)).toBeCloseTo((f(m + step) - 2 * f(m) + f(m - step)) / step ** 2, 4);
      }
    expect([at({ objective: "absolute" }).gradient(3, 1), at({ objective: "absolute" }).gradient(3, 4)]).toEqual([
      -1, 1,
    ]);
  });

  test("start at the mean or the median, weighted where rows are", () => {
    const labels = Float64Array.of(1, 2, 9, 4);
    const start = (objective: Objective, weights: number[] | null) =>
      at({ objective }).start(labels, allRows(4), weights && Float64Array.from(weights));
    expect([start("regression", null), start("regression", [0, 3, 1, 0])]).toEqual([4, 15 / 4]);
    expect([start("absolute", null), start("absolute", [1, 1, 5, 1])]).toEqual([3, 9]);
    expect(baseMargin({ ...defaultParameters, objective: "poisson" }, labels, allRows(4), null)).toBe(Math.log(4));
  });

  test("of several classes add up: probabilities to 1, gradients to 0", () => {
    const margins = [Float64Array.of(0, 700), Float64Array.of(1, -2), Float64Array.of(-1, 3)];
    const shares = probabilities(margins);
    expect(shares[1]! / shares[0]!).toBeCloseTo(Math.E);
    for (const own of [shares.subarray(0, 3), shares.subarray(3)])
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const logs = logProbabilities(margins);
    const loss = at({ objective: "multi-class", classes: 3 });
    const sum = logs.reduce((total, own, c) => total + loss.gradient(c === 2 ? 1 : 0, own[0]!), 0);
    expect(sum).toBeCloseTo(0, 12);
  });

  test("a leaf's step is bounded, and the gain of a split with it", () => {
    const scoring = { lambda: 0, alpha: 1, gamma: 0, minChildWeight: 0, learningRate: 0.5, gScale: 1, hScale: 1 };
    const [free, bounded] = [0, 2].map((maxDeltaStep) => ({ ...scoring, maxDeltaStep }));
    expect([leafWeight(-9, 2, free!), leafWeight(-9, 2, bounded!)]).toEqual([2, 1]);
    expect([score(-9, 2, free!), score(-9, 2, bounded!)]).toEqual([32, 24]); // 64 / 2; 2 * 8 * 2 - 2 * 4
    expect(score(-4, 2, bounded!)).toBe(score(-4, 2, free!));
  });

  test("rows that weigh nothing count for nothing, and a label's weight is its class's", async () => {
    const columns = [[{ kind: "number" as const, name: "x", values: Float64Array.of(1, 1, 2, 2, 3, 3) }]];
    const labels = Float64Array.of(0, 0, 1, 1, 0, 1);
    const parameters = { ...defaultParameters, trees: 1, depth: 2, minimumRows: 1, minChildWeight: 0 };
    const train = (own: Partial<BoostingParameters>, weights?: Float64Array) =>
      trainTwin({
        ...{ columns, labels, parameters: { ...parameters, ...own }, sampling: seededSampling(1) },
        ...(weights === undefined ? {} : { weights }),
      });
    const class3 = await train({ scalePosWeight: 3 });
    expect(class3.baseMargin).toBeCloseTo(Math.log(3), 12);
    const rows3 = await train(
      { weighted: true },
      labels.map((label) => (label === 1 ? 3 : 1)),
    );
    expect(rows3.trees).toEqual(class3.trees);
    const without = await train({ weighted: true, objective: "regression" }, Float64Array.of(1, 1, 1, 1, 0, 0));
    expect(without.baseMargin).toBe(0.5);
    for (const weights of [Float64Array.of(1, 1), new Float64Array(6), new Float64Array(6).fill(-1)])
      await expect(train({ weighted: true }, weights)).rejects.toMatchObject({ code: "input.weights" });
    await expect(train({ weighted: true })).rejects.toMatchObject({ code: "input.weights" });
  });

  test("refuse labels that are none of theirs", () => {
    const refused = expect.objectContaining({ code: "input.label" });
    for (const [changes, label] of [
      [{ objective: "poisson" }, -1],
      [{ objective: "tweedie" }, Infinity],
      [{ objective: "multi-class", classes: 3 }, 3],
      [{ objective: "multi-class", classes: 3 }, 0.5],
      [{ objective: "absolute" }, Number.NaN],
    ] as const)
      expect(() => checkLabels({ ...defaultParameters, ...changes }, Float64Array.of(1, label))).toThrow(refused);
  });

  test("early stopping watches what it is told to", () => {
    const labels = Float64Array.of(0, 1, 2);
    const shares = Float64Array.of(0.5, 0.3, 0.2, 0.3, 0.4, 0.3, 0.6, 0.2, 0.2);
    const classes = { ...defaultParameters, objective: "multi-class" as const, classes: 3 };
    const figures = figuresOf(classes, labels, shares);
    expect(figures.accuracy).toBeCloseTo(2 / 3);
    expect(figures.loss).toBeCloseTo(-(Math.log(0.5) + Math.log(0.4) + Math.log(0.2)) / 3);
    expect(
      badness({ trees: 1, training: figures, validation: figures }, { metric: "accuracy", customMetric: null }),
    ).toBeCloseTo(-2 / 3);
    const poisson = { ...defaultParameters, objective: "poisson" as const };
    expect(figuresOf(poisson, Float64Array.of(4), Float64Array.of(2)).loss).toBeCloseTo(
      2 - 4 * Math.log(2) + Math.log(24),
    );
    const watched = { ...defaultParameters, metric: "auc" as const };
    const oneClass = figuresOf(watched, Float64Array.of(1, 1), Float64Array.of(0.2, 0.4));
    expect(() =>
      badness({ trees: 1, training: oneClass, validation: oneClass }, { metric: "auc", customMetric: null }),
    ).toThrow(expect.objectContaining({ code: "input.label" }));
  });
});
