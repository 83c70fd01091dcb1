import { type Column, TASK_ATTEMPTS_MAX, type TomboloError } from "@tombolo/base";
import { runParties, runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import { type Design, designOf } from "./design.ts";
import { ENTRY_BITS } from "./formats.ts";
import {
  type Checkpoint,
  checkGuestModel,
  decodeCheckpoint,
  defaultParameters,
  encodeCheckpoint,
  type Family,
  guestModel,
  hostModel,
  type ModelTerm,
  type Trained,
  termValues,
  trainTwin,
} from "./index.ts";
import { planOf, RELEASED_MAX } from "./products.ts";
import {
  asGuest,
  asHost,
  type Options,
  parametersOf,
  sampleColumns,
  sampleTable,
  skewedTable,
  type Table,
  trainWorld,
  twinInput,
} from "./testing/world.ts";

const ROWS = 200;
const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };
const binary = sampleTable(ROWS);

const coefficientsOf = (guest: Trained, host: Trained): number[] => [
  ...guest.intercepts,
  ...guest.coefficients,
  ...host.coefficients,
];

async function expectTwins(table: Table, options: Options, digits: number) {
  const twin = await trainTwin(twinInput(table, options));
  const { guest, host } = await trainWorld(table, options, {}, world);
  const expected = twin.parties.flatMap(({ intercepts, coefficients }, i) =>
    i === 0 ? [...intercepts, ...coefficients] : [...coefficients],
  );
  const scale = Math.max(...expected.map(Math.abs));
  coefficientsOf(guest, host).forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(10 ** -digits);
  });
  expect(guest.converged).toBe(twin.converged);
  expect(host.iterations).toEqual(guest.iterations);
  return { guest, host, twin };
}

describe("training on shares gives the coefficients of the plaintext twin", () => {
  test("logistic", LIMIT, async () => {
    await expectTwins(binary, {}, 4);
  });

  test("linear, in units of the label", LIMIT, async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    await expectTwins({ ...columns, labels }, { family: "linear" }, 4);
  });

  test("with weights and offsets of rows, penalised", LIMIT, async () => {
    const weights = Float64Array.from({ length: ROWS }, (_, i) => 1 + (i % 3));
    const offsets = Float64Array.from({ length: ROWS }, (_, i) => (i % 5) / 10);
    await expectTwins({ ...binary, weights, offsets }, { l2: 4, tolerance: 1e-4 }, 3);
  });

  test.each(["poisson", "gamma", "tweedie"] as const)("%s, of skewed labels", LIMIT, async (family) => {
    await expectTwins(skewedTable(ROWS, family), { family }, 4);
  });

  test("linear, with an elastic net: what is 0 is 0 exactly, at both", LIMIT, async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    const options: Options = { family: "linear", l1: 60, l2: 2, tolerance: 1e-4 };
    const { host, twin } = await expectTwins({ ...columns, labels }, options, 4);
    expect(host.coefficients).toContain(0);
    const zeros = (all: Float64Array): boolean[] => Array.from(all, (coefficient) => coefficient === 0);
    expect(zeros(host.coefficients)).toEqual(zeros(twin.parties[1]!.coefficients));
  });

  test("with an L1 penalty that leaves nothing, over every range", LIMIT, async () => {
    const { host } = await expectTwins(binary, { l1: 1e9, iterations: 2 }, 4);
    expect(new Set(host.coefficients)).toEqual(new Set([0]));
  });

  test("logistic by mini-batches, with an L1 penalty", LIMIT, async () => {
    const options: Options = { solver: "sgd", batchRows: 128, epochs: 3, learningRate: 0.5, momentum: 0.5, l1: 20 };
    const { host } = await expectTwins(binary, options, 1);
    expect(host.coefficients).toContain(0);
  });

  test("poisson by mini-batches, without an intercept", LIMIT, async () => {
    const options: Options = { family: "poisson", intercept: false, solver: "sgd", batchRows: 128, epochs: 2 };
    await expectTwins(skewedTable(ROWS, "poisson"), { ...options, learningRate: 0.1 }, 3);
  });

  test("by mini-batches, with the fast sigmoid, over a slow link", LIMIT, async () => {
    await expectTwins(binary, { solver: "sgd", batchRows: 128, epochs: 2, learningRate: 0.5, link: "slow" }, 2);
  });
});

