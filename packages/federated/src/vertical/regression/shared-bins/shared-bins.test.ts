/** Columns whose bins are at the host and whose weights at the guest give what columns of weights give. */
import { type Column, TomboloError } from "@tombolo/base";
import { type Me, runParties } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  type BinWeights,
  bandsBinsGuest,
  bandsBinsHost,
  type GuestBinsModel,
  guestBinsPart,
  type HostBins,
  type HostBinsModel,
  hostBinsPart,
  predictBinsGuest,
  predictBinsHost,
  predictionMessages,
  trainTwin,
} from "../index.ts";
import {
  type Hooks,
  type Options,
  parametersOf,
  sampleTable,
  type Table,
  trainWorld,
  twinInput,
} from "../testing/world.ts";
import { MEAN_SQUARE_MOST, type WeighedBins, weighedBins } from "./bins.ts";

const LIMIT = { timeout: 120_000 };
const ROWS = 400;

interface Binned {
  /** With the host's columns as bins by name. */
  readonly table: Table;
  /** The same with weights in their place. */
  readonly weighed: Table;
  readonly bins: readonly HostBins[];
  readonly binWeights: readonly BinWeights[];
}

const binOf = (edges: readonly number[], value: number): number => edges.filter((edge) => edge <= value).length;

/** Numbers in four bins, categories as they are; weights of the labels, four decimals. */
function binnedTable(rows = ROWS, seed = 5): Binned {
  const table = sampleTable(rows, seed);
  const made = table.host.map((column) => {
    const codes =
      column.kind === "text"
        ? column.codes
        : Int32Array.from(column.values, (value) =>
            binOf(
              [0.2, 0.5, 0.8].map((share) => column.values.toSorted()[Math.floor(share * rows)]!),
              value,
            ),
          );
    const count = Math.max(...codes) + 1;
    const names = Array.from({ length: count }, (_, bin) => `${column.name} ${bin}`);
    const of = (bin: number, label: number): number =>
      codes.reduce((sum, code, row) => sum + Number(code === bin && table.labels[row] === label), 0);
    const woe = names.map((_, bin) => Math.round(1e4 * Math.log((of(bin, 1) + 0.5) / (of(bin, 0) + 0.5))) / 1e4);
    return { name: column.name, codes, names, woe, counts: names.map((_, bin) => of(bin, 0) + of(bin, 1)) };
  });
  // Known by numbers in an order of its own.
  const ids = made.map((_, i) => (i * 3 + 2) % made.length);
  return {
    table: {
      ...table,
      host: made.map(({ name, codes, names }): Column => ({ kind: "text", name, codes, categories: names })),
    },
    weighed: {
      ...table,
      host: made.map(
        ({ name, codes, woe }): Column => ({
          kind: "number",
          name,
          values: Float64Array.from(codes, (code) => woe[code]!),
        }),
      ),
    },
    bins: made.map(({ name: column, names, counts }, i) => ({ id: ids[i]!, column, names, rows: counts })),
    binWeights: made.map(({ woe, counts }, i) => ({ id: ids[i]!, name: null, woe, rows: counts })).reverse(),
  };
}

const hooksOf = ({ bins, binWeights }: Binned): Hooks => ({ guest: { binWeights }, host: { bins } });
const train = (binned: Binned, options: Options, hooks = hooksOf(binned)) =>
  trainWorld(binned.table, { sharedBins: true, minimumRows: 5, rowsPerTerm: 5, ...options }, hooks);

const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));
function near(actual: ArrayLike<number>, expected: ArrayLike<number>, share: number): void {
  expect(actual).toHaveLength(expected.length);
  const most = share * largest(expected);
  Array.from(actual).forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `${i}: ${value}, ${expected[i]}`).toBeLessThan(most);
  });
}

const refusal = async (run: Promise<unknown>): Promise<TomboloError> =>
  run.then(
    () => expect.unreachable("it succeeded"),
    (error: Error) => {
      const cause = error instanceof TomboloError ? error : error.cause;
      return cause instanceof TomboloError ? cause : expect.unreachable(String(error));
    },
  );

