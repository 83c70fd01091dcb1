/** Gradients in few bits: in range, right on average, the same at twin and parties. */
import { seededSampling } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BoostingParameters, checkParameters, defaultParameters, trainTwin } from "./index.ts";
import { fewBitGradients, gradientBounds, gradientsAt } from "./objective.ts";
import { joinedTrees, parametersOf, sampleTable, type TrainOptions, trainWorld, twinTrees } from "./testing/world.ts";

const rowsOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);

describe("gradients in few bits", () => {
  test("are integers that fit, next to what they stand for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 40 }),
        fc.constantFrom("regression", "huber", "tweedie", "poisson"),
        fc.integer({ min: 2, max: 12 }),
        (values, objective, gradientBits) => {
          const parameters = { ...defaultParameters, objective, gradientBits } as BoostingParameters;
          const labels = Float64Array.from(values, Math.abs);
          const margins = labels.map((_, row) => Math.sin(row));
          const input = { parameters, labels, margins, rows: rowsOf(labels.length), weights: null };
          const few = fewBitGradients(input, seededSampling(1));
          const whole = gradientsAt({ ...input, parameters: { ...parameters, gradientBits: null } });
          const bounds = gradientBounds(parameters, labels.length);
          for (const part of ["g", "h"] as const)
            for (const row of input.rows) {
              const [own, exact] = [few[part][row]!, (whole[part][row]! / whole[`${part}Scale`]) * few[`${part}Scale`]];
              expect(Number.isInteger(own)).toBe(true);
              expect(Math.abs(own)).toBeLessThanOrEqual(bounds[part]);
              expect(Math.abs(own - exact)).toBeLessThan(1.001);
            }
        },
      ),
    );
  });

  test("are right on average", () => {
    const rows = 200_000;
    const parameters: BoostingParameters = { ...defaultParameters, objective: "regression", gradientBits: 2 };
    const labels = new Float64Array(rows).fill(0.3);
    labels[0] = 1;
    const margins = new Float64Array(rows);
    const few = fewBitGradients({ parameters, labels, margins, rows: rowsOf(rows), weights: null }, seededSampling(5));
    const mean = few.g.reduce((sum, g) => sum + g, 0) / few.gScale / rows;
    // Of 200,000 draws the mean is off by 0.0011 at one standard deviation.
    expect(Math.abs(mean + 0.3)).toBeLessThan(0.005);
    expect(new Set(few.g)).toEqual(new Set([-2, -1, 0]));
  });

  test.each([
    ["binary", { gradientBits: 3 }],
    [
      "numbers by additive encryption",
      { objective: "regression", gradientBits: 5, scheme: "okamoto-uchiyama", trees: 1 },
    ],
    ["weighted classes of yes", { gradientBits: 2, scalePosWeight: 4 }],
  ] as const)("give the trees of the twin: %s", async (_, chosen) => {
    const options: TrainOptions = { trees: 2, depth: 3, bins: 8, minimumRows: 3, minChildWeight: 0.1, ...chosen };
    const table = sampleTable(120, 2);
    const trained = await trainWorld(table, options);
    const twin = await trainTwin({ ...table, parameters: parametersOf(options), sampling: seededSampling(7) });
    expect(joinedTrees(trained)).toEqual(twinTrees(twin));
    expect(twinTrees(twin)[0]!.splits.length).toBeGreaterThan(0);
  });

  test("leaves weigh what all bits say", async () => {
    const table = sampleTable(120, 1);
    const options: TrainOptions = { trees: 1, depth: 1, bins: 8, minimumRows: 3, objective: "regression" };
    const train = (more: TrainOptions) =>
      trainTwin({ ...table, parameters: parametersOf({ ...options, ...more }), sampling: seededSampling(7) });
    const [whole, few] = [await train({}), await train({ gradientBits: 6 })];
    const [a, b] = [whole, few].map(({ trees }) => trees[0]!.tree);
    expect(b!.splits[0]!.split).toEqual(a!.splits[0]!.split);
    expect(b!.leaves.map(({ weight }) => weight)).toEqual(a!.leaves.map(({ weight }) => weight));
  });

  test.each([[1], [13], [2.5]])("%s bits are refused by name", (gradientBits) => {
    expect(() => checkParameters({ ...defaultParameters, gradientBits })).toThrow("gradientBits must be");
  });

  test("are whole numbers of labels however near they lie", () => {
    const parameters = { ...defaultParameters, objective: "regression", gradientBits: 4 } as const;
    const [labels, margins] = [Float64Array.of(1e-310, -1e-310, 0), new Float64Array(3)];
    const input = { parameters, labels, margins, rows: Int32Array.of(0, 1, 2), weights: null };
    const { g, gScale } = fewBitGradients(input, seededSampling(1));
    expect([...g, gScale].every(Number.isFinite)).toBe(true);
  });

  test("are refused where gradients have two bits anyway", () => {
    const parameters = { ...defaultParameters, objective: "absolute", gradientBits: 4 } as const;
    expect(() => checkParameters(parameters)).toThrow("gradientBits must be null by absolute error");
  });
});
