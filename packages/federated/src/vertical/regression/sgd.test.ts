import { describe, expect, test } from "vitest";
import { type Checkpoint, decodeCheckpoint, defaultParameters, encodeCheckpoint, settled, trainTwin } from "./index.ts";
import {
  type Options,
  parametersOf,
  sampleTable,
  skewedTable,
  type Table,
  trainWorld,
  twinInput,
} from "./testing/world.ts";

const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };
const ROWS = 240;
const table = sampleTable(ROWS);
const BATCHES: Options = { solver: "sgd", batchRows: 80, rowsPerTerm: 5 };

/** Largest difference of coefficients, over the largest coefficient. */
async function compared(own: Table, options: Options) {
  const twin = await trainTwin(twinInput(own, options));
  const { guest, host } = await trainWorld(own, options, {}, world);
  const expected = twin.parties.flatMap(({ intercepts, coefficients }, i) =>
    i === 0 ? [...intercepts, ...coefficients] : [...coefficients],
  );
  const scale = Math.max(...expected.map(Math.abs));
  const got = [...guest.intercepts, ...guest.coefficients, ...host.coefficients];
  const apart = Math.max(...got.map((value, i) => Math.abs(value - expected[i]!) / scale));
  expect([guest.chosen, guest.converged]).toEqual([twin.chosen, twin.converged]);
  expect(host.iterations).toEqual(guest.iterations);
  return { apart, twin, guest, host };
}

describe("Adam on shares takes the steps of its plaintext twin", () => {
  test.each([
    ["linear", 1e-3],
    ["logistic", 1e-2], // the fast sigmoid
  ] as const)("%s", LIMIT, async (family, most) => {
    const options: Options = { ...BATCHES, family, optimizer: "adam", learningRate: 0.05, epochs: 6 };
    expect((await compared(table, options)).apart).toBeLessThan(most);
  });

  test("poisson, whose gradients have few digits", LIMIT, async () => {
    const options: Options = { ...BATCHES, family: "poisson", optimizer: "adam", learningRate: 0.05, epochs: 3 };
    expect((await compared(skewedTable(ROWS, "poisson"), options)).apart).toBeLessThan(1e-2);
  });

  test("comes to the optimum of a plain fit", async () => {
    const options: Options = { ...BATCHES, optimizer: "adam", learningRate: 0.05, epochs: 60 };
    const [adam, best] = await Promise.all([
      trainTwin(twinInput(table, options)),
      trainTwin(twinInput(table, { rowsPerTerm: 5 })),
    ]);
    adam.parties.forEach(({ coefficients }, i) => {
      coefficients.forEach((coefficient, at) => {
        const wanted = best.parties[i]!.coefficients[at]!;
        expect(Math.abs(coefficient - wanted)).toBeLessThan(0.1 * Math.max(0.3, Math.abs(wanted)));
      });
    });
  });
});

