import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownSigningKeys } from "../config/keys.ts";
import { systemActor } from "../context.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { openNote } from "./checkpoint.ts";
import { acceptCheckpoint, type CheckpointOffer, exchangeCheckpoint, offerCheckpoint } from "./exchange.ts";
import { verifyJournal } from "./verify.ts";

let bank: TestContext;
let telco: TestContext;
beforeAll(async () => {
  bank = await testContext({ party: "bank" });
  telco = await testContext({ party: "telco" });
}, 60_000);
afterAll(async () => {
  await bank[Symbol.asyncDispose]();
  await telco[Symbol.asyncDispose]();
}, 60_000);
beforeEach(async () => {
  for (const { store } of [bank, telco])
    await store.transaction(async (tx) => {
      await sql`truncate journal_entries, journal_nodes, journal_checkpoints, journal_witnesses, partner_checkpoints`.execute(
        tx,
      );
      await tx.updateTable("journal_head").set({ size: 0 }).execute();
    });
});

const text = { en: "an act", zh: "一件事" };
async function write(context: TestContext, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await context.journal.append("test.act", systemActor, text, { i });
}
const verify = (context: TestContext) =>
  verifyJournal(context.store, context.config.party, ownSigningKeys(context.keys));
const keyOf = (context: TestContext) => context.keys.signing.publicKey;
/** Bank's checkpoint goes to telco and its cosignature comes back. */
const exchange = () =>
  exchangeCheckpoint(bank.journal, "telco", keyOf(telco), (offer) =>
    acceptCheckpoint(telco.journal, "bank", keyOf(bank), offer),
  );
/** Rebuilds tree and head from whatever entries there are, as an intruder with the code would. */
async function rebuildTree(context: TestContext): Promise<void> {
  const { db } = context.store;
  const rows = await db.selectFrom("journal_entries").selectAll().orderBy("index").execute();
  await db.deleteFrom("journal_entries").execute();
  await db.deleteFrom("journal_nodes").execute();
  await db.updateTable("journal_head").set({ size: 0 }).execute();
  for (const { entry } of rows) {
    const { kind, body } = JSON.parse(entry);
    await context.journal.append(kind, systemActor, text, body);
  }
}

describe("tampering with the database", () => {
  const edit = (index: number, change: (entry: string) => string) =>
    bank.store.transaction(async (tx) => {
      const rows = tx.selectFrom("journal_entries").selectAll().where("index", "=", index);
      const { entry } = await rows.executeTakeFirstOrThrow();
      await tx
        .updateTable("journal_entries")
        .set({ entry: change(entry) })
        .where("index", "=", index)
        .execute();
    });

  test("an untouched journal verifies", async () => {
    await write(bank, 20);
    await bank.journal.checkpoint();
    expect(await verify(bank)).toMatchObject({ ok: true, entries: 20, problems: [], provenUpTo: [] });
  });

  test("an edited entry is named", async () => {
    await write(bank, 20);
    await edit(7, (entry) => entry.replace('"i":7', '"i":8'));
    const result = await verify(bank);
    expect(result.ok).toBe(false);
    expect(result.problems).toEqual([{ index: 7, message: "entry 7 was edited or replaced" }]);
  });

  test("a removed entry is named", async () => {
    await write(bank, 20);
    await bank.store.db.deleteFrom("journal_entries").where("index", "=", 11).execute();
    expect((await verify(bank)).problems[0]).toEqual({ index: 11, message: "entry 11 is missing" });
  });

  test("removed last entries are noticed", async () => {
    await write(bank, 20);
    await bank.store.db.deleteFrom("journal_entries").where("index", ">=", 18).execute();
    expect((await verify(bank)).problems[0]).toEqual({ index: 18, message: "entries 18 to 19 were removed" });
  });

  test("two swapped entries are named", async () => {
    await write(bank, 20);
    await bank.store.transaction(async (tx) => {
      for (const [from, to] of [
        [3, 1000],
        [4, 3],
        [1000, 4],
      ] as const) {
        await tx.updateTable("journal_entries").set({ index: to }).where("index", "=", from).execute();
        const [a, b] = [from, to];
        await tx
          .updateTable("journal_nodes")
          .set({ position: b })
          .where("level", "=", 0)
          .where("position", "=", a)
          .execute();
      }
    });
    const result = await verify(bank);
    expect(result.problems.map((each) => each.message)).toEqual(
      expect.arrayContaining([
        "entry 3 stands in the wrong place: it was written as entry 4",
        "entry 4 stands in the wrong place: it was written as entry 3",
      ]),
    );
  });

  test("a changed inner hash is found", async () => {
    await write(bank, 20);
    const forged = { hash: new Uint8Array(32) };
    await bank.store.db
      .updateTable("journal_nodes")
      .set(forged)
      .where("level", "=", 2)
      .where("position", "=", 1)
      .execute();
    expect((await verify(bank)).problems).toEqual([
      { index: 7, message: "the hash tree above entry 7 was changed (level 2)" },
    ]);
  });

  test("a changed checkpoint note is found", async () => {
    await write(bank, 3);
    await bank.journal.checkpoint();
    await bank.store.transaction(async (tx) => {
      const { note } = await tx.selectFrom("journal_checkpoints").select("note").executeTakeFirstOrThrow();
      await tx
        .updateTable("journal_checkpoints")
        .set({ note: note.replace("\n3\n", "\n2\n") })
        .execute();
    });
    expect((await verify(bank)).problems[0]?.message).toContain("its signature does not hold");
  });

  test("a whole tree rebuilt over an edited entry still fails the checkpoint that the partner holds", async () => {
    await write(bank, 10);
    await exchange();
    await write(bank, 5);
    await bank.store.db.deleteFrom("journal_checkpoints").execute();
    await edit(2, (entry) => entry.replace('"i":2', '"i":99'));
    await rebuildTree(bank);
    const result = await verify(bank);
    expect(result.problems[0]?.message).toContain("the checkpoint that telco holds");
    expect(result.provenUpTo).toEqual([]);
  });
});