describe("starting from an earlier model", () => {
  const linear = (() => {
    const columns = sampleColumns(ROWS);
    return { ...columns, labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + ((i * 37) % 101)) };
  })();
  const parts = (table: Table, { guest, host }: { guest: Trained; host: Trained }, options: Options) => ({
    guest: { rows: table, earlier: guestModel(guest, parametersOf(options), { hosts: ["telco"], offset: null }) },
    host: { earlier: hostModel(host, parametersOf(options), { hosts: 1 }) },
  });

  test.each([
    ["logistic", binary],
    ["linear", linear],
    ["gamma", skewedTable(ROWS, "gamma")],
  ] as const)("of the same rows there is nothing left to do: %s", LIMIT, async (family, table) => {
    const options: Options = { family, tolerance: 1e-3 };
    const first = await trainWorld(table, options, {}, world);
    const again = await trainWorld(table, options, parts(table, first, options), world);
    expect(again.guest.iterations.length).toBeLessThan(2);
    expect(first.guest.iterations.length).toBeGreaterThan(2);
    const expected = coefficientsOf(first.guest, first.host);
    const scale = Math.max(...expected.map(Math.abs));
    coefficientsOf(again.guest, again.host).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(1e-3);
    });
  });

  test("means that moved are allowed for, and other columns refused", LIMIT, async () => {
    const options: Options = { tolerance: 1e-3 };
    const first = await trainWorld(binary, options, {}, world);
    const moved = (columns: readonly Column[]): Column[] =>
      columns.map((column) =>
        column.kind === "text" ? column : { ...column, values: column.values.map((value) => 2 * value + 5) },
      );
    const { guest, host } = parts(binary, first, options);
    // The same model in the units of the new columns.
    const inUnits = <M extends { readonly terms: readonly ModelTerm[] }>(model: M): M => ({
      ...model,
      terms: model.terms.map((term) =>
        term.category === null ? { ...term, coefficient: term.coefficient / 2 } : term,
      ),
    });
    const shifted = { ...binary, guest: moved(binary.guest), host: moved(binary.host) };
    const shiftOf = (model: { readonly terms: readonly ModelTerm[] }): number =>
      model.terms.reduce(
        (sum, { category, mean, coefficient }) => sum + (category === null ? (coefficient / 2) * (mean + 5) : 0),
        0,
      );
    const intercept = guest.earlier.intercept - shiftOf(guest.earlier) - shiftOf(host.earlier);
    const hooks = {
      guest: { rows: shifted, earlier: { ...inUnits(guest.earlier), intercept } },
      host: { earlier: inUnits(host.earlier) },
    };
    const again = await trainWorld(shifted, options, hooks, world);
    expect(again.guest.iterations.length).toBeLessThan(2);
    // Its square would be 0 again in words.
    const far = { ...guest, earlier: { ...guest.earlier, intercept: guest.earlier.intercept + 64 } };
    await expect(trainWorld(binary, options, { guest: far, host }, world)).rejects.toMatchObject({
      cause: { code: "input.model" },
    });
    const swapped = { ...host.earlier, terms: host.earlier.terms.toReversed() };
    await expect(trainWorld(binary, options, { guest, host: { earlier: swapped } }, world)).rejects.toMatchObject({
      cause: { code: "input.model" },
    });
  });
});

