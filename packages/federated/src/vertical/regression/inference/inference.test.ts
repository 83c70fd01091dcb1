import type { Column } from "@tombolo/base";
import { runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import recorded from "../testing/figures.json" with { type: "json" };
import {
  asGuest,
  asHost,
  type Options,
  sampleColumns,
  sampleTable,
  skewedTable,
  type Table,
  trainWorld,
} from "../testing/world.ts";
import { pValue, quantile } from "./distributions.ts";

const ROWS = 200;
const LIMIT = { timeout: 180_000 };

/** Of all terms, as the joined table has them; the intercept is elsewhere there. */
async function inferred(table: Table, options: Options) {
  const { guest, host } = await trainWorld(table, { tolerance: 1e-6, inference: true, ...options });
  const sides = [guest, host].map(({ coefficients, errors }) => ({ coefficients, errors: errors! }));
  return {
    coefficients: sides.flatMap(({ coefficients }) => [...coefficients]),
    errors: sides.flatMap(({ errors }) => [...errors.terms]),
    degrees: sides.map(({ errors }) => errors.degrees),
    residual: sides.map(({ errors }) => errors.residual),
    dispersion: sides.map(({ errors }) => errors.dispersion),
    intercepts: sides.map(({ errors }) => errors.intercept),
  };
}

const linearTable = (): Table => {
  const columns = sampleColumns(ROWS);
  const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
  return { ...columns, labels };
};

/** Three significant digits. */
function expectAlike(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(5e-4);
  });
}

describe("standard errors are refused, or left out,", () => {
  const refusal = async (table: Table, options: Options): Promise<string> => {
    const asked = { inference: true, ...options };
    const world = await runWorld(["bank", "telco"], { seed: 7 }, (me) =>
      me.id === "bank" ? asGuest(table, asked)(me) : asHost(table, asked)(me),
    );
    return world.error("bank").code;
  };

  test("where they would mean nothing, or words have no room", async () => {
    const table = sampleTable(ROWS);
    const weights = new Float64Array(ROWS).fill(2);
    const refused = await Promise.all([
      refusal(table, { l2: 1 }),
      refusal(table, { solver: "sgd" }),
      refusal(table, { l1: 1, family: "poisson" }),
      refusal({ ...table, weights }, {}),
    ]);
    expect(refused).toEqual(refused.map(() => "input.inference"));
  });

  test("without convergence, and where columns of both nearly determine one another", LIMIT, async () => {
    const table = linearTable();
    const [age] = table.guest;
    const again = age!.kind === "number" ? age!.values.map((value, i) => value + ((i * 37) % 11) / 50) : age;
    const near = { ...table, host: [...table.host, { ...age!, name: "again", values: again } as Column] };
    const tried = await Promise.all([
      trainWorld(near, { family: "linear", inference: true, iterations: 300, tolerance: 1e-3 }),
      trainWorld(table, { family: "linear", inference: true, iterations: 1 }),
    ]);
    expect(tried.map(({ guest, host }) => [guest.errors, host.errors])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(tried[0]!.guest.converged).toBe(true);
  });
});

test("p-values keep their digits however small, and intervals are those of tables", () => {
  const { coefficients, errors, pValues } = recorded.linear;
  coefficients.forEach((coefficient, i) => {
    expect(Math.abs(Math.log(pValue(coefficient / errors[i]!, 192) / pValues[i]!))).toBeLessThan(2e-3);
  });
  expect([quantile(0.05, null), quantile(0.05, 1), quantile(0.01, 30)].map((value) => value.toFixed(4))).toEqual([
    "1.9600",
    "12.7062",
    "2.7500",
  ]);
  expect(pValue(0, 5)).toBe(1);
});

describe("standard errors on shares are those of statsmodels on the joined table", () => {
  test("logistic, with p-values and intervals", LIMIT, async () => {
    const { coefficients, errors, residual, intercepts } = await inferred(sampleTable(ROWS), {});
    expectAlike(errors, recorded.logistic.errors.slice(1));
    expect([residual, intercepts]).toEqual([
      [null, null],
      [expect.any(Number), null],
    ]);
    const wide = quantile(0.05, null);
    coefficients.forEach((coefficient, i) => {
      const p = recorded.logistic.pValues[i + 1]!;
      expect(Math.abs(pValue(coefficient / errors[i]!, null) / p - 1)).toBeLessThan(0.01);
      expect(Math.abs(coefficient - wide * errors[i]! - recorded.logistic.low[i + 1]!)).toBeLessThan(1e-3 * errors[i]!);
    });
  });

  test("linear, in units of the label at both", LIMIT, async () => {
    const { coefficients, errors, degrees, residual } = await inferred(linearTable(), { family: "linear" });
    const expected = recorded.linear.errors.slice(1);
    expectAlike(errors, expected);
    expect(degrees).toEqual([192, 192]);
    expect(residual[1]! / residual[0]!).toBeCloseTo(1, 4);
    coefficients.forEach((coefficient, i) => {
      const high = coefficient + quantile(0.05, 192) * errors[i]!;
      expect(Math.abs(high - recorded.linear.high[i + 1]!)).toBeLessThan(2e-3 * expected[i]!);
    });
  });

  test.each(["poisson", "gamma", "tweedie"] as const)("%s, with offsets, of skewed labels", LIMIT, async (family) => {
    const { weights: _, ...table } = skewedTable(ROWS, family);
    const { errors, dispersion, residual, intercepts } = await inferred(table, { family });
    const { errors: expected, dispersion: scale } = recorded[`${family}Unweighted`];
    expectAlike(errors, expected.slice(1));
    expect(residual).toEqual([null, null]);
    expect(intercepts).toEqual([expect.any(Number), null]);
    if (family === "poisson") return expect(dispersion).toEqual([null, null]);
    expectAlike([dispersion[0]!], scale);
    if (family === "gamma") expectAlike([dispersion[1]!], scale);
  });
});
