import { createHash } from "node:crypto";
import { concat, TomboloError, toHex } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../oprf/index.ts";
import { type CatalogueHeader, entryBytes, idPrefix, tagBytesFor } from "../../psi/unbalanced/index.ts";
import {
  type Asking,
  catalogueEntries,
  dummyEntries,
  type EntryReader,
  guest,
  host,
  IDS_MAX_ASKED,
  messages,
  open,
  seal,
} from "./index.ts";

const secrets = seededSecrets(9, "keyword");
const key = ristretto255.randomScalar(secrets);
const catalogue = secrets.bytes(32);
const TAG_BYTES = tagBytesFor(1000, 1000);
const RECORD_BYTES = 40;

const digestsOf = (ids: readonly string[]): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(idPrefix(catalogue)).update(id).digest().subarray(0, 16)));
const recordOf = (id: string): Uint8Array => {
  const record = new Uint8Array(RECORD_BYTES);
  record.set(Buffer.from(`record of ${id}`));
  return record;
};
const EMPTY = new Uint8Array(RECORD_BYTES);
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** A catalogue in memory. */
class Table implements EntryReader {
  readonly header: CatalogueHeader;
  readonly #entries = new Map<string, Uint8Array>();

  constructor(header: CatalogueHeader, entries: Uint8Array) {
    this.header = header;
    const width = entryBytes(header);
    for (let at = 0; at < entries.length; at += width)
      this.#entries.set(toHex(entries.subarray(at, at + TAG_BYTES)), entries.slice(at + TAG_BYTES, at + width));
  }

  get size(): number {
    return this.#entries.size;
  }

  async lookUp(tags: Uint8Array) {
    const rest = entryBytes(this.header) - TAG_BYTES;
    const count = tags.length / TAG_BYTES;
    const out = { found: new Uint8Array(count), rest: new Uint8Array(count * rest) };
    for (let i = 0; i < count; i++) {
      const entry = this.#entries.get(toHex(tags.subarray(i * TAG_BYTES, (i + 1) * TAG_BYTES)));
      if (entry === undefined) continue;
      out.found[i] = 1;
      out.rest.set(entry, i * rest);
    }
    return out;
  }
}

async function tableOf(ids: readonly string[], recordBytes: number, makerKey = key): Promise<Table> {
  const rows = ids.map((id) => concat(digestsOf([id]), recordOf(id).subarray(0, recordBytes)));
  const shape = { tagBytes: TAG_BYTES, recordBytes };
  const parts: Uint8Array[] = [await dummyEntries(makerKey, catalogue, shape, 0, 3)];
  for await (const part of catalogueEntries(concat(...rows), makerKey, catalogue, shape)) parts.push(part);
  const numbers = { ...shape, version: 1, rows: ids.length + 3, added: ids.length + 3, removed: 0, idsMax: 1000 };
  const header = { ...numbers, catalogue, publicKey: await publicKeyOf(key), expiresAt: 5000 };
  return new Table({ ...header, snapshot: new Uint8Array(32), previous: new Uint8Array(32) }, concat(...parts));
}

interface Setting {
  readonly padTo?: number;
  readonly now?: number;
  readonly budget?: number;
}

/** The guest does what `use` says; the host answers. */
function play(me: Me, table: Table, use: (ask: Asking) => Promise<unknown>, setting: Setting = {}): Promise<unknown> {
  const { padTo = 1, now = 0, budget = 10_000 } = setting;
  const { header } = table;
  if (me.id === "bank")
    return me
      .peer(messages, "guest", "telco", "host")
      .then((peer) => guest(peer, { secrets: me.secrets, header, entries: table, padTo }, use));
  let asked = 0;
  const admit = async (count: number): Promise<void> => {
    asked += count;
    if (asked > budget) throw new TomboloError("consent.budget", "too many ids");
  };
  return me.peer(messages, "host", "bank", "guest").then((peer) => host(peer, { header, key, now, admit }));
}

const askFor =
  (...questions: readonly (readonly string[])[]) =>
  async (ask: Asking): Promise<unknown> => {
    const out: (string | null)[][] = [];
    for (const ids of questions) {
      const { found, records } = await ask(digestsOf(ids));
      out.push(
        ids.map((_, i) => {
          const record = records.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
          if (found[i] === 0) expect(record).toEqual(EMPTY);
          return found[i] === 1 ? Buffer.from(record).toString().replaceAll("\0", "") : null;
        }),
      );
    }
    return out;
  };

