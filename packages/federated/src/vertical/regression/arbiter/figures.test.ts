import { describe, expect, test } from "vitest";
import { sampleColumns, sampleTable } from "../testing/world.ts";
import recorded from "./testing/figures.json" with { type: "json" };
import { type ArbiterOptions, type ArbiterTable, asTwo, twinOf } from "./testing/world.ts";

const ROWS = 640;
const TO_THE_END: ArbiterOptions = { epochs: 200, tolerance: 1e-7 };

/** Standardised, the intercept first, where all columns are at their means. */
async function fitted(table: ArbiterTable, options: ArbiterOptions): Promise<number[]> {
  const { parties, converged } = await twinOf(table, { ...TO_THE_END, ...options });
  expect(converged).toBe(true);
  const own = parties.flatMap(({ terms, coefficients }) => terms.map(({ scale }, i) => scale * coefficients[i]!));
  return [...parties[0]!.intercepts, ...own];
}

/** Three significant digits, of small ones as many places as of the largest. */
function expectClose(values: readonly number[], expected: readonly number[]): void {
  const most = Math.max(...expected.map(Math.abs));
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(5e-4 * Math.max(Math.abs(expected[i]!), 0.5 * most));
  });
}

/** The twin's coefficients are those of training under encryption (arbiter.test.ts). */
describe("coefficients are those of scikit-learn on the joined table", () => {
  const linear = (): ArbiterTable => {
    const columns = sampleColumns(ROWS);
    return asTwo({
      ...columns,
      labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101)),
    });
  };

  test("linear; and logistic with the quadratic loss, with and without a penalty", async () => {
    expectClose(await fitted(linear(), { family: "linear" }), recorded.linear);
    expectClose(await fitted(asTwo(sampleTable(ROWS)), {}), recorded.logistic);
    expectClose(await fitted(asTwo(sampleTable(ROWS)), { l2: 5 }), recorded.penalised);
  });

  test("in batches to a tenth of what chance leaves of them", async () => {
    const values = await fitted(asTwo(sampleTable(ROWS)), { batchRows: 320, tolerance: 1e-6 });
    const chance = 2 / Math.sqrt(ROWS);
    values.forEach((value, i) => {
      expect(Math.abs(value - recorded.logistic[i]!)).toBeLessThan(0.1 * chance);
    });
  });

  test("and what the quadratic loss costs in AUC against the logistic one is little here", () => {
    const [quadratic, logistic] = recorded.auc;
    expect(Math.abs(quadratic! - logistic!)).toBeLessThan(0.001);
  });
});
