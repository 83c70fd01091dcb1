import type { Column } from "@tombolo/base";
import { type Me, runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import type { RowSource } from "../boosting/index.ts";
import {
  classFamilyOf,
  type EarlierModel,
  guestClassModel,
  guestModel,
  type HostModel,
  type HostPair,
  hostClassModel,
  hostModel,
  predictClassSumsGuest,
  predictClassSumsHost,
  predictionMessages,
  predictSumGuest,
  predictSumHost,
  type Trained,
  type TrainedPart,
  trainGuest,
  trainHost,
  trainingMessages,
  trainOwner,
  trainTwin,
} from "./index.ts";
import recorded from "./testing/figures.json" with { type: "json" };
import {
  classTable,
  type Options,
  parametersOf,
  sampleColumns,
  sampleTable,
  skewedTable,
  type Table,
} from "./testing/world.ts";

const ROWS = 200;
const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };
/** The bank is the guest, the telco the first host; the shop and the post own columns. */
const PARTIES = ["bank", "telco", "shop", "post"] as const;
const OWNERS = PARTIES.slice(2);

/** Of the host's columns the telco has the text, the shop and the post one of numbers more than the other has. */
function columnsOf({ guest, host }: Pick<Table, "guest" | "host">) {
  const [calls, plan, data, months] = host;
  return { bank: guest, telco: [plan!], shop: [calls!, data!], post: [months!] };
}

type Earlier = Readonly<Partial<Record<(typeof PARTIES)[number], EarlierModel>>>;

async function trainAll(table: Table, options: Options, earlier: Earlier = {}) {
  const parameters = parametersOf({ hostTermsMin: 1, ...options });
  const columns = columnsOf(table);
  const party = async (me: Me): Promise<Trained | TrainedPart> => {
    const own = columns[me.id as keyof typeof columns];
    const before = earlier[me.id as keyof typeof earlier];
    const input = { columns: own, rowCount: table.labels.length, parameters, earlier: before };
    const owners = () => Promise.all(OWNERS.map((id) => me.peer(trainingMessages, "computing", id, "owner")));
    if (me.id === "bank")
      return trainGuest(
        { ...input, rows: table },
        await me.peer(trainingMessages, "guest", "telco", "host"),
        me.secrets,
        await owners(),
      );
    if (me.id === "telco")
      return trainHost(input, await me.peer(trainingMessages, "host", "bank", "guest"), me.secrets, await owners());
    const [guest, host] = await Promise.all(
      ["bank", "telco"].map((id) => me.peer(trainingMessages, "owner", id, "computing")),
    );
    const place = OWNERS.indexOf(me.id as (typeof OWNERS)[number]);
    return trainOwner({ ...input, place }, { guest: guest!, host: host! }, me.secrets);
  };
  return { run: await runWorld(PARTIES, world, party), columns, parameters };
}

async function expectTwins(table: Table, options: Options, digits: number): Promise<void> {
  const { run, columns, parameters } = await trainAll(table, options);
  const twin = await trainTwin({ columns: PARTIES.map((id) => columns[id]), rows: table, parameters });
  const coefficients = (parts: readonly Pick<TrainedPart, "intercepts" | "coefficients">[]): number[] =>
    parts.flatMap((part) => [...part.intercepts, ...part.coefficients]);
  const expected = coefficients(twin.parties);
  const scale = Math.max(...expected.map(Math.abs));
  coefficients(PARTIES.map((id) => run.result(id))).forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(10 ** -digits);
  });
  expect(new Set(PARTIES.map((id) => run.result(id).run)).size).toBe(1);
}

describe("training with three hosts gives the coefficients of the plaintext twin", () => {
  test("logistic", LIMIT, () => expectTwins(sampleTable(ROWS), {}, 4));

  test("linear, in units of the label", LIMIT, async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    await expectTwins({ ...columns, labels }, { family: "linear" }, 4);
  });

  test("with an L1 penalty", LIMIT, () => expectTwins(sampleTable(ROWS), { l1: 6, tolerance: 1e-4 }, 3));

  test("by mini-batches", LIMIT, () =>
    expectTwins(sampleTable(ROWS), { solver: "sgd", batchRows: 128, epochs: 2, learningRate: 0.5 }, 2),
  );
});

