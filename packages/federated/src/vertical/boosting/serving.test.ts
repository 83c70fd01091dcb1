import { TomboloError } from "@tombolo/base";
import { atWindows, tamperEvery } from "@tombolo/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { idWords, KNOWN, ServingStore, STALE, UNKNOWN, usedValues } from "../serving/index.ts";
import { flatHost, hostForm, scoreRecordBytes, scoreRecords, servingMessages, tabulatedAnswer } from "./index.ts";
import { idsOf, rowValues, type ServeOptions, serveParty, serveWorld, storeOf } from "./testing/serving.ts";
import { partiesOf, predictWorld, sampleTable, type Table, type Trained, trainWorld } from "./testing/world.ts";

const ROWS = 60;
const ALL = Array.from({ length: ROWS }, (_, row) => row);
const BATCHES = [ALL.slice(0, 1), ALL.slice(1, 30), ALL.slice(30)];

let table: Table;
let trained: Trained;
const optionsOf = (more: Partial<ServeOptions> = {}): ServeOptions => ({
  stores: trained.hosts.map((model, h) => storeOf(model, table.columns[h + 1]!, ALL)),
  batches: BATCHES,
  ...more,
});

beforeAll(async () => {
  table = sampleTable(ROWS, 3);
  trained = await trainWorld(table, { trees: 4, depth: 4, bins: 8, minimumRows: 1, minChildWeight: 0, lambda: 0 });
  expect(trained.hosts.every(({ trees }) => trees.some(({ splits }) => splits.length > 1))).toBe(true);
});

describe("serving", () => {
  test("gives the scores of prediction, bit for bit, whatever the window", async () => {
    const predicted = (await predictWorld(table, trained)).result("bank");
    await atWindows([1, 8], async (window) => {
      const served = (await serveWorld(table, trained, optionsOf(), { window })).result("bank")!;
      expect(served.scores).toEqual(predicted);
      expect(new Set(served.scores).size).toBeGreaterThan(4);
    });
  });

  test("says which ids a host does not know, or knows too little of lately, and no bit of them", async () => {
    const stores = trained.hosts.map((model, h) => storeOf(model, table.columns[h + 1]!, ALL.slice(10), 500));
    const ids = idsOf([40]);
    const used = flatHost(trained.hosts[0]!).splits.columns.length;
    stores[0]!.put(ids, 0, new Float64Array(used), 0, 100);
    const world = await serveWorld(table, trained, optionsOf({ stores, batches: [[3, 40, 41]], since: 400 }));
    const [first, second] = world.result("bank")!.answers[0]!;
    expect([...first!.status]).toEqual([UNKNOWN, STALE, KNOWN]);
    expect([...second!.status]).toEqual([UNKNOWN, KNOWN, KNOWN]);
    expect([...first!.bits.subarray(0, 2 * first!.width)].every((byte) => byte === 0)).toBe(true);
  });

  test("refuses parts of different models", async () => {
    const other = await trainWorld(table, { trees: 1, depth: 2 }, { seed: 8 });
    const mixed = { ...trained, hosts: other.hosts };
    expect((await serveWorld(table, mixed, optionsOf())).error("host-1").code).toBe("protocol.agreement");
  });

  test("takes one message each way a batch, 16 bytes an id out, a byte and a bit a split in", async () => {
    const { cost } = await serveWorld(table, trained, optionsOf({ batches: [ALL] }), { latencyMs: 150 });
    const splits = trained.hosts[0]!.trees.reduce((sum, { splits: own }) => sum + own.length, 0);
    expect(cost.byDirection["bank->host-1"]!.ask!.bytes).toBe(4 + 16 * ROWS);
    expect(cost.byDirection["host-1->bank"]!.bits!.bytes).toBe(4 + ROWS * (1 + Math.ceil(splits / 8)));
    // Opening and one batch: the ends of the streams come right behind.
    expect(cost.rounds).toBe(4);
  });

  test("every message that is changed on the way is noticed, but for ids and the bits themselves", {
    timeout: 60_000,
  }, async () => {
    const two = sampleTable(24, 2);
    const model = await trainWorld(two, { trees: 2, depth: 3, bins: 8, minimumRows: 1, minChildWeight: 0 });
    const rows = ALL.slice(0, 24);
    const stores = [storeOf(model.hosts[0]!, two.columns[1]!, rows)];
    await tamperEvery({
      parties: partiesOf(two),
      table: servingMessages,
      seed: 7,
      run: serveParty(two, model, { stores, batches: [rows, rows.slice(3)] }),
      tolerated: {
        ask: "another id is another id: links are authenticated, and a guest may ask for what it likes",
        bits: "a host may say of its rows what it likes",
      },
      check: (world, name, action) => {
        for (const outcome of Object.values(world.outcomes))
          if (!outcome.ok)
            expect(outcome.error.code, `${action} of ${name}`).toMatch(/^(protocol|transport|aborted)\./);
      },
    });
  });
});

