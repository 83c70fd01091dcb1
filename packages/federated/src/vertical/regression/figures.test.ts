import { describe, expect, test } from "vitest";
import { classFamilyOf, termValues, trainTwin } from "./index.ts";
import recorded from "./testing/figures.json" with { type: "json" };
import {
  classTable,
  type Options,
  sampleColumns,
  sampleTable,
  skewedTable,
  type Table,
  twinInput,
} from "./testing/world.ts";

const ROWS = 200;

/** With the intercept where all columns are 0, or at their means. */
async function coefficientsOf(table: Table, options: Options, centred = false): Promise<number[]> {
  const { parties, converged } = await trainTwin(twinInput(table, options));
  expect(converged).toBe(true);
  const terms = parties.flatMap(({ terms: own, coefficients }) =>
    own.map((term, i) => ({ ...term, coefficient: coefficients[i]! })),
  );
  if (centred) return [...parties[0]!.intercepts, ...terms.map(({ coefficient, scale }) => coefficient * scale)];
  const shift = terms.reduce((sum, { mean, coefficient }) => sum + mean * coefficient, 0);
  return [parties[0]!.intercepts[0]! - shift, ...terms.map(({ coefficient }) => coefficient)];
}

/** Three significant digits, of small coefficients as many places as of the largest error. */
function expectClose(values: readonly number[], expected: readonly number[], errors: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(
      Math.max(5e-4 * Math.abs(expected[i]!), 1e-3 * errors[i]!),
    );
  });
}

/** The twin's coefficients are those of training on shares (regression.test.ts). */
describe("coefficients are those of statsmodels and scikit-learn on the joined table", () => {
  test("logistic", async () => {
    const { coefficients, errors } = recorded.logistic;
    expectClose(await coefficientsOf(sampleTable(ROWS), { tolerance: 1e-6 }), coefficients, errors);
  });

  test("linear", async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    const { coefficients, errors } = recorded.linear;
    expectClose(
      await coefficientsOf({ ...columns, labels }, { family: "linear", tolerance: 1e-6 }),
      coefficients,
      errors,
    );
  });

  test.each(["poisson", "gamma", "tweedie"] as const)("%s, with offsets, of skewed labels", async (family) => {
    const { coefficients, errors } = recorded[family];
    expectClose(await coefficientsOf(skewedTable(ROWS, family), { family, tolerance: 1e-6 }), coefficients, errors);
  });

  test("linear and logistic elastic nets, with 0 for the same coefficients", async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    const nets = [
      [recorded.elastic, { ...columns, labels }, { family: "linear", l1: 30, l2: 20 }],
      [recorded.elasticLogistic, sampleTable(ROWS), { l1: 8, l2: 2 }],
    ] as const;
    for (const [{ coefficients }, table, options] of nets) {
      const values = await coefficientsOf(table, { ...options, tolerance: 1e-7, iterations: 1000 }, true);
      const errors = coefficients.map((coefficient) => 0.1 * Math.abs(coefficient));
      expectClose(values.slice(1), coefficients.slice(1), errors.slice(1));
      expect(values.map((value) => value === 0)).toEqual(coefficients.map((value) => value === 0));
      expect(values).toContain(0);
    }
  });

  test.each([
    ["multinomial", recorded.multinomial, 0],
    ["multinomial", recorded.multinomialPenalised, 4],
    ["one-vs-rest", recorded.oneVsRest, 0],
    ["one-vs-rest", recorded.oneVsRestPenalised, 4],
  ] as const)(
    "%s: three classes, and their probabilities' log loss; L2 %#",
    async (family, { coefficients, loss }, l2) => {
      const table = classTable(ROWS);
      const parameters: Options = { family, classes: 3, l2, tolerance: 1e-6, rowsPerTerm: 5 };
      const { parties, converged } = await trainTwin(twinInput(table, parameters));
      expect(converged).toBe(true);
      const terms = parties.flatMap(({ terms: own }) => own);
      const ofClass = (c: number): number[] => [
        parties[0]!.intercepts[c]!,
        ...parties.flatMap(({ terms: own, coefficients: all }) =>
          own.map(({ scale }, i) => all[c * own.length + i]! * scale),
        ),
      ];
      const found = [0, 1, 2].map(ofClass);
      expectClose(
        found.flat(),
        coefficients,
        coefficients.map(() => 0.1),
      );
      const values = termValues(terms, [...table.guest, ...table.host], "refuse");
      const { probabilities } = classFamilyOf({ family, classes: 3 });
      const mean = Array.from(table.labels, (label, row) => {
        const predictors = found.map(([intercept, ...own]) =>
          own.reduce((sum, effect, i) => sum + effect * values[i]![row]!, intercept!),
        );
        return -Math.log(probabilities(predictors)[label]!);
      }).reduce((sum, one) => sum + one / ROWS, 0);
      expect(mean).toBeCloseTo(loss[0]!, 4);
    },
  );

  test("logistic with an L2 penalty on standardised coefficients", async () => {
    const values = await coefficientsOf(sampleTable(ROWS), { l2: 4, tolerance: 1e-6 }, true);
    const { coefficients } = recorded.penalised;
    expectClose(
      values,
      coefficients,
      coefficients.map(() => 0.1),
    );
  });
});
