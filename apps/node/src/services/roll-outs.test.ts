import { rollOutPlan, serviceLimits } from "@tombolo/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemActor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { LiveDeployment } from "./live-deployment.ts";
import { keepPlan, moveOn } from "./roll-outs.ts";
import { deploymentById, rollOutsOf, serviceByName } from "./rows.ts";

let context: TestContext;
/** As if every deployment's runner were serving. */
let side: Side;

beforeAll(async () => {
  context = await testContext();
  const lane = () => ({ stage: "serving" });
  side = { ...context, driver: { attempts: { live: () => ({ lane }) } } } as unknown as Side;
  await context.store.db
    .insertInto("jobs")
    .values({
      ...{ id: "job", name: "job", project_id: "p", initiator: "bank", status: "RUNNING", document: toJson({}) },
      ...{ consent_hash: "h", flow_yaml: "", message: "", created_by: "a", created_at: context.clock.now() },
      failure: toJson(null),
    } as never)
    .execute();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);

/** The second is planned to take the first's place now. */
beforeEach(async () => {
  const { db } = context.store;
  const now = context.clock.now();
  await db.deleteFrom("services").execute();
  await db
    .insertInto("services")
    .values({
      ...{ name: "credit", title: "c", kind: "score", project_id: "p", limits: toJson(serviceLimits.parse({})) },
      ...{ champion: "first", created_by: "a", created_at: now },
    })
    .execute();
  for (const id of ["first", "second", "third"])
    await db
      .insertInto("service_deployments")
      .values({
        ...{ id, service: "credit", job_id: "job", task: "serve", model_id: "m", share: 0 },
        role: id === "first" ? ("champion" as const) : ("standby" as const),
        ...{ until: new Date("2099-01-01"), created_by: "a", created_at: now, reference: toJson(null) },
      })
      .execute();
  const plan = rollOutPlan.parse({ steps: [], end: "promote", startAt: now.toISOString() });
  await keepPlan(side, systemActor, { name: "credit", rival: "first" }, "second", plan);
});

/** The plan's next move, with what the services' keeper had read before `meanwhile`. */
async function moveAfter(meanwhile: Record<string, unknown>) {
  const before = await serviceByName(side, "credit");
  const live = new LiveDeployment(side, await deploymentById(side, "credit", "second"));
  live.follow((await rollOutsOf(side, "credit")).get("second"));
  if (Object.keys(meanwhile).length > 0) await context.store.db.updateTable("services").set(meanwhile).execute();
  expect(await moveOn(side, before, live, undefined)).toBe(true);
  const { champion, previous } = await serviceByName(side, "credit");
  return { champion, previous, state: (await rollOutsOf(side, "credit")).get("second")!.state };
}

test("a planned promotion takes its rival's place", async () => {
  expect(await moveAfter({})).toEqual({ champion: "second", previous: "first", state: "DONE" });
});

test("it takes no other's place that was promoted meanwhile, and none in a service that was stopped", async () => {
  expect(await moveAfter({ champion: "third" })).toEqual({ champion: "third", previous: null, state: "WAITING" });
  await context.store.db.updateTable("services").set({ champion: "first" }).execute();
  const stopped = { stopped_at: context.clock.now(), stopped_by: "a", reason: "over" };
  expect(await moveAfter(stopped)).toEqual({ champion: "first", previous: null, state: "WAITING" });
});
