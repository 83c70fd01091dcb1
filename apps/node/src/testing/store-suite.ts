/** What every database must do; run on PGlite and on a real PostgreSQL. */
import { TomboloError } from "@tombolo/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownSigningKeys } from "../config/keys.ts";
import { systemActor } from "../context.ts";
import { verifyJournal } from "../journal/verify.ts";
import { toJson } from "../store/columns.ts";
import type { TestContext } from "./test-context.ts";

export function storeSuite(open: () => Promise<TestContext>): void {
  let context: TestContext;
  beforeAll(async () => {
    context = await open();
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose](), 60_000);

  const setting = (name: string) =>
    context.store.db.selectFrom("settings").select("value").where("name", "=", name).executeTakeFirst();
  const put = (name: string, value: unknown) =>
    context.store.db
      .insertInto("settings")
      .values({ name, value: toJson(value) })
      .execute();

  test("values come back as they went in: json, bytes, times, big counts", async () => {
    const at = new Date("2026-02-03T04:05:06.789Z");
    const value = { list: [1, "two", null], deep: { yes: true } };
    await put("round-trip", value);
    expect((await setting("round-trip"))?.value).toEqual(value);
    await context.store.db
      .insertInto("partner_checkpoints")
      .values({ partner: "telco", size: 2 ** 40, root_hash: Uint8Array.of(0, 255, 7), note: "n", at })
      .execute();
    const row = await context.store.db.selectFrom("partner_checkpoints").selectAll().executeTakeFirstOrThrow();
    expect(row.size).toBe(2 ** 40);
    expect(row.at).toEqual(at);
    expect([...row.root_hash]).toEqual([0, 255, 7]);
  });

  test("a failed transaction leaves nothing, and what waits for its commit never runs", async () => {
    let ran = false;
    const failing = context.store.transaction(async () => {
      await put("lost", 1);
      context.store.afterCommit(() => {
        ran = true;
      });
      throw new TomboloError("state.test", "no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await setting("lost")).toBeUndefined();
    expect(ran).toBe(false);
  });

  test("inside a transaction `store.db` is that transaction, and a nested one joins it", async () => {
    const order: string[] = [];
    await context.store.transaction(async () => {
      await put("kept", 1);
      await context.store.transaction(async () => {
        expect(await setting("kept")).toBeDefined();
        context.store.afterCommit(() => order.push("committed"));
      });
      order.push("inside");
    });
    expect(order).toEqual(["inside", "committed"]);
  });

  test("an entry is rolled back with its act", async () => {
    const before = await context.journal.size();
    const act = context.store.transaction(async () => {
      await context.journal.append("test.act", systemActor, { en: "an act", zh: "一件事" }, {});
      throw new Error("the act failed");
    });
    await expect(act).rejects.toThrow("the act failed");
    expect(await context.journal.size()).toBe(before);
  });

  test("appends at the same time get consecutive places, and the log verifies", async () => {
    const before = await context.journal.size();
    const texts = { en: "at the same time", zh: "同时" };
    const entries = await Promise.all(
      Array.from({ length: 20 }, (_, i) => context.journal.append("test.parallel", systemActor, texts, { i })),
    );
    const places = entries.map((entry) => entry.index).sort((a, b) => a - b);
    expect(places).toEqual(Array.from({ length: 20 }, (_, i) => before + i));
    await context.journal.checkpoint();
    const result = await verifyJournal(context.store, context.config.party, ownSigningKeys(context.keys));
    expect(result).toMatchObject({ ok: true, entries: before + 20, problems: [] });
  });
}
