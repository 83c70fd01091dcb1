import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import { type AloneInput, guestClassModel, guestModel, type Trained, trainAlone, trainTwin } from "./index.ts";
import recorded from "./testing/figures.json" with { type: "json" };
import {
  classTable,
  type Options,
  parametersOf,
  sampleColumns,
  sampleTable,
  skewedTable,
  type Table,
  twinInput,
} from "./testing/world.ts";

const ROWS = 200;

const alone = (table: Table, options: Options, more: Partial<AloneInput> = {}): Promise<Trained> =>
  trainAlone(
    {
      columns: [...table.guest, ...table.host],
      rowCount: table.labels.length,
      parameters: parametersOf({ tolerance: 1e-7, ...options }),
      rows: table,
      ...more,
    },
    seededSecrets(3, "alone"),
  );

const linearTable = (): Table => {
  const columns = sampleColumns(ROWS);
  return { ...columns, labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101)) };
};

/** With the intercept where all columns are 0. */
function coefficientsOf({ design, coefficients, intercepts }: Trained): number[] {
  const shift = design.terms.reduce((sum, { mean }, i) => sum + mean * coefficients[i]!, 0);
  return [intercepts[0]! - shift, ...coefficients];
}

function expectAlike(values: readonly number[], expected: readonly number[], most = 1e-4): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(most);
  });
}

describe("who has all columns gets the coefficients and errors of statsmodels and scikit-learn", () => {
  test("logistic and linear", async () => {
    for (const [family, table] of [
      ["logistic", sampleTable(ROWS)],
      ["linear", linearTable()],
    ] as const) {
      const trained = await alone(table, { family, inference: true });
      const { coefficients, errors } = recorded[family];
      expectAlike(coefficientsOf(trained), coefficients);
      expectAlike([...trained.errors!.terms], errors.slice(1));
      expect(trained.errors).toMatchObject({ degrees: ROWS - 8, intercept: expect.any(Number) });
    }
  });

  test.each(["poisson", "gamma", "tweedie"] as const)("%s, with offsets, weights and dispersion", async (family) => {
    const table = skewedTable(ROWS, family);
    const weighted = await alone(table, { family });
    // Means are of 200 rows of which some are far out: the recorded figures have digits to spare.
    const { coefficients: expected, errors } = recorded[family];
    coefficientsOf(weighted).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(Math.max(1e-3 * errors[i]!, 1e-4 * Math.abs(expected[i]!)));
    });
    const { weights: _, ...plain } = table;
    const trained = await alone(plain, { family, inference: true });
    const figures = recorded[`${family}Unweighted`];
    expectAlike([...trained.errors!.terms], figures.errors.slice(1), 5e-4);
    if (family !== "poisson") expectAlike([trained.errors!.dispersion!], figures.dispersion, 5e-4);
  });

  test.each([
    ["multinomial", recorded.multinomial, 0],
    ["one-vs-rest", recorded.oneVsRestPenalised, 4],
  ] as const)("%s, of three classes", async (family, { coefficients }, l2) => {
    const { design, ...trained } = await alone(classTable(ROWS), { family, classes: 3, l2 });
    const width = design.terms.length;
    const found = [0, 1, 2].flatMap((c) => [
      trained.intercepts[c]!,
      ...design.terms.map(({ scale }, i) => trained.coefficients[c * width + i]! * scale),
    ]);
    found.forEach((value, i) => {
      expect(Math.abs(value - coefficients[i]!)).toBeLessThan(2e-4);
    });
  });

  test("an elastic net, with 0 for the same coefficients", async () => {
    const { coefficients } = recorded.elasticLogistic;
    const trained = await alone(sampleTable(ROWS), { l1: 8, l2: 2, iterations: 1000 });
    trained.design.terms.forEach(({ scale }, i) => {
      const value = trained.coefficients[i]! * scale;
      expect(Math.abs(value - coefficients[i + 1]!)).toBeLessThan(1e-4);
      expect(value === 0).toBe(coefficients[i + 1] === 0);
    });
  });
});

describe("mini-batches take the steps of those on the joined table", () => {
  test.each<[string, Options]>([
    ["momentum, with an L1 penalty", { l1: 2, epochs: 12 }],
    ["Adam, which stops early", { optimizer: "adam", learningRate: 0.2, earlyStopping: { rounds: 2, fraction: 0.25 } }],
  ])("%s", async (_, given) => {
    const options: Options = { solver: "sgd", batchRows: 32, ...given };
    const table = sampleTable(ROWS);
    const [trained, twin] = await Promise.all([alone(table, options), trainTwin(twinInput(table, options))]);
    const expected = twin.parties.flatMap(({ coefficients }) => [...coefficients]);
    expect(trained).toMatchObject({ chosen: twin.chosen, converged: twin.converged });
    expect(trained.iterations).toHaveLength(twin.iterations.length);
    trained.coefficients.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 9);
    });
  });
});

test("residuals are counted to the row", async () => {
  const { residuals } = await alone(linearTable(), { family: "linear", residuals: true });
  expect(residuals).toMatchObject({ step: 1, rows: ROWS });
  const [counts] = residuals!.counts;
  expect(counts!.reduce((sum, count) => sum + count)).toBe(ROWS);
  expect(residuals!.bounds.at(-1)).toBeGreaterThan(1000);
});

test("training goes on from an earlier model of its own, in few steps and in the new rows' units", async () => {
  const first = linearTable();
  const options: Options = { family: "linear", tolerance: 1e-6 };
  const trained = await alone(first, options);
  const earlier = guestModel(trained, parametersOf(options), { hosts: [], offset: null });
  const labels = first.labels.map((label) => 3 * label + 1);
  const again = await alone({ ...first, labels }, options, { earlier });
  const afresh = await alone({ ...first, labels }, options);
  expectAlike([...again.coefficients], [...afresh.coefficients]);
  expect((await alone(first, options, { earlier })).iterations).toHaveLength(0);
  const classes = await alone(classTable(ROWS), { family: "multinomial", classes: 3 });
  const several = guestClassModel(classes, parametersOf({ family: "multinomial" }), { hosts: [] });
  const refused = alone(first, options, { earlier: several });
  await expect(refused).rejects.toMatchObject({ code: "input.model" });
});

test("what cannot be trained is refused by name", async () => {
  const table = sampleTable(ROWS);
  const told = Float64Array.from(table.labels, (label, i) => label + ((i % 7) - 3) / 100);
  const tells: Table = { ...table, guest: [...table.guest, { kind: "number", name: "told", values: told }] };
  const refusals: [string, () => Promise<unknown>][] = [
    ["input.separable", () => alone(tells, { iterations: 1000 })],
    ["input.columns", () => alone({ ...table, guest: [], host: [] }, {})],
    ["input.inference", () => alone({ ...table, weights: new Float64Array(ROWS).fill(1) }, { inference: true })],
    ["input.inference", () => alone(table, { inference: true, l2: 1 })],
    ["input.label", () => alone({ ...table, labels: new Float64Array(ROWS) }, {})],
  ];
  for (const [code, run] of refusals) await expect(run()).rejects.toMatchObject({ code });
});