describe("training on shared bins", () => {
  const binned = binnedTable();

  it.each<[string, Options]>([
    ["logistic", {}],
    ["logistic with both penalties", { l1: 2, l2: 3 }],
    ["linear", { family: "linear" }],
    ["logistic in mini-batches", { solver: "sgd", batchRows: 128, epochs: 3 }],
    ["logistic without a constant", { intercept: false, l2: 1 }],
  ])(
    "%s takes the steps of a training on columns of weights, and the guest has all coefficients",
    LIMIT,
    async (_, options) => {
      const { guest, host } = await train(binned, options);
      const given = { sharedBins: true, minimumRows: 5, rowsPerTerm: 5, ...options };
      const twin = await trainTwin(twinInput(binned.weighed, given));
      const [own, theirs] = twin.parties;
      const byId = binned.bins.map(({ id }) => binned.binWeights.find((each) => each.id === id)!);
      expect(guest.lookups!.map(({ id, woe }) => ({ id, woe }))).toEqual(byId.map(({ id, woe }) => ({ id, woe })));
      // The sigmoid of mini-batches is within 0.005.
      const share = options.solver === "sgd" ? 1e-2 : 5e-4;
      near(guest.coefficients, own!.coefficients, share);
      near(
        guest.lookups!.map(({ coefficient }) => coefficient),
        theirs!.coefficients,
        share,
      );
      expect(guest.intercepts[0]).toBeCloseTo(own!.intercepts[0]!, 2);
      expect(guest.iterations).toHaveLength(twin.iterations.length);
      expect(host).toMatchObject({
        lookups: null,
        coefficients: new Float64Array(0),
        contributions: new Float64Array(0),
      });
    },
  );

  it("converges to the coefficients of the mode in which the host has its weights", LIMIT, async () => {
    const { guest } = await train(binned, {});
    const plain = await trainTwin(twinInput(binned.weighed, { minimumRows: 5, rowsPerTerm: 5 }));
    expect(guest.converged).toBe(true);
    near(guest.coefficients, plain.parties[0]!.coefficients, 1e-3);
    near(
      guest.lookups!.map(({ coefficient }) => coefficient),
      plain.parties[1]!.coefficients,
      1e-3,
    );
  });

  it(
    "refuses bins that are not those that the guest weighed, rows that lie otherwise, and columns of no use",
    LIMIT,
    async () => {
      const one = binned.bins[0]!;
      const withFirst = (bins: Partial<HostBins>): Hooks => ({
        guest: { binWeights: binned.binWeights },
        host: { bins: [{ ...one, ...bins }, ...binned.bins.slice(1)] },
      });
      const codes: [string, Hooks][] = [
        ["protocol.agreement", withFirst({ id: 77 })],
        ["protocol.agreement", { ...hooksOf(binned), guest: { binWeights: binned.binWeights.slice(1) } }],
        ["input.bins", withFirst({ rows: one.rows.map((count, bin) => (bin === 0 ? count * 9 : count)) })],
        ["input.columns", withFirst({ names: one.names.slice(1) })],
        ["input.columns", { ...hooksOf(binned), host: { bins: binned.bins.slice(1) } }],
        ["input.parameters", { host: { bins: binned.bins } }],
        [
          "input.constant",
          {
            ...hooksOf(binned),
            guest: { binWeights: binned.binWeights.map((each) => ({ ...each, woe: each.woe.map(() => 1) })) },
          },
        ],
      ];
      for (const [code, hooks] of codes) expect((await refusal(train(binned, {}, hooks))).code).toBe(code);
      expect((await refusal(train(binned, { minimumRows: 399 }))).code).toBe("input.nearly-constant");
      expect((await refusal(train(binned, { inference: true }))).code).toBe("input.parameters");
      expect((await refusal(train(binned, { family: "poisson" }))).code).toBe("input.parameters");
      expect(MEAN_SQUARE_MOST).toBeGreaterThan(1);
    },
  );
});

it.each<[string, Options]>([
  ["at once", { iterations: 1 }],
  ["in mini-batches", { solver: "sgd", batchRows: 150, epochs: 1 }],
])("weights of rows lie on as many rows as training takes, %s", LIMIT, async (_, options) => {
  const binned = binnedTable();
  const on = (rows: number, others = 0) => {
    const weights = Float64Array.from({ length: ROWS }, (_, row) => (row < rows ? 1 : others));
    return train({ ...binned, table: { ...binned.table, weights } }, { l2: 40, ...options });
  };
  const { code, message } = await refusal(on(20, 0.01));
  expect(code).toBe("input.weight");
  const least = Number(/fewer than (\d+)/.exec(message)![1]);
  expect(least).toBeGreaterThan(30);
  expect((await refusal(on(least - 1))).code).toBe("input.weight");
  expect((await on(least)).guest.lookups).not.toBeNull();
});

it("offsets cannot leave a few rows alone with a residual, whose bins coefficients would tell", LIMIT, async () => {
  const binned = binnedTable();
  const offsets = Float64Array.from(binned.table.labels, (label, row) => (row === 77 ? 0 : label === 1 ? 60 : -60));
  const run = train({ ...binned, table: { ...binned.table, offsets } }, { l2: 4, iterations: 20, intercept: false });
  expect((await refusal(run)).code).toBe("input.offset");
});

it("bins with one weight have no spread, whatever rounding makes of their mean", () => {
  const told = [{ id: 0, bins: 3 }];
  const known = (woe: readonly number[]): BinWeights[] => [{ id: 0, name: null, woe, rows: [7, 11, 13] }];
  const refused = () => weighedBins(told, known([0.3, 0.3, 0.3]), 1, "telco");
  expect(refused).toThrow(expect.objectContaining({ code: "input.constant" }));
  const [{ mean, scale }] = weighedBins(told, known([0.3, 0.3, 0.3001]), 1, "telco") as [WeighedBins];
  expect(mean).toBeCloseTo(0.3 + (13 / 31) * 1e-4, 12);
  expect(scale).toBeCloseTo((Math.sqrt(13 * 18) / 31) * 1e-4, 12);
});

