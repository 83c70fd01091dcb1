import type { Column } from "@tombolo/base";
import { runParties } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import type { RowSource } from "../../boosting/index.ts";
import {
  checkGuestClassModel,
  classFamilyOf,
  decideGuest,
  decideHost,
  type GuestClassModel,
  guestClassModel,
  type HostClassModel,
  hostClassModel,
  predictClassesGuest,
  predictClassesHost,
  predictionMessages,
  termValues,
  trainTwin,
} from "../index.ts";
import { classTable, type Options, parametersOf, trainWorld, twinInput } from "../testing/world.ts";

const ROWS = 200;
const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };
const table = classTable(ROWS);

async function expectTwins(options: Options, digits: number, rows = table) {
  const given: Options = { classes: 3, rowsPerTerm: 5, ...options };
  const twin = await trainTwin(twinInput(rows, given));
  const { guest, host } = await trainWorld(rows, given, {}, world);
  const all = (parts: readonly Pick<typeof guest, "intercepts" | "coefficients">[]): number[] =>
    parts.flatMap(({ intercepts, coefficients }, i) => [...(i === 0 ? intercepts : []), ...coefficients]);
  const expected = all(twin.parties);
  const scale = Math.max(...expected.map(Math.abs));
  const found = all([guest, host]);
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(10 ** -digits);
  });
  expect(guest.converged).toBe(twin.converged);
  return { guest, host, parameters: parametersOf(given) };
}

describe("training of three classes on shares gives the coefficients of the plaintext twin", () => {
  test.each(["multinomial", "one-vs-rest"] as const)("%s, and their probabilities", LIMIT, async (family) => {
    const trained = await expectTwins({ family }, 4);
    await scores(trained, family);
  });

  test("multinomial with weights of rows, an elastic net: what is 0 is 0 at both", LIMIT, async () => {
    const weights = Float64Array.from({ length: ROWS }, (_, row) => 1 + (row % 3));
    const net: Options = { family: "multinomial", l1: 16, l2: 2, iterations: 8 };
    const { host } = await expectTwins(net, 3, { ...table, weights });
    expect(host.coefficients).toContain(0);
  });

  test.each(["multinomial", "one-vs-rest"] as const)(
    "%s by mini-batches, products made ahead",
    LIMIT,
    async (family) => {
      const options: Options = { family, solver: "sgd", batchRows: 128, epochs: 2, learningRate: 0.5, l2: 1 };
      await expectTwins(options, family === "multinomial" ? 3 : 2);
    },
  );
});

test("starting from an earlier model of the same classes there is nothing left to do", LIMIT, async () => {
  const options: Options = { classes: 3, rowsPerTerm: 5, family: "multinomial", tolerance: 1e-3 };
  const parameters = parametersOf(options);
  const first = await trainWorld(table, options, {}, world);
  const earlier = {
    guest: guestClassModel(first.guest, parameters, { hosts: ["telco"] }),
    host: hostClassModel(first.host, parameters, { hosts: 1 }),
  };
  const hooks = { guest: { earlier: earlier.guest }, host: { earlier: earlier.host } };
  const again = await trainWorld(table, options, hooks, world);
  expect(first.guest.iterations.length).toBeGreaterThan(2);
  expect(again.guest.iterations.length).toBeLessThan(2);
  again.host.coefficients.forEach((coefficient, i) => {
    expect(Math.abs(coefficient - first.host.coefficients[i]!)).toBeLessThan(2e-3);
  });
  const four: Options = { ...options, classes: 4, minimumRows: 5 };
  const other = trainWorld(classTable(ROWS, 4), four, hooks, world);
  await expect(other).rejects.toMatchObject({ cause: { code: "input.model" } });
});

type Trained = Awaited<ReturnType<typeof expectTwins>>;

