import { TomboloError } from "@tombolo/base";
import { serviceLimits } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { QuestionLog } from "./log.ts";

let context: TestContext;
beforeAll(async () => {
  context = await testContext();
  for (const name of ["incomes", "belong"])
    await context.store.db
      .insertInto("services")
      .values({
        ...{ name, title: name, kind: "query", project_id: "p", limits: toJson(serviceLimits.parse({})) },
        ...{ champion: "d", created_by: "a", created_at: context.clock.now() },
      })
      .execute();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);

const given = (name: string, service: string, count: number, id = `key of ${name}`) => ({
  actor: { id, name },
  params: { name: service },
  body: { rows: Array.from({ length: count }, () => ({ id: "13800138000" })) },
  http: { traceId: "t" },
});
const yes = { found: true, values: { income: 12.5 } };
const bad = { refusal: { code: "input.key", message: "13800138000 is no key" } };
const refuse = (code: `${"auth" | "state"}.${string}`) => () => Promise.reject(new TomboloError(code, "no"));

test("questions are counted by caller and minute, over a restart too, and never with a key", async () => {
  const log = new QuestionLog(context);
  await log.counted(given("shop", "incomes", 3), async () => ({ traceId: "t", rows: [yes, { found: false }, bad] }));
  await log.counted(given("shop", "incomes", 3), async () => ({ traceId: "of the first", rows: [yes, yes, yes] }));
  await expect(log.counted(given("shop", "incomes", 5), refuse("auth.quota"))).rejects.toMatchObject({
    code: "auth.quota",
  });
  await expect(log.counted(given("shop", "nothing", 5), refuse("state.unknown"))).rejects.toThrow();
  await log.counted(given("anna", "belong", 2), async () => ({
    traceId: "t",
    rows: [{ verified: true }, { verified: false }],
  }));
  await log.flush();
  context.clock.advance(24 * 60);
  const second = new QuestionLog(context);
  await second.counted(given("shop", "incomes", 1), async () => ({ traceId: "t", rows: [{ found: false }] }));
  const { items, days, more } = await second.history(30, undefined);
  expect(more).toBe(false);
  expect(items[0]).toMatchObject({ service: "incomes", caller: "shop", calls: 1, rows: 1, found: 0, refused: {} });
  expect(items.slice(1)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        caller: "shop",
        calls: 2,
        rows: 8,
        found: 1,
        refused: { "input.key": 1, "auth.quota": 5 },
      }),
      expect.objectContaining({ service: "belong", caller: "anna", calls: 1, rows: 2, found: 1, refused: {} }),
    ]),
  );
  expect(days).toEqual([
    { day: "2026-11-21", rows: 10, refused: 6 },
    { day: "2026-11-22", rows: 1, refused: 0 },
  ]);
  expect((await second.history(1, undefined)).days).toEqual([{ day: "2026-11-22", rows: 1, refused: 0 }]);
  expect((await second.history(30, "belong")).items).toHaveLength(1);
  expect(JSON.stringify(await context.store.db.selectFrom("question_log").selectAll().execute())).not.toContain("1380");
});

test("a minute's counts go on in one entry, the next minute has its own, and old ones are forgotten", async () => {
  const log = new QuestionLog(context);
  const ask = () => log.counted(given("till", "incomes", 1), async () => ({ traceId: "t", rows: [yes] }));
  for (const minutes of [0, 0, 1, 0]) {
    context.clock.advance(minutes);
    await ask();
    if (minutes === 0) await log.flush();
  }
  const mine = async () => (await log.history(1, "incomes")).items.filter(({ caller }) => caller === "till");
  expect((await mine()).map(({ rows }) => rows)).toEqual([2, 2]);
  context.clock.advance(91 * 24 * 60);
  await log.forget();
  expect((await log.history(90, undefined)).items).toEqual([]);
  expect(await context.store.db.selectFrom("question_log").selectAll().execute()).toEqual([]);
});

test("callers of one name are told apart by their ids, and one that is called anew stays one", async () => {
  const log = new QuestionLog(context);
  const ask = (name: string, id: string) =>
    log.counted(given(name, "belong", 1, id), async () => ({ traceId: "t", rows: [yes] }));
  await ask("branch", "key-1");
  await ask("branch", "key-2");
  await log.flush();
  await ask("branch office", "key-2");
  const { items } = await log.history(1, "belong");
  expect(items.map(({ callerId, caller, rows }) => [callerId, caller, rows]).sort()).toEqual([
    ["key-1", "branch", 1],
    ["key-2", "branch office", 2],
  ]);
});