describe("categories of few rows", () => {
  const text = (codes: readonly number[], categories = Array.from({ length: 25 }, (_, i) => `c${i}`)) =>
    ({ kind: "text", name: "branch", categories, codes: Int32Array.from(codes) }) as const;
  const options = { intercept: false, whiten: false, missing: "refuse", minimumRows: 20 } as const;
  const designed = (column: Column) => designOf([column], ROWS, options, (values) => values);
  const countsOf = ({ terms, rows }: Design<unknown>) => terms.map(({ mean }) => Math.round(mean * rows));

  test("are merged into one, also where the model is used", async () => {
    const column = text(Array.from({ length: ROWS }, (_, row) => (row < 24 ? row : 24)));
    const { terms, columns } = await designed(column);
    expect(terms).toMatchObject([{ category: "c0 / c1 / c10 …", merged: expect.any(Array) }]);
    expect(terms[0]!.merged).toHaveLength(24);
    expect(termValues(terms, [column], "refuse")).toEqual(columns);
    const part = guestModel(
      {
        run: "0".repeat(32),
        design: { terms },
        coefficients: Float64Array.of(1),
        intercepts: Float64Array.of(0),
      } as unknown as Trained,
      defaultParameters,
      { hosts: [], offset: null },
    );
    expect(checkGuestModel(JSON.parse(JSON.stringify(part))).terms).toEqual(part.terms);
    // Categories of later rows in another order, and one that training did not see.
    const later = text([1, 0, 2], ["c24", "c7", "new"]);
    expect(termValues(terms, [later], "refuse")[0]!.map((value) => Math.sign(value))).toEqual(
      Float64Array.of(1, -1, -1),
    );
  });

  test("are of the commonest one where all of them are few", async () => {
    const column = text(Array.from({ length: ROWS }, (_, row) => (row < 9 ? row : row < 60 ? 20 : 21)));
    const design = await designed(column);
    expect(design.terms.map(({ category }) => category)).toEqual(["c20"]);
    expect(countsOf(design)).toEqual([51]);
    const alone = text(Array.from({ length: ROWS }, (_, row) => (row < 9 ? row : 20)));
    await expect(designed(alone)).rejects.toThrow(/commonest value/);
  });
});

describe("resuming", () => {
  test("goes on from the last step that both still have, with new correlations", LIMIT, async () => {
    const options: Options = { iterations: 4 };
    const saved = { guest: [] as Checkpoint[], host: [] as Checkpoint[] };
    const keep = (side: "guest" | "host") => async (checkpoint: Checkpoint) => {
      saved[side].push(decodeCheckpoint(JSON.parse(JSON.stringify(encodeCheckpoint(checkpoint)))));
    };
    const whole = await trainWorld(
      binary,
      options,
      { guest: { onStep: keep("guest") }, host: { onStep: keep("host") } },
      world,
    );
    // The host lost its last save.
    const resumed: number[] = [];
    const onResume = async (steps: number): Promise<void> => void resumed.push(steps);
    const again = await trainWorld(
      binary,
      { ...options, iterations: 4 },
      {
        guest: { resumeFrom: saved.guest.slice(1, 3), onResume },
        host: { resumeFrom: saved.host.slice(0, 2), onResume },
      },
      { ...world, seed: 8 },
    );
    expect(resumed).toEqual([2, 2]);
    expect(again.guest.run).toBe(whole.guest.run);
    expect(again.guest.iterations.slice(0, 2)).toEqual(whole.guest.iterations.slice(0, 2));
    expect(again.guest.iterations).toHaveLength(4);
    expect(again.guest.iterations[3]!.lossChange).toBeLessThan(whole.guest.iterations[1]!.lossChange);
  });
});