describe("a host's part, tabulated", () => {
  test("answers as its store does, of every row, whatever its values", () => {
    const model = trained.hosts[0]!;
    const host = flatHost(model);
    const columns = table.columns[1]!;
    const store = storeOf(model, columns, ALL);
    const answer = new Uint8Array(ROWS * (1 + store.partBytes));
    store.answer(idsOf(ALL), 0, answer, 0);
    const records = scoreRecords(host, usedValues(host.splits.columns, columns), ROWS, null, 0);
    const shape = { splits: host.splits.count, ages: false };
    const { status, bits, width } = tabulatedAnswer(new Uint8Array(ROWS).fill(KNOWN), records, shape, 0);
    const told = ALL.flatMap((row) => [status[row]!, ...bits.subarray(row * width, (row + 1) * width)]);
    expect(told).toEqual([...answer]);
    expect(new Set(ALL.map((row) => String(bits.subarray(row * width, (row + 1) * width)))).size).toBeGreaterThan(4);
  });

  test("holds the hour from which a row is too old, and no bits of one that is already", () => {
    const host = flatHost(trained.hosts[0]!);
    const shape = { splits: host.splits.count, ages: true };
    const hour = 3_600_000;
    const values = usedValues(host.splits.columns, table.columns[1]!);
    const staleFrom = Float64Array.of(2 * hour, 2 * hour + 1, 100 * hour);
    const records = scoreRecords(host, values, 3, staleFrom, 2 * hour);
    const at = (now: number) => tabulatedAnswer(Uint8Array.of(1, 1, 1), records, shape, now);
    expect([...at(2 * hour).status]).toEqual([STALE, KNOWN, KNOWN]);
    expect([...at(3 * hour).status]).toEqual([STALE, STALE, KNOWN]);
    expect([...records.subarray(4, scoreRecordBytes(shape))].every((byte) => byte === 0)).toBe(true);
  });
});

describe("a host's store", () => {
  test("takes ids as they lie in whatever bytes come from a socket", () => {
    const ids = idsOf([1, 2]);
    const received = Buffer.concat([Buffer.alloc(3), Buffer.from(ids.buffer)]).subarray(3);
    expect(idWords(received)).toEqual(ids);
  });

  const statusOf = (store: ServingStore, row: number): number => {
    const out = new Uint8Array(1 + store.partBytes);
    store.answer(idsOf([row]), 0, out, 0);
    return out[0]!;
  };
  const used = (): number => flatHost(trained.hosts[0]!).splits.columns.length;

  test("holds what is put, replaced and removed, through growth and many changes", () => {
    const store = new ServingStore(hostForm(flatHost(trained.hosts[0]!)), 0, 3000);
    const values = new Float64Array(used());
    const there = new Set<number>();
    for (let step = 0; step < 20_000; step++) {
      const row = (Math.imul(step, 7919) % 2000) >>> 0;
      if (step % 3 === 2) expect(store.remove(idsOf([row]), 0)).toBe(there.delete(row));
      else {
        store.put(idsOf([row]), 0, values, 0, step);
        there.add(row);
      }
    }
    expect(store.rowCount).toBe(there.size);
    for (let row = 0; row < 2000; row++) expect(statusOf(store, row)).toBe(there.has(row) ? KNOWN : UNKNOWN);
  });

  test("counts the rows it holds, and those it answers, by the bins of its own splits", () => {
    const columns = table.columns[1]!;
    const store = storeOf(trained.hosts[0]!, columns, ALL);
    const all = store.counts.map(({ held }) => [...held]);
    for (const { held, told } of store.counts) {
      expect(held.reduce((sum, each) => sum + each, 0)).toBe(ROWS);
      expect(held.filter((each) => each > 0).length).toBeGreaterThan(1);
      expect(told.every((each) => each === 0)).toBe(true);
    }
    for (const row of ALL) statusOf(store, row);
    statusOf(store, ROWS + 1);
    expect(store.counts.map(({ told }) => [...told])).toEqual(all);
    const again = rowValues(usedValues(flatHost(trained.hosts[0]!).splits.columns, columns), [0]);
    store.put(idsOf([0]), 0, again, 0, 1);
    expect(store.counts.map(({ held }) => [...held])).toEqual(all);
    for (const row of ALL) store.remove(idsOf([row]), 0);
    expect(store.counts.every(({ held }) => held.every((each) => each === 0))).toBe(true);
  });

  test("refuses more rows than it may hold, and takes changes of those it has", () => {
    const store = new ServingStore(hostForm(flatHost(trained.hosts[0]!)), 2, 3);
    const values = new Float64Array(used());
    for (const row of [1, 2, 3]) store.put(idsOf([row]), 0, values, 0, 0);
    expect(() => store.put(idsOf([4]), 0, values, 0, 0)).toThrow(TomboloError);
    store.put(idsOf([2]), 0, values, 0, 0);
    store.remove(idsOf([1]), 0);
    store.put(idsOf([4]), 0, values, 0, 0);
    expect([1, 2, 3, 4].map((row) => statusOf(store, row))).toEqual([UNKNOWN, KNOWN, KNOWN, KNOWN]);
  });
});