describe("training with three hosts goes on from an earlier model", () => {
  const hosts = PARTIES.slice(1);

  test("linear, of labels in other units and columns with other means", LIMIT, async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    const options: Options = { family: "linear" };
    const { run, parameters } = await trainAll({ ...columns, labels }, options);
    const part = (id: (typeof PARTIES)[number]): EarlierModel =>
      id === "bank"
        ? guestModel(run.result(id), parameters, { hosts, offset: null })
        : hostModel(run.result(id), parameters, { hosts: hosts.length });
    const earlier = Object.fromEntries(PARTIES.map((id) => [id, part(id)])) as Earlier;
    // Columns are moved, and labels by what the model makes of that: it is the optimum still, with other means and units.
    const moved = (all: readonly Column[]): Column[] =>
      all.map((column) => (column.kind === "text" ? column : { ...column, values: column.values.map((v) => v + 5) }));
    const parts = PARTIES.map((id) => run.result(id));
    const more = parts.flatMap(({ design, coefficients }) =>
      design.terms.map(({ category }, i) => (category === null ? 5 * coefficients[i]! : 0)),
    );
    const rise = more.reduce((sum, one) => sum + one);
    const table = { guest: moved(columns.guest), host: moved(columns.host), labels: labels.map((l) => l + rise) };
    expect(Math.abs(rise)).toBeGreaterThan(1000);
    const again = await trainAll(table, options, earlier);
    expect((again.run.result("bank") as Trained).iterations.length).toBeLessThanOrEqual(1);
    const largest = Math.max(...parts.flatMap(({ coefficients }) => [...coefficients].map(Math.abs)));
    PARTIES.forEach((id, i) => {
      again.run.result(id).coefficients.forEach((value, at) => {
        expect(Math.abs(value - parts[i]!.coefficients[at]!) / largest).toBeLessThan(1e-4);
      });
    });
    const { shop: _, ...without } = earlier;
    const refused = await trainAll(table, options, without);
    expect(refused.run.error("shop").code).toBe("protocol.agreement");
  });
});

/** Sessions of a host with all others. */
function pairsOf(me: Me, hosts: readonly string[]): Promise<HostPair[]> {
  const place = hosts.indexOf(me.id);
  return Promise.all(
    hosts.flatMap((id, there): Promise<HostPair>[] => {
      if (there === place) return [];
      return place < there
        ? [me.peer(predictionMessages, "earlier", id, "later").then((peer) => ({ side: "earlier", peer }))]
        : [me.peer(predictionMessages, "later", id, "earlier").then((peer) => ({ side: "later", peer }))];
    }),
  );
}

describe("standard errors of three hosts are those of statsmodels on the joined table", () => {
  /** Where the parties' terms stand in the joined table. */
  const PLACES = [0, 1, 3, 4, 2, 5, 6];

  test.each(["logistic", "linear", "poisson", "gamma"] as const)("%s", LIMIT, async (family) => {
    const table = ((): Table => {
      if (family === "logistic") return sampleTable(ROWS);
      if (family !== "linear") return { ...skewedTable(ROWS, family), weights: null };
      const columns = sampleColumns(ROWS);
      return { ...columns, labels: Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101)) };
    })();
    const { run } = await trainAll(table, { family, tolerance: 1e-6, inference: true });
    const parts = PARTIES.map((id) => (run.result(id) as Trained).errors!);
    const known = family === "logistic" || family === "linear" ? recorded[family] : recorded[`${family}Unweighted`];
    const expected = PLACES.map((place) => known.errors[place + 1]!);
    const found = parts.flatMap(({ terms }) => [...terms]);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(5e-4);
    });
    expect(parts.map(({ degrees }) => degrees)).toEqual(PARTIES.map(() => ROWS - 8));
    for (const { residual, dispersion } of parts) {
      if (family === "linear") expect(residual! / parts[0]!.residual!).toBeCloseTo(1, 4);
      else expect(residual).toBeNull();
      if (family === "gamma") expect(dispersion).toBeCloseTo(recorded.gammaUnweighted.dispersion[0]!, 3);
      else expect(dispersion).toBeNull();
    }
  });

  test("are none at all where there was no convergence", LIMIT, async () => {
    const { run } = await trainAll(sampleTable(ROWS), { inference: true, iterations: 1 });
    for (const id of PARTIES) expect((run.result(id) as Trained).errors).toBeNull();
  });
});

