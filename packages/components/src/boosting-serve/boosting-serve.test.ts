import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TomboloError, toHex } from "@tombolo/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowDraft } from "../flows.ts";
import { KEY_BYTES, type RowStore } from "../row-store.ts";
import type { ScoreAnswer } from "../score-service/items.ts";
import type { ItemRefusal } from "../service.ts";
import { systemClock } from "../service.ts";
import { numbers } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, madeUp } from "../testing/tasks.ts";
import { boostingServe } from "./index.ts";

const ROWS = 80;
const DAY_MS = 86_400_000;
type Answer = ScoreAnswer & Partial<ItemRefusal>;
type Ask = (batch: readonly unknown[]) => Promise<readonly unknown[]>;

let folder: string;
let kept: Record<string, Kept>;
let rowsOf: { id: string; features: { g: number } }[];
let scores: number[];

const training = { trees: 5, depth: 3, bins: 8, minimumRows: 5, minChildWeight: 0 };
const serveTask = (parameters: Record<string, unknown>, partyParameters: Record<string, unknown> = {}): FlowDraft =>
  flowOf({
    serve: {
      component: "boosting-serve",
      parameters: { until: "2099-01-01T00:00:00Z", ...parameters },
      partyParameters: { telco: partyParameters },
      inputs: { model: "train.model", fallback: "alone.model", data: "in.data" },
    },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-serve-"));
  const { guest, host } = madeUp(ROWS);
  // The features of the last row are of today, those of the one before of yesterday, and so on.
  const days = Array.from({ length: ROWS }, (_, i) => Math.floor(Date.now() / DAY_MS) - (ROWS - 1 - i));
  const dated = { ...host, columns: [...host.columns, numbers("day", days)] };
  kept = {
    bank: { ...emptyKept(), tables: { "in.data": guest } },
    telco: { ...emptyKept(), tables: { "in.data": dated } },
  };
  const flow = flowOf({
    train: {
      component: "boosting-train",
      parameters: training,
      partyParameters: { telco: { columns: ["h"] } },
      inputs: { data: "in.data" },
    },
    alone: { component: "boosting-train", parameters: training, parties: ["bank"], inputs: { data: "in.data" } },
    predict: { component: "boosting-predict", inputs: { model: "train.model", data: "in.data" } },
  });
  for (const task of ["train", "alone", "predict"]) await runTask(flow, task, kept, { datasets: {} });
  const values = (table: string, name: string) => {
    const column = kept.bank!.tables[table]!.columns.find((each) => each.name === name)!;
    return column.kind === "number" ? [...column.values] : [];
  };
  scores = values("predict.data", "score");
  rowsOf = values("in.data", "g").map((g, i) => ({ id: `id-${i}`, features: { g } }));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A store that may be away. */
class MapRows implements RowStore {
  readonly rows = new Map<string, Uint8Array>();
  away = false;
  marked: string | null = null;
  fills = 0;

  async get(keys: Uint8Array): Promise<readonly (Uint8Array | null)[] | null> {
    this.#requireThere();
    return this.marked === null ? null : this.#names(keys).map((key) => this.rows.get(key) ?? null);
  }

  async write(keys: Uint8Array, values: readonly (Uint8Array | null)[], mark: string | null): Promise<void> {
    this.#requireThere();
    this.#names(keys).forEach((key, i) => {
      if (values[i] == null) this.rows.delete(key);
      else this.rows.set(key, values[i]);
    });
    if (this.marked === null && mark !== null) this.fills += 1;
    this.marked = mark ?? this.marked;
  }

  async mark(): Promise<string | null> {
    return this.marked;
  }

  async clear(): Promise<void> {
    this.rows.clear();
    this.marked = null;
  }

  #names = (keys: Uint8Array): string[] =>
    Array.from({ length: keys.length / KEY_BYTES }, (_, i) => toHex(keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)));

  #requireThere(): void {
    if (this.away) throw new TomboloError("resource.online-store", "away");
  }
}

/** What callers at the bank are answered; the telco's own node may change rows before. */
async function serve(
  parameters: Record<string, unknown>,
  ask: (answer: (batch: readonly unknown[]) => Promise<Answer[]>) => Promise<void>,
  more: { own?: Record<string, unknown>; change?: (answer: Ask) => Promise<void>; setting?: Partial<Setting> } = {},
): Promise<void> {
  const changed = Promise.withResolvers<void>();
  await runTask(serveTask(parameters, more.own), "serve", kept, {
    datasets: {},
    startedAtMs: Date.now(),
    ...more.setting,
    call: async (party, answer) => {
      if (party === "bank") {
        await changed.promise;
        const typed = async (batch: readonly unknown[]) => (await answer(batch)) as Answer[];
        while ((await typed([rowsOf[0]]))[0]!.refusal?.code === "transport.missing-host")
          await new Promise(setImmediate);
        await ask(typed);
      } else {
        await more.change?.(answer);
        changed.resolve();
      }
    },
  });
}

