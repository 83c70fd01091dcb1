import { checkParameters, METRICS, OBJECTIVES } from "@tombolo/federated/vertical/boosting";
import fc from "fast-check";
import { expect, it } from "vitest";
import { trainingFaults } from "./parameter-faults.ts";
import { boostingParameters, type Parameters, parameters } from "./parameters.ts";

const names = (given: object, hosts = 1): string[] =>
  trainingFaults(parameters.parse(given), hosts).map(({ parameter }) => parameter);

it("says what does not go together, each under its parameter", () => {
  expect(names({})).toEqual([]);
  expect(names({ objective: "multi-class" })).toEqual(["classes"]);
  expect(names({ objective: "multi-class", classes: 3, trees: 2000, baseScore: 1 })).toEqual(["trees", "baseScore"]);
  expect(names({ classes: 3, metric: "accuracy", baseScore: 1 })).toEqual(["classes", "metric", "baseScore"]);
  expect(names({ metric: "custom" })).toEqual(["customMetric"]);
  expect(names({ customMetric: { terms: [{ figure: "rmse" }] }, calibration: "platt" })).toEqual([
    ...["customMetric", "customMetric", "calibration"],
  ]);
  expect(names({ objective: "absolute", gradientBits: 4 })).toEqual(["gradientBits"]);
  expect(names({ objective: "poisson", baseScore: 0, scalePosWeight: 2 })).toEqual(["scalePosWeight", "baseScore"]);
  expect(names({ forest: true, guestOnlyTrees: 1, earlyStopping: {} })).toEqual([
    ...["subsample", "earlyStopping", "guestOnlyTrees"],
  ]);
  expect(names({ goss: { top: 0.5, other: 0.5 }, subsample: 0.5 })).toEqual(["goss", "subsample", "goss"]);
  expect([
    names({ goss: {} }, 0),
    names({ goss: {}, guestOnlyTrees: 2 }),
    names({ trees: 2, guestOnlyTrees: 3 }),
  ]).toEqual([[], [], ["guestOnlyTrees"]]);
});

const unlike = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> => fc.oneof(fc.constant(usual), other);

it("finds a fault wherever training itself would refuse the parameters, and nowhere else", () => {
  const share = unlike(1, fc.constantFrom(0.3, 0.5));
  const given = fc.record({
    objective: fc.constantFrom(...OBJECTIVES),
    classes: unlike<number | null>(null, fc.integer({ min: 2, max: 32 })),
    trees: fc.constantFrom(1, 50, 200, 5000),
    guestOnlyTrees: fc.constantFrom(0, 2, 60),
    scalePosWeight: fc.constantFrom(1, 3),
    metric: fc.constantFrom(...METRICS),
    gradientBits: unlike<number | null>(null, fc.integer({ min: 2, max: 12 })),
    baseScore: unlike<number | null>(null, fc.constantFrom(-1, 0, 0.5, 1, 2)),
    forest: fc.boolean(),
    subsample: share,
    colsample: share,
    calibration: unlike<Parameters["calibration"]>("none", fc.constantFrom("platt", "isotonic")),
    customMetric: unlike<object | null>(
      null,
      fc.record({
        terms: fc.constantFrom(
          [{ figure: "auc" }],
          [{ figure: "rmse" }],
          [{ figure: "cost", at: 2 }],
          [{ figure: "ks", weight: 0 }],
        ),
      }),
    ),
    earlyStopping: fc.constantFrom(null, { rounds: 5, fraction: 0.1 }),
    goss: unlike<Parameters["goss"]>(
      null,
      fc.record({ top: fc.constantFrom(0.2, 0.8), other: fc.constantFrom(0.1, 0.5) }),
    ),
  });
  fc.assert(
    fc.property(given, (values) => {
      const read = parameters.parse(values);
      const refused = (() => {
        try {
          checkParameters(boostingParameters(read));
          return false;
        } catch {
          return true;
        }
      })();
      expect(trainingFaults(read, 0).length > 0).toBe(refused);
    }),
    { numRuns: 500 },
  );
});