describe("checkpoints", () => {
  test("completeness is proved up to what the partner holds, not beyond", async () => {
    await write(bank, 10);
    await exchange();
    await write(bank, 7);
    expect((await verify(bank)).provenUpTo).toMatchObject([{ partner: "telco", size: 10 }]);
    await exchange();
    expect((await verify(bank)).provenUpTo).toMatchObject([{ partner: "telco", size: 17 }]);
  });

  test("the note is a C2SP checkpoint that both signed, and opens only with the right key", async () => {
    await write(bank, 2);
    await exchange();
    const { note } = await bank.store.db.selectFrom("journal_witnesses").select("note").executeTakeFirstOrThrow();
    expect(note).toMatch(
      /^tombolo\.journal\/bank\n2\n[A-Za-z0-9+/]{43}=\ntime \S+\n\n— bank [A-Za-z0-9+/]{91}=\n— telco [A-Za-z0-9+/]{91}=\n$/,
    );
    expect(openNote(note, "telco", keyOf(telco))).toMatchObject({ party: "bank", size: 2 });
    expect(() => openNote(note, "telco", keyOf(bank))).toThrow("no valid signature by telco");
    expect(() => openNote(note.replace("\n2\n", "\n1\n"), "bank", keyOf(bank))).toThrow("no valid signature by bank");
  });

  test("a partner whose journal was rewritten is refused", async () => {
    await write(bank, 10);
    await exchange();
    await bank.store.db.deleteFrom("journal_checkpoints").execute();
    await bank.store.db.deleteFrom("journal_entries").where("index", "=", 4).execute();
    await rebuildTree(bank);
    await write(bank, 12);
    await expect(exchange()).rejects.toThrow("it does not extend the checkpoint we hold");
  });

  test("a partner restored from an old backup hears that the other side holds more", async () => {
    await write(bank, 10);
    await exchange();
    await bank.store.db.deleteFrom("journal_entries").where("index", ">=", 4).execute();
    await bank.store.db.deleteFrom("journal_nodes").execute();
    await rebuildTree(bank);
    await expect(exchange()).rejects.toMatchObject({ code: "state.journal" });
  });

  test("after a lost receipt the exchange proves from what the partner really holds", async () => {
    await write(bank, 5);
    await exchange();
    await write(bank, 5);
    await acceptCheckpoint(telco.journal, "bank", keyOf(bank), await offerCheckpoint(bank.journal, "telco"));
    await write(bank, 5);
    await exchange();
    expect((await verify(bank)).provenUpTo).toMatchObject([{ partner: "telco", size: 15 }]);
  });

  test("a forged or altered offer is refused", async () => {
    await write(bank, 5);
    const offer = await offerCheckpoint(bank.journal, "telco");
    const accept = (changed: Partial<CheckpointOffer>) =>
      acceptCheckpoint(telco.journal, "bank", keyOf(bank), { ...offer, ...changed });
    await expect(accept({ note: offer.note.replace("\n5\n", "\n6\n") })).rejects.toMatchObject({
      code: "protocol.checkpoint",
    });
    await expect(accept({ note: "x".repeat(5000) })).rejects.toMatchObject({ code: "protocol.checkpoint" });
    await expect(acceptCheckpoint(telco.journal, "bank", keyOf(telco), offer)).rejects.toMatchObject({
      code: "protocol.checkpoint",
    });
    expect(await accept({ since: 3 })).toEqual({ held: 0 });
  });
});