async function scores({ guest, host, parameters }: Trained, family: "multinomial" | "one-vs-rest"): Promise<void> {
  const models = {
    guest: guestClassModel(guest, parameters, { hosts: ["telco"] }),
    host: hostClassModel(host, parameters, { hosts: 1 }),
  };
  expect(checkGuestClassModel(JSON.parse(JSON.stringify(models.guest)))).toEqual(models.guest);
  const told: number[] = [];
  const probabilities = await score(models, told);
  const { probabilities: plain, toldTotals } = classFamilyOf({ family, classes: 3 });
  // Totals are of few numbers, and none is finer than the quantum.
  expect(told).toHaveLength(ROWS * toldTotals);
  for (const total of told) expect(Number.isInteger(total / models.host.quantum)).toBe(true);
  const both = [...models.guest.terms, ...models.host.terms];
  const values = termValues(both, [...table.guest, ...table.host], "refuse");
  const expected = Array.from({ length: ROWS }, (_, row) =>
    plain(
      models.guest.intercepts.map((intercept, c) =>
        both.reduce((sum, { coefficients, scale }, i) => sum + coefficients[c]! * scale * values[i]![row]!, intercept),
      ),
    ),
  );
  expected.flat().forEach((share, i) => {
    expect(Math.abs(probabilities[i]! - share)).toBeLessThan(1e-3);
  });
  const decided = await decide(models);
  expect(decided).toHaveLength(ROWS);
  decided.forEach((place, row) => {
    expect(expected[row]![place]).toBeCloseTo(Math.max(...expected[row]!), 4);
  });
  expect(decided.filter((place, row) => place === table.labels[row]).length / ROWS).toBeGreaterThan(0.6);
}

interface Models {
  readonly guest: GuestClassModel;
  readonly host: HostClassModel;
}

const rowsOf = (columns: readonly Column[]): RowSource => ({
  rowCount: ROWS,
  async *chunks() {
    yield columns;
  },
});

async function score({ guest, host }: Models, told: number[]): Promise<number[]> {
  const out: number[] = [];
  await runParties(
    world,
    [
      "bank",
      async (me) => {
        const peer = await me.peer(predictionMessages, "guest", "telco", "host");
        const watched = new Proxy(peer, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (name !== "receiveEach") return typeof value === "function" ? value.bind(target) : value;
            return async function* () {
              for await (const chunk of target.receiveEach("totals")) {
                told.push(...chunk);
                yield chunk;
              }
            };
          },
        });
        const take = async (next: Float64Array): Promise<void> => void out.push(...next);
        await predictClassesGuest({ model: guest, rows: rowsOf(table.guest), take }, watched);
      },
    ],
    [
      "telco",
      async (me) =>
        predictClassesHost(
          { model: host, rows: rowsOf(table.host) },
          await me.peer(predictionMessages, "host", "bank", "guest"),
        ),
    ],
  );
  return out;
}

async function decide({ guest, host }: Models): Promise<number[]> {
  const out: number[] = [];
  await runParties(
    world,
    [
      "bank",
      async (me) => {
        const peer = await me.peer(predictionMessages, "guest", "telco", "host");
        const take = async (next: Float64Array): Promise<void> => void out.push(...next);
        await decideGuest({ model: guest, rows: rowsOf(table.guest), take, secrets: me.secrets }, peer);
      },
    ],
    [
      "telco",
      async (me) => {
        const peer = await me.peer(predictionMessages, "host", "bank", "guest");
        await decideHost({ model: host, rows: rowsOf(table.host), secrets: me.secrets }, peer);
      },
    ],
  );
  return out;
}

describe("is refused by name", () => {
  const options: Options = { family: "multinomial", classes: 3, rowsPerTerm: 5 };
  const codeOf = async (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => null,
      (error: { cause?: { code?: string }; code?: string }) => error.cause?.code ?? error.code,
    );

  test("labels, rows and parameters that do not fit several classes", async () => {
    const twin = (change: Partial<typeof table>, more: Options = {}) =>
      codeOf(trainTwin(twinInput({ ...table, ...change }, { ...options, ...more })));
    expect(await twin({ labels: table.labels.map((label) => label + 1) })).toBe("input.label");
    expect(await twin({ offsets: new Float64Array(ROWS) })).toBe("input.offset");
    // A class of few rows would have them in its coefficients.
    const rare = table.labels.map((label, row) => (label === 2 ? (row < 20 ? 2 : 1) : label));
    expect(await twin({ labels: rare })).toBe("input.label");
    const train = (more: Options) => codeOf(trainWorld(table, { ...options, ...more }, {}, world));
    expect(await train({ classes: null })).toBe("input.parameters");
    expect(await train({ classes: 33 })).toBe("input.parameters");
    expect(await train({ family: "logistic" })).toBe("input.parameters");
    expect(await train({ inference: true })).toBe("input.inference");
    // Each class counts: 8 columns of three classes.
    expect(await train({ rowsPerTerm: 10 })).toBe("input.rows");
  });
});