describe("boosting-serve", () => {
  it("gives the scores of boosting-predict, row by row, in batches of any size", async () => {
    await serve({}, async (ask) => {
      const [one, ...rest] = await Promise.all([ask(rowsOf.slice(0, 1)), ask(rowsOf.slice(1))]);
      const all = [...one, ...rest.flat()].map(({ score }) => score);
      expect(all).toEqual(scores);
      expect(new Set(all).size).toBeGreaterThan(4);
    });
  });

  it("writes ids by the rules agreed, and refuses rows that it cannot read, each for itself", async () => {
    await serve({ normalise: { case: "lower" } }, async (ask) => {
      const { features } = rowsOf[3]!;
      const answers = await ask([
        { id: "  ID-3 ", features },
        { id: "", features },
        { id: "id-3" },
        { id: "id-3", features: { g: "seven" } },
        "id-3",
        { id: ["id-3"], features: { g: null } },
        { id: "id-3", features: { ...features, more: 1 } },
      ]);
      expect(answers.map(({ score, refusal }) => score ?? refusal!.code)).toEqual([
        scores[3],
        "input.id",
        "input.features",
        "input.features",
        "input.id",
        expect.any(Number),
        scores[3],
      ]);
    });
  });

  it("applies the policy to ids that the host does not know or knows too little of lately, and says so", async () => {
    const stranger = { id: "nobody", features: { g: 50 } };
    await serve({}, async (ask) => {
      expect(await ask([stranger])).toEqual([
        { refusal: { code: "state.unknown-id", message: "telco does not know the id" } },
      ]);
    });
    const instead = { unknownId: "fallback", staleFeature: "default", defaultScore: 0.5 };
    const own = { asOf: "day" };
    const staleAfterHours = 48;
    await serve(
      { ...instead, staleAfterHours },
      async (ask) => {
        const [unknown, stale, fresh] = await ask([stranger, rowsOf[70], rowsOf[79]]);
        expect(unknown!.policy).toEqual({ cause: "unknown-id", party: "telco", instead: "fallback" });
        expect(unknown!.score).toBeGreaterThan(0);
        expect(stale).toEqual({ score: 0.5, policy: { cause: "stale-feature", party: "telco", instead: "default" } });
        expect(fresh).toEqual({ score: scores[79] });
      },
      { own },
    );
  });

  it("does not wait for a host longer than agreed, and counts what it answered", async () => {
    const released = Promise.withResolvers<void>();
    const setting: Partial<Setting> = {
      meddle: (party, peer) => {
        if (party !== "bank") return peer;
        const slow = {
          ...peer,
          send: peer.send.bind(peer),
          receive: peer.receive.bind(peer),
          sendEach: peer.sendEach.bind(peer),
        };
        return Object.assign(slow, {
          async *receiveEach(name: never) {
            await released.promise;
            yield* peer.receiveEach(name);
          },
        });
      },
    };
    const ask = async (answer: (batch: readonly unknown[]) => Promise<Answer[]>): Promise<void> => {
      expect(await answer([rowsOf[1]])).toEqual([
        { score: 0.25, policy: { cause: "time-out", party: "telco", instead: "default" } },
      ]);
      released.resolve();
      const late = async () => (await answer(rowsOf.slice(0, 10)))[0]!.policy !== undefined;
      while (await late()) await new Promise(setImmediate);
    };
    await serve({ timeOut: "default", defaultScore: 0.25, timeoutMs: 20 }, ask, { setting });
    const counts = kept.bank!.observed;
    const rows = counts.rows![0]!;
    expect(rows).toBeGreaterThan(0);
    expect(counts["column:g"]!.reduce((sum, count) => sum + count, 0)).toBe(rows);
  });

  it("answers no row that is not reserved, and gives back those that no model scored", async () => {
    const reserved: Record<string, number[]> = { bank: [], telco: [] };
    const reserveRows = async (party: string, needed: number): Promise<number> => {
      const blocks = reserved[party]!.push(needed);
      if (party === "telco") return needed;
      if (blocks > 2) throw new TomboloError("consent.permit-used-up", "no more");
      return 10;
    };
    await serve(
      {},
      async (ask) => {
        const stranger = { id: "nobody", features: { g: 50 } };
        await ask([...rowsOf.slice(0, 5), stranger, stranger]);
        await ask(rowsOf.slice(0, 5));
        expect((await ask(rowsOf.slice(0, 8))).map(({ score }) => score)).toEqual(scores.slice(0, 8));
        await expect(ask(rowsOf.slice(0, 9))).rejects.toMatchObject({ code: "consent.permit-used-up" });
      },
      { setting: { reserveRows } },
    );
    // One row was asked to begin with; of the next 7 two were given back, so that 8 + 5 + 8 of 20 are left short of 9.
    expect(reserved).toEqual({ bank: [1, 1, 8], telco: [1, 7, 5, 8] });
  });

  it("begins another session before one has carried all it may; callers may repeat", async () => {
    let wear = 0;
    const setting: Partial<Setting> = {
      meddle: (_, peer) => Object.defineProperty(peer, "wear", { get: () => wear }),
    };
    const run = serve(
      {},
      async (ask) => {
        wear = 0.95;
        const [first, second] = await Promise.allSettled([ask(rowsOf.slice(0, 2)), ask(rowsOf.slice(2, 4))]);
        expect(first).toMatchObject({ value: [{ score: scores[0] }, { score: scores[1] }] });
        expect(second).toMatchObject({ value: [{ score: scores[2] }, { score: scores[3] }] });
        await expect(ask(rowsOf)).rejects.toMatchObject({ code: "state.service-starting" });
      },
      { setting },
    );
    expect((await failureOf(run)).code).toBe("transport.session-worn");
  });

  it("answers nothing on a day with what it drew ahead on the day before", async () => {
    let now = Date.parse("2026-11-21T23:59:00Z");
    const before = kept.telco!.draws["serve bank"] ?? 0;
    const drawn = (): number => kept.telco!.draws["serve bank"]! - before;
    const ask = async (answer: (batch: readonly unknown[]) => Promise<Answer[]>): Promise<void> => {
      expect(drawn()).toBe(1000);
      now += 120_000;
      for (let i = 0; i < 2; i++) {
        await answer([rowsOf[i]]);
        expect(drawn()).toBe(2000);
      }
    };
    await serve({}, ask, { setting: { startedAtMs: now, clock: { ...systemClock, now: () => now } } });
  });

  it("answers with bands or decisions, and with reasons that add up to the margin", async () => {
    const bands = [
      { name: "low", below: 0.5 },
      { name: "high", below: null },
    ];
    const named = scores.map((score) => (score < 0.5 ? "low" : "high"));
    await serve({ output: "band", bands }, async (ask) => {
      expect(await ask(rowsOf)).toEqual(named.map((band) => ({ band })));
    });
    await serve({ output: "decision", bands, reasons: 5, hostReasons: true }, async (ask) => {
      const answers = await ask(rowsOf);
      expect(answers.map(({ decision }) => decision)).toEqual(named);
      const sums = answers.map(({ reasons }) => reasons!.reduce((sum, { contribution }) => sum + contribution, 0));
      const logit = (p: number): number => Math.log(p / (1 - p));
      // The same constant for all rows: base margin and the means of the roots.
      const rest = sums.map((sum, i) => logit(scores[i]!) - sum);
      expect(Math.max(...rest) - Math.min(...rest)).toBeLessThan(1e-9);
      const features = new Set(
        answers.flatMap(({ reasons }) => reasons!.map(({ feature, party }) => `${party} ${feature}`)),
      );
      expect(features).toEqual(new Set(["bank g", expect.stringMatching(/^telco \d+$/)].map((each) => each)));
    });
    await serve({ reasons: 5 }, async (ask) => {
      const parties = (await ask(rowsOf)).flatMap(({ reasons }) => reasons!.map(({ party }) => party));
      expect(new Set(parties)).toEqual(new Set(["bank"]));
    });
  });

  it("takes changes of a host's rows while it serves, and keeps them for its next attempt", async () => {
    const setting = { workFolders: join(folder, "work") };
    const known = (ask: (batch: readonly unknown[]) => Promise<Answer[]>) => async () =>
      (await ask([{ id: "new", features: { g: 50 } }, rowsOf[5]])).map(({ score, refusal }) => score ?? refusal!.code);
    let first: unknown;
    await serve(
      {},
      async (ask) => {
        first = await known(ask)();
        expect(first).toEqual([expect.any(Number), "state.unknown-id"]);
      },
      {
        setting,
        change: async (change) => {
          const answers = await change([
            { put: { id: "new", features: { h: 90, other: "x" } } },
            { remove: "id-5" },
            { remove: "nobody" },
            { put: { id: "new", features: {} } },
            { put: null },
          ]);
          expect(answers.slice(0, 3)).toEqual([{ done: true }, { done: true }, { done: false }]);
          expect(answers.slice(3).map((each) => (each as ItemRefusal).refusal.code)).toEqual([
            "input.features",
            "input.id",
          ]);
        },
      },
    );
    await serve({}, async (ask) => expect(await known(ask)()).toEqual(first), { setting });
  });

  it("looks rows up in an online store, filled once; away it answers by rule, emptied it is filled again", async () => {
    const store = new MapRows();
    const setting = { workFolders: join(folder, "elsewhere"), rowStore: () => store };
    const fresh = { id: "fresh", features: { g: 50 } };
    const shown = (answers: readonly Answer[]) => answers.map(({ score, refusal }) => score ?? refusal!.code);
    let first: unknown;
    await serve(
      {},
      async (ask) => {
        first = shown(await ask([fresh, ...rowsOf.slice(0, 9)]));
        expect(first).toEqual([expect.any(Number), ...scores.slice(0, 5), "state.unknown-id", ...scores.slice(6, 9)]);
        store.away = true;
        expect(shown(await ask(rowsOf.slice(0, 2)))).toEqual(["transport.missing-host", "transport.missing-host"]);
        store.away = false;
        expect(shown(await ask(rowsOf.slice(0, 1)))).toEqual(scores.slice(0, 1));
      },
      {
        setting,
        change: async (change) => {
          expect(store.fills).toBe(1);
          const put = { put: { id: "fresh", features: { h: 90 } } };
          expect(await change([put, { remove: "id-5" }, { put: null }, put, { remove: "nobody" }])).toEqual([
            { done: true },
            { done: true },
            { refusal: expect.objectContaining({ code: "input.id" }) },
            { done: true },
            { done: false },
          ]);
          store.away = true;
          await expect(change([{ remove: "fresh" }])).rejects.toMatchObject({ code: "resource.online-store" });
          store.away = false;
        },
      },
    );
    expect(store.rows.size).toBe(ROWS);
    const held = (JSON.parse(store.marked!) as { held: number[][] }).held[0]!;
    expect(held.reduce((sum, count) => sum + count)).toBe(ROWS);
    await serve(
      {},
      async (ask) => {
        expect(shown(await ask([fresh, ...rowsOf.slice(0, 9)]))).toEqual(first);
        expect(store.fills).toBe(1);
        await store.clear();
        while ((await ask([fresh]))[0]!.score === undefined) await new Promise(setImmediate);
        expect(shown(await ask([fresh, ...rowsOf.slice(0, 9)]))).toEqual(first);
        expect([store.fills, store.rows.size]).toEqual([2, ROWS]);
      },
      { setting },
    );
  });

  it("refuses tables that it cannot serve", async () => {
    const { telco } = kept;
    const data = telco!.tables["in.data"]!;
    const without = data.columns.filter(({ name }) => name !== "h");
    const wrong = (columns: typeof data.columns): Record<string, Kept> => ({
      ...kept,
      telco: { ...telco!, tables: { "in.data": { ...data, columns } } },
    });
    const run = (other: Record<string, Kept>, parameters = {}) =>
      failureOf(runTask(serveTask(parameters), "serve", other, { datasets: {} }));
    expect((await run(wrong(without))).code).toBe("input.columns");
    expect((await run(kept, { rowsMax: 10 })).code).toBe("resource.rows");
    expect((await run({ ...kept, bank: { ...kept.bank!, models: kept.telco!.models } })).code).toBe("input.model");
  });

  it("finds faults in bands and policies before consent", () => {
    const faults = (given: Record<string, unknown>): string[] =>
      boostingServe.faults!({
        parameters: boostingServe.parameters.parse({ until: "2099-01-01T00:00:00Z", ...given }),
        participants: [],
        written: {},
        inputs: [],
      }).map(({ parameter }) => parameter);
    expect(faults({})).toEqual([]);
    expect(faults({ output: "band" })).toEqual(["bands"]);
    expect(
      faults({
        output: "band",
        bands: [
          { name: "a", below: 1 },
          { name: "b", below: 0.5 },
        ],
      }),
    ).toEqual(["bands"]);
    expect(faults({ timeOut: "default" })).toEqual(["defaultScore"]);
  });
});
