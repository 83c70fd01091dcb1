import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { familyOf } from "./families/index.ts";
import { formatsOf } from "./formats.ts";
import { defaultParameters, type RegressionParameters } from "./parameters.ts";
import { residualMax } from "./residuals.ts";
import { prepareRows } from "./rows.ts";
import { solve } from "./solve.ts";
import type { Combined, Space } from "./space.ts";
import { PlainSpace } from "./twin.ts";

const ROWS = 96;
const COLUMNS = 40;
const sampling = seededSampling(3);
const one = Float64Array.from({ length: ROWS }, (_, row) => (row % 2 === 0 ? 1 : -1));
const labels = Float64Array.from({ length: ROWS }, () => sampling.below(2));
/** Columns that are all alike. */
const design = {
  terms: [],
  rows: ROWS,
  columns: Array.from({ length: COLUMNS }, () => one),
  intercept: false,
  lower: null,
};
const sized = { rows: ROWS, columns: COLUMNS, weighted: false };

const plainSpace = (parameters: RegressionParameters): PlainSpace =>
  new PlainSpace(parameters, prepareRows({ labels }, parameters), [design]);

describe("words stay in range, or training ends by name", () => {
  test.each(["quasi-newton", "sgd"] as const)("a square that wrapped around is no length of 0: %s", async (solver) => {
    const parameters = { ...defaultParameters, solver };
    const space = plainSpace(parameters);
    space.products = async (_, others) => new Float64Array(others.length).fill(-4000);
    const run = solve(space, { ...parameters, ...sized }, {}, []);
    await expect(run).rejects.toMatchObject({ code: "input.separable" });
  });

  test.each(["logistic", "linear"] as const)("vectors are no longer than mini-batches say: %s", async (family) => {
    const parameters: RegressionParameters = {
      ...defaultParameters,
      family,
      solver: "sgd",
      batchRows: 16,
      learningRate: 0.5,
      l2: 2,
    };
    const space = plainSpace(parameters);
    let seen = 0;
    const checked: Space<Float64Array> = {
      start: () => space.start(),
      gradient: (weights, part) => space.gradient(weights, part),
      requireRange: (weights) => space.requireRange(weights),
      shrink: (weights, by) => space.shrink(weights, by),
      subtract: (a, b) => space.subtract(a, b),
      products: (own, others) => space.products(own, others),
      combine: (terms: readonly Combined<Float64Array>[]) => {
        for (const { value, norm } of terms) {
          seen++;
          expect(Math.hypot(...value)).toBeLessThanOrEqual(1.001 * norm);
        }
        return space.combine(terms);
      },
    };
    const ended = await solve(checked, { ...parameters, ...sized }, {}, []).catch((error: unknown) => error);
    if (family === "linear") expect(ended).toMatchObject({ code: "input.separable" });
    else expect(ended).toMatchObject({ converged: true });
    expect(seen).toBeGreaterThan(8);
  });

  test("columns that are all alike make residuals as large as their bound", () => {
    const weights = 24;
    const each = weights / Math.sqrt(COLUMNS);
    const predictor = COLUMNS * each;
    const needs = {
      family: familyOf({ ...defaultParameters, family: "linear" }),
      weighted: false,
      columns: COLUMNS,
      parties: 2,
      whitened: false,
      weightsMax: weights,
    } as const;
    expect(residualMax(needs)).toBeGreaterThanOrEqual(predictor);
  });

  test("an L2 penalty is in the formats, or refused with the largest there is room for", () => {
    const needs = { rows: 100, columns: 10, parties: 2, whitened: false, residualMax: 1, weightsMax: 24 };
    const { entry, row } = formatsOf({ ...needs, penalty: 100 });
    expect(2 ** (entry + row) * 100 * (1 + 100 * 24)).toBeLessThan(2 ** 62);
    const refusal = (l2: number) => () => formatsOf({ ...needs, penalty: l2 / needs.rows });
    let most = 0;
    try {
      refusal(1e9)();
    } catch (error) {
      expect(error).toMatchObject({ code: "input.range" });
      most = Number(/at most (\d+)/.exec(String(error))![1]);
    }
    expect(most).toBeGreaterThan(1000);
    expect(refusal(most)).not.toThrow();
    expect(refusal(most + 10)).toThrow(/at most/);
  });
});