describe("of three classes", () => {
  const options: Options = { family: "multinomial", classes: 3, rowsPerTerm: 5 };

  test("training gives the coefficients of the plaintext twin, and scores those of all columns", LIMIT, async () => {
    const table = classTable(ROWS);
    const { run, columns, parameters } = await trainAll(table, options);
    const twin = await trainTwin({ columns: PARTIES.map((id) => columns[id]), rows: table, parameters });
    PARTIES.forEach((id, i) => {
      const { coefficients } = twin.parties[i]!;
      run.result(id).coefficients.forEach((value, at) => {
        expect(Math.abs(value - coefficients[at]!)).toBeLessThan(1e-3);
      });
    });
    const hosts = PARTIES.slice(1);
    const guest = guestClassModel(run.result("bank"), parameters, { hosts });
    const scored = await runWorld(PARTIES, world, async (me) => {
      const rows: RowSource = {
        rowCount: ROWS,
        async *chunks() {
          yield columns[me.id as keyof typeof columns];
        },
      };
      if (me.id === "bank") {
        const scores: number[] = [];
        const take = async (more: Float64Array): Promise<void> => void scores.push(...more);
        const peers = await Promise.all(hosts.map((id) => me.peer(predictionMessages, "guest", id, "host")));
        await predictClassSumsGuest({ model: guest, rows, take }, peers);
        return scores;
      }
      const model = hostClassModel(run.result(me.id), parameters, { hosts: hosts.length });
      const peer = await me.peer(predictionMessages, "host", "bank", "guest");
      return predictClassSumsHost({ model, rows }, peer, await pairsOf(me, hosts), me.secrets);
    });
    const { probabilities } = classFamilyOf({ family: "multinomial", classes: 3 });
    const parts = PARTIES.map((id) => run.result(id).contributions);
    const shares = scored.result("bank") as number[];
    for (let row = 0; row < ROWS; row++) {
      const expected = probabilities([0, 1, 2].map((c) => parts.reduce((sum, own) => sum + own[c * ROWS + row]!, 0)));
      expected.forEach((share, c) => {
        expect(Math.abs(shares[3 * row + c]! - share)).toBeLessThan(2e-3);
      });
    }
  });
});

