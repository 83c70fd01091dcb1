import { TomboloError } from "@tombolo/base";
import { type GrantTerms, serviceLimits } from "@tombolo/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { DayLimits } from "./day-limits.ts";

const IDS_A_DAY = 40;
const PAD_TO = 4;
let context: TestContext;

/** A service of the bank's that asks a query table of the telco's. */
beforeAll(async () => {
  context = await testContext();
  const { db } = context.store;
  const now = context.clock.now();
  const terms = { query: { keys: ["phone"], columns: [], padTo: PAD_TO, idsMax: 1000, idsPerDay: IDS_A_DAY } };
  await db
    .insertInto("grants")
    .values({
      ...{ id: "grant", owner: "telco", terms: toJson(terms as unknown as GrantTerms), dataset_name: "d" },
      ...{ status: "ACTIVE", uses_left: 1, requested_party: "bank", requested_by: "a", created_at: now },
    })
    .execute();
  const flow = {
    version: "1",
    name: "Serve",
    parties: [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    tasks: { serve: { component: "query-serve", inputs: {}, parameters: { padTo: PAD_TO } } },
  };
  const datasets = [{ party: "telco", datasetId: "d", task: "serve", grantId: "grant" }];
  await db
    .insertInto("jobs")
    .values({
      ...{ id: "job", name: "job", project_id: "p", initiator: "bank", status: "RUNNING" },
      ...{ document: toJson({ flow, datasets } as never), consent_hash: "h", flow_yaml: "", message: "" },
      ...{ created_by: "a", created_at: now, failure: toJson(null) },
    } as never)
    .execute();
  await db
    .insertInto("services")
    .values({
      ...{ name: "incomes", title: "i", kind: "query", project_id: "p", limits: toJson(serviceLimits.parse({})) },
      ...{ champion: "d", created_by: "a", created_at: now },
    })
    .execute();
  await db
    .insertInto("service_deployments")
    .values({
      ...{ id: "d", service: "incomes", job_id: "job", task: "serve", model_id: "m", role: "champion", share: 0 },
      ...{ until: now, created_by: "a", created_at: now, reference: toJson(null) },
    })
    .execute();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);
beforeEach(() => context.store.db.deleteFrom("question_log").execute());

const given = (count: number) => ({
  params: { name: "incomes" },
  body: { rows: Array.from({ length: count }, () => ({})) },
});

test("ids of a call that was not asked are given back, and others stay taken until the day is over", async () => {
  const days = new DayLimits(context);
  const idsOf = async () => (await days.today("incomes"))?.ids;
  await days.within(given(30), async () => {});
  expect(await idsOf()).toBe(32);
  const busy = () => Promise.reject(new TomboloError("resource.busy", "later"));
  await expect(days.within(given(8), busy)).rejects.toMatchObject({ code: "resource.busy" });
  const late = () => Promise.reject(new TomboloError("transport.timeout", "late"));
  await expect(days.within(given(8), late)).rejects.toMatchObject({ code: "transport.timeout" });
  expect(await idsOf()).toBe(IDS_A_DAY);
  await expect(days.within(given(1), async () => {})).rejects.toMatchObject({ code: "consent.day" });
  context.clock.advance(24 * 60);
  expect(await idsOf()).toBe(0);
});

test("after a restart rows that were asked count, and none that were refused", async () => {
  const entry = (caller: string, calls: number, rows: number, refused: Record<string, number>) => ({
    ...{ service: "incomes", caller, name: caller, at: context.clock.now(), calls, rows, found: 0, unanswered: 0 },
    refused: toJson(refused),
  });
  await context.store.db
    .insertInto("question_log")
    .values([
      entry("shop", 7, 506, { "auth.quota": 300, "consent.day": 200, "input.key": 1 }),
      entry("till", 2, 9, { "transport.timeout": 3, "state.other": 1 }),
      entry("spam", 50, 5000, { "auth.quota": 5000 }),
    ])
    .execute();
  const asked = 5 + 9;
  const calls = 5 + 2;
  expect((await new DayLimits(context).today("incomes"))?.ids).toBe(asked + calls * (PAD_TO - 1));
});