describe("early stopping", () => {
  const stopping = { rounds: 2, fraction: 0.3 };

  /** Of rows that no step has seen the loss itself, from the twin's coefficients after so many epochs. */
  test("ends when the loss on rows kept out rises, with the weights of the best epoch", LIMIT, async () => {
    const noisy = sampleTable(120, 9);
    const options: Options = {
      ...{ solver: "sgd", batchRows: 40, rowsPerTerm: 5, minimumRows: 10 },
      ...{ learningRate: 2, momentum: 0.5, epochs: 30, earlyStopping: stopping },
    };
    const { guest, twin, apart } = await compared(noisy, options);
    expect(guest.chosen).toBeLessThan(guest.iterations.length);
    expect(guest.iterations.length).toBe(guest.chosen + stopping.rounds);
    expect(guest.converged).toBe(true);
    expect(apart).toBeLessThan(0.02);
    guest.iterations.forEach(({ validation }, i) => {
      expect(Math.abs(validation! - twin.iterations[i]!.validation!)).toBeLessThan(2e-3);
    });
    // The weights are those after so many epochs, as without early stopping on the same rows.
    const losses = guest.iterations.map(({ validation }) => validation!);
    expect(Math.min(...losses)).toBe(losses[guest.chosen - 1]);
  });

  test("tells the loss's change on those rows, as it is computed from rows", async () => {
    const options: Options = { ...BATCHES, epochs: 1, learningRate: 0.05, earlyStopping: { rounds: 5, fraction: 0.3 } };
    const parameters = settled(parametersOf(options), ROWS);
    const twin = await trainTwin(twinInput(table, options));
    const parts = Math.ceil(ROWS / parameters.batchRows);
    const [guest, host] = twin.parties;
    let change = 0;
    const rows = Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % parts === parts - 1);
    for (const row of rows) {
      const value = (name: string, category: string | null): number => {
        const column = [...table.guest, ...table.host].find((each) => each.name === name)!;
        if (column.kind === "number") return column.values[row]!;
        return column.categories[column.codes[row]!] === category ? 1 : 0;
      };
      const z = [guest!, host!].reduce(
        (sum, { terms, coefficients, intercepts }) =>
          terms.reduce(
            (all, { column, category, mean }, i) => all + coefficients[i]! * (value(column, category) - mean),
            sum + (intercepts[0] ?? 0),
          ),
        0,
      );
      const loss = (predictor: number): number => Math.log1p(Math.exp(predictor)) - table.labels[row]! * predictor;
      change += loss(z) - loss(0);
    }
    // Gradients are over the next power of two.
    const told = twin.iterations[0]!.validation!;
    expect(Math.abs(told - change / 2 ** Math.ceil(Math.log2(rows.length)))).toBeLessThan(0.02 * Math.abs(told));
  });

  test("keeps out as much as it is told to, of small tables too, and no fewer rows than a group has", async () => {
    const given = { ...parametersOf({ solver: "sgd", earlyStopping: { rounds: 2, fraction: 0.2 } }), batchRows: 4096 };
    expect(settled(given, 1000).batchRows).toBe(200);
    expect(settled({ ...given, earlyStopping: null }, 1000).batchRows).toBe(4096);
    const few = trainWorld(table, { ...BATCHES, minimumRows: 90, earlyStopping: stopping }, {}, world);
    await expect(few).rejects.toMatchObject({ cause: { code: "input.rows" } });
    const exact = trainWorld(table, { earlyStopping: stopping }, {}, world);
    await expect(exact).rejects.toMatchObject({ cause: { code: "input.parameters" } });
  });
});

test("epochs and rates that are left open follow from the rows", () => {
  const open = { ...defaultParameters, solver: "sgd", epochs: null, learningRate: null } as const;
  expect([300, 10_000, 100_000, 1_000_000].map((rows) => settled(open, rows).epochs)).toEqual([100, 34, 10, 10]);
  expect(settled(open, 300).learningRate).toBe(0.1);
  expect(settled({ ...open, optimizer: "adam" }, 300).learningRate).toBe(0.02);
  expect(settled({ ...open, epochs: 3, learningRate: 1 }, 300)).toMatchObject({ epochs: 3, learningRate: 1 });
});

test.each(["momentum", "adam"] as const)(
  "goes on after a crash as if there had been none: %s",
  LIMIT,
  async (optimizer) => {
    const options: Options = {
      ...{ ...BATCHES, family: "linear", optimizer, epochs: 4, learningRate: 0.05 },
      earlyStopping: { rounds: 3, fraction: 0.3 },
    };
    const saved = { guest: [] as Checkpoint[], host: [] as Checkpoint[] };
    const keep = (side: "guest" | "host") => ({
      onStep: async (checkpoint: Checkpoint) => {
        saved[side].push(decodeCheckpoint(JSON.parse(JSON.stringify(encodeCheckpoint(checkpoint)))));
      },
    });
    const whole = await trainWorld(table, options, { guest: keep("guest"), host: keep("host") }, world);
    const resumed = await trainWorld(
      table,
      options,
      { guest: { resumeFrom: saved.guest.slice(0, 2) }, host: { resumeFrom: saved.host.slice(0, 2) } },
      { ...world, seed: 8 },
    );
    expect(resumed.guest.run).toBe(whole.guest.run);
    expect(resumed.guest.iterations).toHaveLength(4);
    resumed.host.coefficients.forEach((coefficient, i) => {
      expect(Math.abs(coefficient - whole.host.coefficients[i]!)).toBeLessThan(1e-3);
    });
  },
);