describe("scores on shared bins", () => {
  const rows = 9000; // two chunks
  const binned = binnedTable(rows);
  const options = parametersOf({ sharedBins: true });
  const guest: GuestBinsModel = guestBinsPart(
    {
      run: "0".repeat(32),
      design: { terms: [{ column: "income", category: null, merged: null, mean: 0.1, scale: 0.6 }] },
      coefficients: Float64Array.of(-0.4),
      intercepts: Float64Array.of(0.2),
      contributions: new Float64Array(0),
      lookups: binned.bins.map(({ id }, i) => {
        const { woe, name, rows: counts } = binned.binWeights.find((each) => each.id === id)!;
        return { id, name, woe, rows: counts, mean: 0.05 * i, scale: 0.5, coefficient: 0.5 + 0.2 * i };
      }),
    },
    options,
    { hosts: ["telco"], offset: null },
  );
  const host: HostBinsModel = hostBinsPart({ run: "0".repeat(32) }, binned.bins);
  const source = (columns: readonly Column[], count = rows) => ({
    rowCount: count,
    async *chunks(first: number, batchRows: number) {
      for (let from = first; from < count; from += batchRows)
        yield columns.map((column): Column => {
          const to = Math.min(count, from + batchRows);
          return column.kind === "number"
            ? { ...column, values: column.values.slice(from, to) }
            : { ...column, codes: column.codes.slice(from, to) };
        });
    },
  });
  const expected = (row: number): number => {
    const own = guest.terms.reduce((sum, { column, mean, coefficient }) => {
      const values = binned.table.guest.find(({ name }) => name === column)!;
      return sum + coefficient * ((values.kind === "number" ? values.values[row]! : 0) - mean);
    }, guest.intercept);
    return guest.lookups.columns.reduce((sum, { woe, mean, coefficient }, i) => {
      const column = binned.table.host[i]!;
      const code = column.kind === "text" ? column.codes[row]! : -1;
      return sum + coefficient * ((code < 0 ? 0 : woe[code]!) - mean);
    }, own);
  };

  it(
    "are those of the coefficients, up to the model's quantum, from any row on, also of rows in no bin",
    LIMIT,
    async () => {
      const unbinned = binned.table.host.map(
        (column): Column =>
          column.kind === "text"
            ? { ...column, codes: column.codes.map((code, row) => (row === 8500 ? -1 : code)) }
            : column,
      );
      const scores: number[] = [];
      await runParties(
        { seed: 3 },
        [
          "bank",
          async (me: Me) =>
            predictBinsGuest(
              {
                ...{ model: guest, rows: source(binned.table.guest), first: 400, secrets: me.secrets },
                take: async (values) => void scores.push(...values),
              },
              await me.peer(predictionMessages, "guest", "telco", "host"),
            ),
        ],
        [
          "telco",
          async (me: Me) =>
            predictBinsHost(
              { model: host, rows: source(unbinned), secrets: me.secrets },
              await me.peer(predictionMessages, "host", "bank", "guest"),
            ),
        ],
      );
      expect(scores).toHaveLength(rows - 400);
      const most = (guest.lookups.quantum * host.columns.length) / 2;
      for (const [i, score] of scores.entries()) {
        const row = i + 400;
        const none =
          row !== 8500
            ? 0
            : guest.lookups.columns.reduce((sum, { woe, coefficient }, c) => {
                const column = binned.table.host[c]!;
                return sum + coefficient * woe[column.kind === "text" ? column.codes[row]! : 0]!;
              }, 0);
        expect(Math.abs(Math.log(score / (1 - score)) - expected(row) + none)).toBeLessThanOrEqual(most + 1e-9);
      }
    },
  );

  it("stay away where bands are told: on which side of each bound a row is", LIMIT, async () => {
    const below = [0.3, 0.5, 0.8];
    const bands: number[] = [];
    const count = 300;
    await runParties(
      { seed: 3 },
      [
        "bank",
        async (me: Me) =>
          bandsBinsGuest(
            {
              ...{ model: guest, rows: source(binned.table.guest, count), secrets: me.secrets, below },
              take: async (values) => void bands.push(...values),
            },
            await me.peer(predictionMessages, "guest", "telco", "host"),
          ),
      ],
      [
        "telco",
        async (me: Me) =>
          bandsBinsHost(
            { model: host, rows: source(binned.table.host, count), secrets: me.secrets, bounds: below.length },
            await me.peer(predictionMessages, "host", "bank", "guest"),
          ),
      ],
    );
    expect(bands).toEqual(
      Array.from(
        { length: count },
        (_, row) => below.filter((bound) => 1 / (1 + Math.exp(-expected(row))) >= bound).length,
      ),
    );
  });
});