describe("bad input ends typed, at both, before anything about rows is sent", () => {
  const number = (name: string, values: readonly number[]) =>
    ({ kind: "number", name, values: Float64Array.from(values) }) as const;
  const refusal = async (table: Table, options: Options = {}): Promise<TomboloError> => {
    const finished = await runWorld(["bank", "telco"], world, (me) =>
      me.id === "bank" ? asGuest(table, options)(me) : asHost(table, options)(me),
    );
    // What it is about is for the owner of the column alone.
    const [guest, host] = [finished.error("bank"), finished.error("telco")];
    return guest.detail === undefined ? host : guest;
  };
  const first = binary.host[0]!;
  const calls = first.kind === "number" ? [...first.values] : [];

  test.each([
    [
      "a missing value",
      { ...binary, host: [number("calls", [Number.NaN, ...calls.slice(1)])] },
      "input.missing",
      "calls",
    ],
    ["an infinite one", { ...binary, guest: [number("age", [Infinity, ...calls.slice(1)])] }, "input.missing", "age"],
    [
      "a constant column",
      {
        ...binary,
        host: [
          number(
            "flat",
            calls.map(() => 3),
          ),
        ],
      },
      "input.constant",
      "flat",
    ],
    [
      "a combination of own columns",
      {
        ...binary,
        host: [
          first,
          number(
            "twice",
            calls.map((value) => 2 * value + 1),
          ),
        ],
      },
      "input.collinear",
      "twice",
    ],
    ["one class", { ...binary, labels: new Float64Array(ROWS) }, "input.label", undefined],
    ["counts below 0", { ...binary, labels: Float64Array.from(calls) }, "input.label", undefined, "poisson"],
    ["amounts of 0", binary, "input.label", undefined, "gamma"],
    ["labels of another family", { ...binary, labels: Float64Array.from(calls) }, "input.label", undefined],
  ] as const)("%s", async (_, table, code, column, family: Family = "logistic") => {
    const error = await refusal(table, { family });
    expect(error).toMatchObject({ code, remedy: expect.any(String) });
    expect(error.detail?.column).toBe(column);
  });

  test("a column that marks single rows", async () => {
    const marks = calls.map((_, row) => (row === 3 ? 1 : 0));
    const error = await refusal({ ...binary, host: [...binary.host, number("marks", marks)] });
    expect(error).toMatchObject({ code: "input.nearly-constant", detail: { column: "marks" } });
    // What is missing stands at the mean: only what is there would tell rows apart.
    const gaps = calls.map((value, row) => (row < 4 ? value : Number.NaN));
    const missing = await refusal({ ...binary, host: [...binary.host, number("gaps", gaps)] }, { missing: "mean" });
    expect(missing).toMatchObject({ code: "input.nearly-constant", detail: { column: "gaps" } });
  });

  test("terms enough to tell every row's label, whoever brings them, and a host that brings hardly any", async () => {
    const rows = 24;
    const few = sampleTable(rows);
    const columns = Array.from({ length: rows - 1 }, (_, j) =>
      number(
        `c${j}`,
        Array.from({ length: rows }, (_, row) => ((row * (j + 3)) % 29) + (row === j ? 50 : 0)),
      ),
    );
    const both = async (table: Table, options: Options) => {
      const finished = await runWorld(["bank", "telco"], world, (me) =>
        me.id === "bank" ? asGuest(table, options)(me) : asHost(table, options)(me),
      );
      return [finished.error("bank").code, finished.error("telco").code];
    };
    const linear: Options = { family: "linear", l2: 1, minimumRows: 5, rowsPerTerm: 5 };
    expect(await both({ ...few, guest: [], host: columns }, linear)).toEqual(["input.rows", "input.rows"]);
    expect(await both({ ...few, guest: columns, host: columns.slice(0, 3) }, linear)).toEqual([
      "input.rows",
      "input.rows",
    ]);
    const narrow = { ...binary, host: [first] };
    expect(await both(narrow, {})).toEqual(["consent.few-columns", "consent.few-columns"]);
    expect(await both(narrow, { rowsPerTerm: 4 })).toEqual(["input.parameters", "input.parameters"]);
  });

  test("labels that the columns tell", async () => {
    const labels = Float64Array.from(calls, (value) => (value > 0 ? 1 : 0));
    const run = trainTwin(twinInput({ ...binary, host: [first], guest: [], labels }, {}));
    await expect(run).rejects.toMatchObject({ code: "input.separable" });
  });

  test("a label further over the others than any fit can be", async () => {
    const rows = 3000;
    const half = number(
      "half",
      Array.from({ length: rows }, (_, row) => row % 2),
    );
    const labels = Float64Array.from({ length: rows }, (_, row) => (row === 3 ? 1e5 : 1 + (row % 5)));
    const run = trainTwin(twinInput({ guest: [], host: [half], labels }, { family: "gamma" }));
    await expect(run).rejects.toMatchObject({ code: "input.range" });
  });

  test("parameters that differ", async () => {
    await expect(
      runParties(world, ["bank", asGuest(binary, {})], ["telco", asHost(binary, { tolerance: 1e-4 })]),
    ).rejects.toMatchObject({ cause: { code: "protocol.agreement" } });
  });
});

test("products of a batch flood for all attempts at a task, in the smaller ring", () => {
  const batch = { rows: 4096, columns: 300 };
  for (const [vectors, releasedMax] of [
    [1, RELEASED_MAX],
    [8, 2 ** 24],
  ] as const) {
    const { of, forward, transposed, attempts } = planOf(
      { ...batch, entryBits: ENTRY_BITS },
      { vectors, releasedMax },
    )!;
    expect([of.parameters.name, attempts]).toEqual(["rlwe-8192", TASK_ATTEMPTS_MAX]);
    const all = BigInt(releasedMax * TASK_ATTEMPTS_MAX);
    for (const { noise, floodBits } of [forward, transposed!])
      expect(noise * all * 2n ** 40n <= 2n ** BigInt(floodBits + 1)).toBe(true);
  }
});