describe("scores of several hosts", () => {
  const HOSTS = ["telco", "shop", "post"];
  const terms = (coefficient: number) => [
    { column: "x", category: null, merged: null, mean: 1, scale: 2, coefficient },
  ];
  const common = { version: 1, modelId: "0".repeat(32), missing: "refuse" } as const;
  const rowsOf = (values: readonly number[]): RowSource => ({
    rowCount: values.length,
    async *chunks() {
      yield [{ kind: "number", name: "x", values: Float64Array.from(values) }];
    },
  });
  const X = [3, 1, -4, 7];

  const request = { rows: X.length, first: 0, chunkRows: X.length, modelId: common.modelId, unit: null };
  /** What hosts answer to requests of their own, added up word by word. */
  async function summed(me: Me, requests: readonly (typeof request)[]): Promise<number[]> {
    const answers = await Promise.all(
      HOSTS.map(async (id, i) => {
        const peer = await me.peer(predictionMessages, "guest", id, "host");
        await peer.send("request", requests[i]!);
        await peer.receive("maskedUnit");
        const chunks = await Array.fromAsync(peer.receiveEach("maskedTotals"), (chunk) => [
          ...new BigUint64Array(chunk.slice().buffer),
        ]);
        return chunks.flat();
      }),
    );
    const sums = answers[0]!.map((_, i) => answers.reduce((sum, words) => sum + (words[i] ?? 0n), 0n));
    return sums.map((sum) => Number(BigInt.asIntN(64, sum)));
  }

  /** The post sends chunks of totals as `change` has them; `requests`: in place of the guest's. */
  const scored = (
    change: (chunk: Uint8Array) => Uint8Array,
    { unit = 2 ** -12, requests }: { readonly unit?: number; readonly requests?: readonly (typeof request)[] } = {},
  ) =>
    runWorld(["bank", ...HOSTS], world, async (me) => {
      if (me.id === "bank" && requests !== undefined) return summed(me, requests);
      if (me.id === "bank") {
        const model = { ...common, kind: "regression/guest", family: "linear", power: 1.5, intercept: 10 } as const;
        const peers = await Promise.all(HOSTS.map((id) => me.peer(predictionMessages, "guest", id, "host")));
        const scores: number[] = [];
        const take = async (more: Float64Array): Promise<void> => void scores.push(...more);
        await predictSumGuest(
          { model: { ...model, offset: null, hosts: HOSTS, terms: terms(0.5) }, rows: rowsOf(X), take },
          peers,
        );
        return scores;
      }
      const place = HOSTS.indexOf(me.id);
      const [peer, others] = await Promise.all([
        me.peer(predictionMessages, "host", "bank", "guest"),
        pairsOf(me, HOSTS),
      ]);
      // Units differ from host to host: the coarsest is taken.
      const quantum = me.id === "shop" ? unit : 2 ** -20;
      const model: HostModel = {
        ...common,
        kind: "regression/host",
        hosts: HOSTS.length,
        quantum,
        terms: terms(place + 1),
      };
      const meddling: typeof peer =
        me.id !== "post"
          ? peer
          : new Proxy(peer, {
              get: (target, name) => {
                const value: unknown = Reflect.get(target, name);
                if (typeof value !== "function") return value;
                if (name !== "sendEach") return value.bind(target);
                return async (message: string, chunks: AsyncIterable<Uint8Array>) =>
                  value.call(target, message, (await Array.fromAsync(chunks)).map(change));
              },
            });
      await predictSumHost({ model, rows: rowsOf(X) }, meddling, others, me.secrets);
      return [];
    });

  test("are those of all columns, within the coarsest host's unit", async () => {
    const run = await scored((chunk) => chunk);
    run.result("bank").forEach((score, row) => {
      expect(Math.abs(score - (10 + (0.5 + 1 + 2 + 3) * (X[row]! - 1)))).toBeLessThan(3 * 2 ** -12);
    });
  });

  test("end where a host answers for other rows, or rounds to no power of two", async () => {
    const short = await scored((chunk) => chunk.subarray(8));
    expect(short.error("bank")).toMatchObject({ code: "protocol.malformed", blame: "post" });
    const odd = await scored((chunk) => chunk, { unit: 0.3 });
    expect(odd.error("bank").code).toBe("protocol.range");
  });

  test("are noise to a guest that asks hosts for different rows, or in other chunks", async () => {
    const sums = async (other: Partial<typeof request>): Promise<number[]> => {
      const requests = [request, request, { ...request, ...other }];
      const sizes = (await scored((chunk) => chunk, { requests })).result("bank").map(Math.abs);
      return sizes.slice(0, 3);
    };
    expect(Math.max(...(await sums({})))).toBeLessThan(2 ** 30);
    expect(Math.min(...(await sums({ first: 1 })))).toBeGreaterThan(2 ** 40);
    expect(Math.min(...(await sums({ chunkRows: X.length + 1 })))).toBeGreaterThan(2 ** 40);
  });
});

test("a host of too few columns is refused by all", LIMIT, async () => {
  const { run } = await trainAll(sampleTable(ROWS), { hostTermsMin: 2 });
  for (const id of PARTIES) expect(run.error(id)).toMatchObject({ code: "consent.few-columns" });
});
