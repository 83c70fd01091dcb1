import { seededSampling } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { gradientBounds, weightsMaxOf } from "./bounds.ts";
import { familyOf } from "./families/index.ts";
import { formatsOf } from "./formats.ts";
import { defaultParameters, type RegressionParameters, ROWS_MAX } from "./parameters.ts";
import { PlainSpace } from "./plain-space.ts";
import { residualMax } from "./residuals.ts";
import { prepareRows } from "./rows.ts";
import { MEAN_SQUARE_MOST } from "./shared-bins/bins.ts";
import { solve } from "./solve.ts";
import type { Combined, Space } from "./space.ts";
import { ADAPT_BITS } from "./steps.ts";

const ROWS = 96;
const COLUMNS = 40;
const sampling = seededSampling(3);
const one = Float64Array.from({ length: ROWS }, (_, row) => (row % 2 === 0 ? 1 : -1));
const labels = Float64Array.from({ length: ROWS }, () => sampling.below(2));
/** Columns that are all alike. */
const columns = Array.from({ length: COLUMNS }, () => one);
const sized = { rows: ROWS, columns: COLUMNS, weighted: false };

const plainSpace = (parameters: RegressionParameters): PlainSpace =>
  new PlainSpace(parameters, prepareRows({ labels }, parameters), columns);

describe("words stay in range, or training ends by name", () => {
  test.each([
    ["quasi-newton", 0],
    ["sgd", 0],
    ["quasi-newton", 1],
  ] as const)("a square that wrapped around is no length of 0: %s, L1 penalty %s", async (solver, l1) => {
    const parameters = { ...defaultParameters, solver, l1 };
    const space = plainSpace(parameters);
    space.products = async (_, others) => new Float64Array(others.length).fill(-4000);
    const run = solve(space, { ...parameters, ...sized }, {}, []);
    await expect(run).rejects.toMatchObject({ code: "input.separable" });
  });

  test.each([
    ["logistic", "momentum"],
    ["linear", "momentum"],
    ["poisson", "momentum"],
    ["logistic", "adam"],
    ["linear", "adam"],
  ] as const)("vectors are no longer than mini-batches say: %s by %s", async (family, optimizer) => {
    const parameters: RegressionParameters = {
      ...defaultParameters,
      family,
      solver: "sgd",
      optimizer,
      earlyStopping: { rounds: 20, fraction: 0.2 },
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
      adapt: (before, gradient, options) => space.adapt(before, gradient, options),
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
    // Of columns that are all alike such steps are far too long, but where residuals are within 1, or their length is not theirs.
    if (family === "logistic" || optimizer === "adam") expect(ended).toMatchObject({ weights: expect.anything() });
    else expect(ended).toMatchObject({ code: "input.separable" });
    expect(seen).toBeGreaterThan(8);
  });

  test.each(["logistic", "linear", "poisson"] as const)(
    "accelerated steps open products of vectors with room alone: %s",
    async (family) => {
      const parameters: RegressionParameters = { ...defaultParameters, family, l1: 0.01, iterations: 60 };
      const space = plainSpace(parameters);
      // A steep slope without an end: steps are as long as they may be.
      space.gradient = async (weights) => weights.map((_, i) => (i === 0 ? -400 : 0));
      let longest = 0;
      const products = space.products.bind(space);
      space.products = async (own, others) => {
        for (const { kind, value } of [own, ...others])
          if (kind === "weights") longest = Math.max(longest, Math.hypot(...value));
        return products(own, others);
      };
      const run = solve(space, { ...parameters, ...sized }, {}, []);
      await expect(run).rejects.toMatchObject({ code: "input.separable" });
      expect(longest).toBeGreaterThan(10);
      expect(longest).toBeLessThanOrEqual(30);
    },
  );

  test("entries of Adam's gradients have room for their squares, of columns on shared bins, too", () => {
    for (const family of ["logistic", "linear"] as const)
      for (const sharedBins of [false, true])
        for (const rows of [64, 100, 4096]) {
          const parameters: RegressionParameters = { ...defaultParameters, ...{ family, sharedBins, batchRows: 16 } };
          const given = { ...parameters, solver: "sgd", optimizer: "adam" } as const;
          const { adaptBits, gradientMax } = gradientBounds({ ...given, rows, columns: 3, weighted: false });
          const longest = gradientMax(weightsMaxOf(given), sharedBins ? MEAN_SQUARE_MOST : 1);
          expect(2 ** adaptBits * longest).toBeLessThanOrEqual(2 ** ADAPT_BITS);
        }
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

  test("sums of cut-off residuals have room, of few rows and of the most", () => {
    for (const family of ["poisson", "gamma", "tweedie"] as const)
      for (const rows of [100, 10_000, 1_000_000, ROWS_MAX])
        for (const weighted of [false, true]) {
          const sizes = { columns: 300, parties: 2, whitened: true, weightsMax: 24 };
          const bound = residualMax({ family: familyOf({ ...defaultParameters, family }), weighted, ...sizes });
          const formats = () => formatsOf({ rows, ...sizes, residualMax: bound, penalty: 0 });
          if (rows === ROWS_MAX && weighted) expect(formats).toThrow(/leave no room/);
          else {
            const { entry, row, gradient } = formats();
            expect(2 ** (entry + row) * rows * bound).toBeLessThan(2 ** 62);
            expect(2 ** gradient * Math.SQRT2 * bound).toBeLessThan(2 ** 30.5);
            expect(row).toBeGreaterThanOrEqual(14);
          }
        }
  });

  test("a residual in the clear is no larger than its bound, wherever its row is", () => {
    for (const family of ["poisson", "gamma", "tweedie"] as const) {
      const rules = familyOf({ ...defaultParameters, family });
      const { each } = rules.residualBounds(0);
      for (const z of [-60, -7, 0, 7, 60])
        for (const label of family === "poisson" ? [0, 1, 4096] : [-128, 0, 8])
          expect(Math.abs(rules.plainResiduals([z], [label])[0]!)).toBeLessThanOrEqual(each);
    }
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