describe("keyword query", () => {
  it("answers question after question in one session, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const table = await tableOf(["a", "b", "c"], RECORD_BYTES);
      const questions = [["b"], ["x", "a", "b", "a"], [], ["y"]];
      const world = await runWorld(["bank", "telco"], { seed: 1, window }, (me) =>
        play(me, table, askFor(...questions)),
      );
      const record = (id: string): string => `record of ${id}`;
      expect(world.result("bank")).toEqual([[record("b")], [null, record("a"), record("b"), record("a")], [], [null]]);
      expect(world.result("telco")).toBe(5);
      expect(world.cost.bytes).toBe(36 + 5 * 64);
      expect(world.cost.rounds).toBeLessThanOrEqual(7);
    }));

  it("equals the plaintext look-up, with and without records, padded or not", async () => {
    const id = fc.integer({ min: 0, max: 30 }).map((i) => `id-${i}`);
    const setting = fc.record({
      recordBytes: fc.constantFrom(0, 1, 33, RECORD_BYTES),
      padTo: fc.constantFrom(1, 4, 7),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id), fc.array(id), setting, async (ids, asked, { recordBytes, padTo }) => {
        const table = await tableOf(ids, recordBytes);
        const use = (ask: Asking) => ask(digestsOf(asked));
        const world = await runWorld(["bank", "telco"], { seed: 2 }, (me) => play(me, table, use, { padTo }));
        const empty = new Uint8Array(recordBytes);
        const records = asked.map((each) => (ids.includes(each) ? recordOf(each).subarray(0, recordBytes) : empty));
        const found = Uint8Array.from(asked, (each) => (ids.includes(each) ? 1 : 0));
        expect(world.result("bank")).toEqual({ found, records: concat(...records) });
        expect(world.result("telco")).toBe(Math.ceil(new Set(asked).size / padTo) * padTo);
      }),
      { numRuns: 12 },
    );
  });

  it("splits what is more than a question, and lets questions overlap", async () => {
    const table = await tableOf(["a"], 0);
    const many = Array.from({ length: IDS_MAX_ASKED + 5 }, (_, i) => `n-${i}`);
    const use = async (ask: Asking): Promise<unknown> => {
      const all = await Promise.all([ask(digestsOf([...many, "a"])), ask(digestsOf(["a"])), ask(digestsOf(["b"]))]);
      return all.map(({ found }) => found.reduce((sum, each) => sum + each, 0));
    };
    const world = await runWorld(["bank", "telco"], { seed: 3 }, (me) => play(me, table, use));
    expect(world.result("bank")).toEqual([1, 1, 0]);
  });

  it("shows the host other points each time the same id is asked about", async () => {
    const table = await tableOf(["a"], 0);
    const seen: string[] = [];
    const world = await runWorld(["bank", "telco"], { seed: 4 }, async (me): Promise<unknown> => {
      if (me.id === "bank")
        return play(me, table, async (ask) => [await ask(digestsOf(["a"])), await ask(digestsOf(["a"]))]);
      const peer = await me.peer(messages, "host", "bank", "guest");
      await peer.receive("open");
      for (let i = 0; i < 2; i++) {
        const question = await peer.receive("question");
        seen.push(toHex(question));
        await peer.send("answer", await ristretto255.multiply(question, key));
      }
      return peer.receive("question");
    });
    world.result("bank");
    expect(new Set(seen).size).toBe(2);
  });

  it("refuses another version, a time after the epoch, and what a budget does not allow", async () => {
    const table = await tableOf(["a"], 0);
    const failure = async (setting: Setting) =>
      (await runWorld(["bank", "telco"], { seed: 1 }, (me) => play(me, table, askFor(["a"], ["b"]), setting))).error(
        "bank",
      );
    expect((await failure({ now: 5000 })).code).toBe("consent.epoch");
    expect((await failure({ budget: 1 })).code).toBe("consent.budget");
    const other = new Table({ ...table.header, version: 2 }, new Uint8Array(0));
    const world = await runWorld(["bank", "telco"], { seed: 1 }, (me) =>
      play(me, me.id === "bank" ? other : table, askFor(["a"])),
    );
    expect(world.error("telco").code).toBe("protocol.version");
  });

  it("blames who sends what is no point, another number of points, or a record of another key", async () => {
    const table = await tableOf(["a"], RECORD_BYTES);
    const noPoint = new Uint8Array(32).fill(255);
    const answering = async (answer: (question: Uint8Array) => Uint8Array) =>
      (
        await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
          if (me.id === "bank") return play(me, table, askFor(["a"]));
          const peer = await me.peer(messages, "host", "bank", "guest");
          await peer.receive("open");
          await peer.send("answer", answer(await peer.receive("question")));
          return peer.receive("question");
        })
      ).error("bank");
    expect(await answering(() => noPoint)).toMatchObject({ code: "protocol.point", blame: "telco" });
    expect(await answering((question) => concat(question, question))).toMatchObject({
      code: "protocol.size",
      blame: "telco",
    });
    const asking = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id === "telco") return play(me, table, askFor());
      const peer = await me.peer(messages, "guest", "telco", "host");
      await peer.send("open", { catalogue, version: 1 });
      await peer.send("question", noPoint);
      return peer.receive("answer");
    });
    expect(asking.error("telco")).toMatchObject({ code: "protocol.point", blame: "bank", stage: "query/keyword" });
    const lying: EntryReader & { header: CatalogueHeader } = {
      header: table.header,
      lookUp: async (tags) => {
        const { found, rest } = await table.lookUp(tags);
        return { found, rest: rest.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) };
      },
    };
    const world = await runWorld(["bank", "telco"], { seed: 1 }, (me) => play(me, lying as Table, askFor(["a"])));
    expect(world.error("bank")).toMatchObject({ code: "protocol.record", blame: "telco" });
  });

  it("ends in an error, or loses matches, when any message is tampered with", async () => {
    const table = await tableOf(["a", "b"], RECORD_BYTES);
    const lost = "a changed id is another id, which the catalogue does not hold";
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => play(me, table, askFor(["a"], ["b", "c"])),
      check(world) {
        const outcome = world.outcomes.bank!;
        if (!outcome.ok) return;
        const [[a], [b, c]] = outcome.value as [[string | null], [string | null, string | null]];
        expect(["record of a", null]).toContain(a);
        expect(["record of b", null]).toContain(b);
        expect(c).toBeNull();
      },
      tolerated: { question: lost, answer: lost },
    });
  });
});

