import { createHash } from "node:crypto";
import { concat, TomboloError } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { beforeAll, describe, expect, it } from "vitest";
import { publicKeyOf } from "../../oprf/index.ts";
import { type Database, HintProducts, Prepared, rowsOf, WithoutHint } from "../../pir/simple/index.ts";
import { type CatalogueHeader, idPrefix, tagBytesFor } from "../../psi/unbalanced/index.ts";
import { type Asking, catalogueEntries } from "../keyword/index.ts";
import { entriesDatabase, guest, host, IDS_MAX_HIDDEN, messages, serviceMessages } from "./index.ts";

const secrets = seededSecrets(9, "hidden");
const key = ristretto255.randomScalar(secrets);
const catalogue = secrets.bytes(32);
const RECORD_BYTES = 20;
const IDS = Array.from({ length: 30 }, (_, i) => `id-${i}`);

const digestsOf = (ids: readonly string[]): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(idPrefix(catalogue)).update(id).digest().subarray(0, 16)));
const recordOf = (id: string): Uint8Array => new Uint8Array(Buffer.from(`record of ${id}`.padEnd(RECORD_BYTES)));

interface Made {
  readonly header: CatalogueHeader;
  readonly database: Database;
}

async function make(ids: readonly string[], recordBytes: number): Promise<Made> {
  const shape = { tagBytes: tagBytesFor(1000, 1000), recordBytes };
  const rows = ids.map((id) => concat(digestsOf([id]), recordOf(id).subarray(0, recordBytes)));
  const parts: Uint8Array[] = [];
  for await (const part of catalogueEntries(concat(...rows), key, catalogue, shape)) parts.push(part);
  const numbers = {
    ...shape,
    version: 1,
    rows: ids.length,
    added: ids.length,
    removed: 0,
    idsMax: 1000,
    expiresAt: 5000,
  };
  const zeros = new Uint8Array(32);
  const header = { ...numbers, catalogue, publicKey: await publicKeyOf(key), snapshot: zeros, previous: zeros };
  return { header, database: await entriesDatabase(concat(...parts), header, secrets) };
}

let made: Made;
let bare: Made;
beforeAll(async () => {
  [made, bare] = await Promise.all([make(IDS, RECORD_BYTES), make(IDS, 0)]);
});

interface Setting {
  readonly padTo?: number;
  readonly budget?: number;
  readonly now?: number;
}

async function play(me: Me, of: Made, use: (ask: Asking) => Promise<unknown>, setting: Setting = {}): Promise<unknown> {
  const { header, database } = of;
  const { padTo = 1, budget = 100, now = 0 } = setting;
  if (me.id === "bank") {
    const peer = await me.peer(messages, "guest", "telco", "host");
    return guest(peer, { secrets: me.secrets, header, setup: database, padTo }, use);
  }
  let asked = 0;
  const admit = async (count: number): Promise<void> => {
    asked += count;
    if (asked > budget) throw new TomboloError("consent.budget", "too many ids");
  };
  return host(await me.peer(messages, "host", "bank", "guest"), { header, key, now, admit, table: database });
}

const foundIn =
  (...questions: readonly (readonly string[])[]) =>
  async (ask: Asking): Promise<unknown> =>
    Promise.all(
      questions.map(async (ids) => {
        const { found, records } = await ask(digestsOf(ids));
        return ids.map((_, i) => (found[i] === 1 ? records.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES) : null));
      }),
    );

describe("hidden keyword query", () => {
  it("finds records, and none where there is none, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const world = await runWorld(["bank", "telco"], { seed: 1, window }, (me) =>
        play(me, made, foundIn(["id-3", "x", "id-3"], ["id-29"])),
      );
      expect(world.result("bank")).toEqual([[recordOf("id-3"), null, recordOf("id-3")], [recordOf("id-29")]]);
      expect(world.result("telco")).toBe(3);
      const { description } = made.database;
      expect(world.cost.bytes).toBe(16 + 36 + 3 * (64 + 4 * (description.columns + rowsOf(description))));
      expect(world.cost.rounds).toBeLessThanOrEqual(2 + 2 * (2 + 3));
    }));

  it("says yes or no where there are no records, padded as told, with queries made ahead", async () => {
    const prepared = await Promise.all(Array.from({ length: 3 }, () => Prepared.make(bare.database, secrets)));
    const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      const use = async (ask: Asking): Promise<unknown> => (await ask(digestsOf(["id-1", "y"]))).found;
      if (me.id === "telco") return play(me, bare, use);
      const peer = await me.peer(messages, "guest", "telco", "host");
      const options = { secrets: me.secrets, header: bare.header, setup: bare.database, padTo: 4 };
      return guest(peer, { ...options, prepared: () => prepared.pop() }, use);
    });
    expect(world.result("bank")).toEqual(Uint8Array.of(1, 0));
    expect(world.result("telco")).toBe(4);
    expect(prepared).toEqual([]);
  });

  it("finds the same where the asker keeps no hint", { timeout: 60_000 }, async () => {
    const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      const { header, database } = made;
      const { description } = database;
      if (me.id === "bank") {
        const peer = await me.peer(serviceMessages, "guest", "telco", "host");
        const setup = new WithoutHint(description, peer, me.secrets);
        return guest(peer, { secrets: me.secrets, header, setup, padTo: 2 }, foundIn(["id-3", "x", "id-7"]));
      }
      const peer = await me.peer(serviceMessages, "host", "bank", "guest");
      const hints = new HintProducts(database, peer, me.secrets);
      return host(peer, { header, key, now: 0, admit: async () => {}, table: database, hints });
    });
    expect(world.result("bank")).toEqual([[recordOf("id-3"), null, recordOf("id-7")]]);
    expect(world.result("telco")).toBe(4);
  });

  it("refuses another database, a time after the epoch, what a budget does not allow, and too much at once", async () => {
    const failure = async (setting: Setting, ids = ["a", "b"]) =>
      (await runWorld(["bank", "telco"], { seed: 1 }, (me) => play(me, made, foundIn(ids), setting))).error("bank");
    expect((await failure({ now: 5000 })).code).toBe("consent.epoch");
    expect((await failure({ budget: 1 })).code).toBe("consent.budget");
    const many = Array.from({ length: IDS_MAX_HIDDEN + 1 }, (_, i) => `n-${i}`);
    expect((await failure({}, many)).code).toBe("input.rows");
    const elsewhere = await runWorld(["bank", "telco"], { seed: 1 }, (me) =>
      play(me, me.id === "bank" ? bare : made, foundIn(["a"])),
    );
    expect(elsewhere.error("telco").code).toBe("protocol.version");
  });

  it("ends in an error, or without the record, when any message is tampered with", async () => {
    const lost = "a changed id or choice is another, which nothing proves";
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => play(me, made, foundIn(["id-1"], ["id-2"])),
      check(world) {
        const outcome = world.outcomes.bank!;
        if (!outcome.ok) return;
        const [[first], [second]] = outcome.value as [[Uint8Array | null], [Uint8Array | null]];
        expect([recordOf("id-1"), null]).toContainEqual(first);
        expect([recordOf("id-2"), null]).toContainEqual(second);
      },
      tolerated: { question: lost, answer: lost, rowQuery: lost, rowAnswer: lost },
    });
  });
});
