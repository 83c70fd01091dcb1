import { serviceLimits, servicePatch } from "@tombolo/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../api/handlers.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { Minutes } from "./minutes.ts";
import { referenceOf } from "./reference.ts";
import { Repeats } from "./repeats.ts";
import { Traces } from "./traces.ts";
import { Usage } from "./usage.ts";

const shop: Caller = { kind: "api-key", id: "key-1", name: "shop", roles: ["caller"] };
const policy = { cause: "unknown-id", party: "telco", instead: "default" };
const limits = (given: Record<string, unknown>) => serviceLimits.parse(given);

let context: TestContext;
beforeAll(async () => {
  context = await testContext();
  const now = context.clock.now();
  await context.store.db
    .insertInto("services")
    .values({
      ...{ name: "credit", title: "Credit", kind: "score", project_id: "p", limits: toJson(limits({})) },
      ...{ champion: "d", created_by: "a", created_at: now },
    })
    .execute();
  await context.store.db
    .insertInto("service_deployments")
    .values({
      ...{ id: "d", service: "credit", job_id: "j", task: "serve", model_id: "m", role: "champion", share: 0 },
      ...{ until: now, created_by: "a", created_at: now, reference: toJson(null) },
    })
    .execute();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);

describe("usage", () => {
  beforeEach(() => context.store.db.deleteFrom("service_usage").execute());
  const usage = (given: Record<string, unknown>) => new Usage(context, "credit", limits(given));

  test("a quota holds over a restart, ends with the day, and what is refused is given back", async () => {
    const first = usage({ rowsPerDay: 10 });
    first.take(shop, 6);
    first.take(shop, 2)();
    expect(() => first.take(shop, 5)).toThrow(expect.objectContaining({ code: "auth.quota" }));
    await first.flush();
    const second = usage({ rowsPerDay: 10 });
    await second.load();
    expect(second.today).toMatchObject([{ caller: "key-1", name: "shop", calls: 2, rows: 6 }]);
    expect(() => second.take(shop, 5)).toThrow(expect.objectContaining({ code: "auth.quota" }));
    context.clock.advance(24 * 60);
    second.take(shop, 10);
    expect(second.today).toMatchObject([{ rows: 10 }]);
  });

  test("goes by who calls, not by a name that may be given twice; it says when it begins anew", () => {
    const two = usage({ rowsPerDay: 10 });
    two.take(shop, 8);
    two.take({ ...shop, id: "key-2" }, 8);
    const late = new Date(`${context.clock.now().toISOString().slice(0, 10)}T23:59:30Z`);
    context.clock.time = late;
    two.take(shop, 2);
    const detail = { retryAfterSeconds: 30 };
    expect(() => two.take(shop, 1)).toThrow(expect.objectContaining({ code: "auth.quota", detail }));
  });

  test("outcomes have a rate of their own", () => {
    const outcomes = usage({ callers: [{ keyId: "key-1" }] });
    for (let i = 0; i < 10; i++) outcomes.takeOutcomes(shop, 1000);
    expect(() => outcomes.takeOutcomes(shop, 1)).toThrow(expect.objectContaining({ code: "auth.rate" }));
    expect(() => outcomes.takeOutcomes({ ...shop, id: "key-2" }, 1)).toThrow(
      expect.objectContaining({ code: "auth.caller" }),
    );
    outcomes.take(shop, 1);
  });

  test("a change of one limit leaves the others", () => {
    const patch = { limits: { callers: [{ keyId: "key-1", rowsPerDay: 5 }] } };
    expect(servicePatch.parse(patch)).toEqual(patch);
    expect(servicePatch.parse({ title: "Credit" })).toEqual({ title: "Credit" });
  });

  test("where callers are named, others are refused and each has its own quota", () => {
    const named = usage({ rowsPerDay: 10, callers: [{ keyId: "key-1", rowsPerDay: 3 }] });
    expect(named.quotaOf(shop)).toBe(3);
    expect(() => named.take({ ...shop, id: "key-2" }, 1)).toThrow(expect.objectContaining({ code: "auth.caller" }));
    expect(named.quotaOf({ ...shop, kind: "user", id: "user-1" })).toBe(10);
  });

  test("the rate is of all callers together", () => {
    const slow = usage({ rowsPerSecond: 600 });
    slow.take(shop, 1000);
    slow.take({ ...shop, id: "key-2", name: "other" }, 200);
    expect(() => slow.take(shop, 1)).toThrow(expect.objectContaining({ code: "auth.rate" }));
    context.clock.time = new Date(context.clock.time.getTime() + 1000);
    slow.take(shop, 600);
  });
});

describe("minutes", () => {
  test("count calls, errors, rules, latency and scores; a restart goes on in the same minute", async () => {
    context.clock.time = new Date("2026-11-21T09:10:20Z");
    const reference = referenceOf("test", [0.1, 0.5, 0.9]);
    const first = new Minutes(context, "d");
    first.answered([{ score: 0.07 }, { score: 0.93 }, { score: 0.5, policy }], 1.2, reference);
    first.refused("state.service-starting");
    await first.flush();
    const second = new Minutes(context, "d");
    await second.load();
    second.answered([{ refusal: { code: "input.unknown-id", message: "unknown" } }], 700, reference);
    context.clock.advance(1);
    second.refused("state.service-starting");
    await second.flush();
    const rows = await context.store.db.selectFrom("service_minutes").selectAll().orderBy("at").execute();
    expect(rows).toMatchObject([
      {
        ...{ calls: 3, rows: 4, errors: { "state.service-starting": 1 } },
        policies: { "unknown-id/default": 1, "input.unknown-id": 1 },
      },
      { calls: 1, rows: 0, errors: { "state.service-starting": 1 } },
    ]);
    expect(rows[0]!.latency[2]).toBe(1);
    expect([1, 18].map((bin) => rows[0]!.scores[bin])).toEqual([1, 1]);
    expect(rows[0]!.scores.reduce((total, count) => total + count)).toBe(2);
  });

  test("names that come without end are counted as others", async () => {
    context.clock.advance(1);
    const minutes = new Minutes(context, "d");
    for (let i = 0; i < 100; i++) minutes.refused(`input.${i}`);
    await minutes.flush();
    const [last] = await context.store.db.selectFrom("service_minutes").selectAll().orderBy("at", "desc").execute();
    expect(Object.keys(last!.errors).length).toBe(33);
    expect(last!.errors.other).toBe(68);
  });
});

describe("traces", () => {
  test("outcomes come back by trace and row, unknown ones are named, and rank the scores", async () => {
    const traces = new Traces(context);
    expect(traces.keep("t1", "d", [{ score: 0.2 }, { score: 0.9 }], 30)).not.toBeNull();
    traces.keep("t2", "d", [{ score: 0.4, policy }, { score: 0.1 }], 30);
    expect(traces.keep("t3", "d", [{ score: 0.4 }], 0)).toBeNull();
    const given = [
      { traceId: "t1", row: 0, outcome: 0 },
      { traceId: "t1", row: 1, outcome: 1 },
      { traceId: "t2", row: 0, outcome: 1 },
      { traceId: "t3", row: 0, outcome: 1 },
    ];
    expect(await traces.outcomes(["d"], given)).toEqual(["t3"]);
    expect(await traces.outcomes(["d"], [{ traceId: "t2", row: 7, outcome: 1 }])).toEqual(["t2"]);
    expect(await traces.outcomes(["other"], [{ traceId: "t1", row: 0, outcome: 1 }])).toEqual(["t1"]);
    // A default says nothing of the model: it is not ranked.
    expect(await traces.performance("d")).toEqual({ outcomes: 2, positives: 1, auc: 1 });
    await traces.outcomes(["d"], [{ traceId: "t2", row: 1, outcome: 1 }]);
    expect(await traces.performance("d")).toEqual({ outcomes: 3, positives: 2, auc: 0.5 });
    context.clock.advance(31 * 24 * 60);
    await traces.forget("d", 30);
    expect(await traces.performance("d")).toEqual({ outcomes: 0, positives: 0, auc: null });
  });
});

describe("what cannot be written", () => {
  test("is counted still, and written once it can be", async () => {
    const day = "2026-11-25";
    context.clock.time = new Date(`${day}T23:59:00Z`);
    const used = new Usage(context, "credit", limits({}));
    const [minutes, traces] = [new Minutes(context, "d"), new Traces(context)];
    const work = (trace: string) => {
      used.take(shop, 3);
      minutes.answered([{ score: 0.5 }], 1, null);
      traces.keep(trace, "d", [{ score: 0.5 }], 30);
    };
    const flush = () => Promise.allSettled([used.flush(), minutes.flush(), traces.flush()]);
    work("lost-1");
    await sql`alter table service_calls rename to elsewhere_calls`.execute(context.store.db);
    await sql`alter table service_usage rename to elsewhere_usage`.execute(context.store.db);
    await sql`alter table service_minutes rename to elsewhere_minutes`.execute(context.store.db);
    for (let minute = 0; minute < 3; minute++) {
      expect((await flush()).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
      context.clock.advance(1);
      work(`lost-${minute + 2}`);
    }
    for (const table of ["calls", "usage", "minutes"])
      await sql`alter table ${sql.table(`elsewhere_${table}`)} rename to ${sql.id(`service_${table}`)}`.execute(
        context.store.db,
      );
    expect((await flush()).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    const { db } = context.store;
    const usage = await db.selectFrom("service_usage").selectAll().where("day", ">=", day).orderBy("day").execute();
    expect(usage).toMatchObject([{ day, rows: 3 }, { rows: 9 }]);
    const since = new Date(`${day}T23:59:00Z`);
    const counted = await db.selectFrom("service_minutes").select("calls").where("at", ">=", since).execute();
    expect(counted).toEqual([1, 1, 1, 1].map((calls) => ({ calls })));
    const kept = await db.selectFrom("service_calls").select("trace_id").where("at", ">=", since).execute();
    expect(kept.length).toBe(4);
  });
});

describe("repeats", () => {
  test("the same key gets the same answer, another body is refused, what failed may be tried again", async () => {
    const repeats = new Repeats<number>(context.clock);
    let calls = 0;
    const work = async () => ++calls;
    const once = (key: string, body: unknown, how: () => Promise<number> = work) =>
      repeats.once("shop", key, body, 1, how);
    expect(await Promise.all([once("k", [1]), once("k", [1])])).toEqual([1, 1]);
    expect(() => once("k", [2])).toThrow(expect.objectContaining({ code: "input.idempotency-key" }));
    expect(await repeats.once("other", "k", [2], 1, work)).toBe(2);
    await expect(once("f", [1], () => Promise.reject(new Error("down")))).rejects.toThrow("down");
    expect(await once("f", [1])).toBe(3);
    context.clock.advance(11);
    expect(await once("k", [2])).toBe(4);
    expect(() => once("with space", [1])).toThrow(expect.objectContaining({ code: "input.idempotency-key" }));
  });

  test("what may be another answer in a moment is asked for again", async () => {
    const repeats = new Repeats<number>(context.clock, (answer) => answer > 1);
    let calls = 0;
    const once = () => repeats.once("shop", "k", [1], 1, async () => ++calls);
    expect([await once(), await once(), await once()]).toEqual([1, 2, 2]);
  });

  test("holds no more than so many", async () => {
    const repeats = new Repeats<number>(context.clock);
    for (let i = 0; i < 300; i++) await repeats.once("shop", `k${i}`, i, 1000, async () => i);
    expect(repeats.size).toBeLessThanOrEqual(201);
  });
});