describe("sealed records", () => {
  it("are what the formula says", async () => {
    const recordKey = secrets.bytes(32);
    const record = secrets.bytes(40);
    const mark = sha256(Buffer.from("tombolo/query-keyword/1/seal\0"), recordKey, record).subarray(0, 16);
    const pad = Buffer.concat(
      [0, 1].map((i) =>
        sha256(Buffer.from("tombolo/query-keyword/1/pad\0"), recordKey, mark, Uint8Array.of(i, 0, 0, 0)),
      ),
    );
    const sealed = await seal(recordKey, record, 40);
    expect(sealed).toEqual(
      concat(
        mark,
        record.map((byte, i) => byte ^ pad[i]!),
      ),
    );
  });

  it("open under their own key alone, and not when changed; another record looks like no other", async () => {
    const keys = secrets.bytes(64);
    const records = new Uint8Array(2 * 5);
    const sealed = await seal(keys, records, 5);
    expect(await open(keys, sealed, 5)).toEqual({ records, intact: Uint8Array.of(1, 1) });
    const swapped = concat(keys.subarray(32), keys.subarray(0, 32));
    expect((await open(swapped, sealed, 5)).intact).toEqual(Uint8Array.of(0, 0));
    for (let at = 0; at < 21; at++) {
      const changed = sealed.slice();
      changed[at]! ^= 1;
      expect((await open(keys, changed, 5)).intact).toEqual(Uint8Array.of(0, 1));
    }
    const other = await seal(keys, records.with(0, 1), 5);
    expect(other.subarray(21)).toEqual(sealed.subarray(21));
    expect(Array.from(other.subarray(0, 21)).filter((byte, i) => byte === sealed[i]).length).toBeLessThan(5);
  });
});
