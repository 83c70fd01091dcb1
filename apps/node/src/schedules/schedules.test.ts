/** Who may let a paused schedule go on, and how soon a run by hand may follow another. */
import type { Role } from "@tombolo/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../api/handlers.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { holdSchedulesWith } from "./hold.ts";
import { scheduleById } from "./rows.ts";
import { pauseSchedule, resumeSchedule, runNow } from "./schedules.ts";

let context: TestContext;
beforeAll(async () => {
  context = await testContext();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  await context.store.db.deleteFrom("schedules").execute();
  await addSchedule("s");
});

const person = (id: string, ...roles: Role[]): Caller => ({ kind: "user", id, name: id, roles });
const [asker, colleague, approver] = [
  person("asker", "analyst", "approver"),
  person("colleague", "analyst"),
  person("approver", "approver"),
];

async function addSchedule(id: string, partner = "telco"): Promise<void> {
  const flow = {
    version: "1",
    name: id,
    parties: [
      { party: "bank", role: "guest" },
      { party: partner, role: "host" },
    ],
    tasks: { match: { component: "psi", inputs: { data: "read.data" } }, read: { component: "read-table" } },
  };
  const now = context.clock.now();
  await context.store.db
    .insertInto("schedules")
    .values({
      ...{ id, name: id, project_id: "p", status: "ACTIVE", flow: toJson(flow), message: "", cron: "0 6 * * *" },
      ...{ time_zone: "UTC", until: new Date(now.getTime() + 30 * 86_400_000), approved_hash: "h", next_run_at: now },
      ...{ created_by: "asker", created_by_id: "asker", created_at: now, approved_by: "approver", held: false },
    })
    .execute();
}

const addRun = (dueAt: Date) =>
  context.store.db
    .insertInto("schedule_runs")
    .values({ schedule_id: "s", due_at: dueAt, job_id: null, failure: toJson(null) })
    .execute();

describe("a paused schedule", () => {
  it("is resumed by those who ask when one of them paused it", async () => {
    for (const who of [asker, colleague]) {
      await pauseSchedule(context, who, "s", "audit week");
      expect((await resumeSchedule(context, asker, "s")).status).toBe("ACTIVE");
    }
  });

  it("is resumed by an approver when an approver paused it, never by the one who asked", async () => {
    await pauseSchedule(context, approver, "s", "look at this");
    for (const who of [asker, colleague])
      await expect(resumeSchedule(context, who, "s")).rejects.toMatchObject({ code: "consent.four-eyes" });
    expect((await scheduleById(context, "s")).status).toBe("PAUSED");
    expect(await resumeSchedule(context, approver, "s")).toMatchObject({ status: "ACTIVE", held: false });
  });

  it("is what a schedule becomes when the contract with a partner of it ends", async () => {
    await addSchedule("other", "shop");
    await holdSchedulesWith(context, "telco", "the contract with telco has ended");
    expect(await scheduleById(context, "s")).toMatchObject({ status: "PAUSED", held: true, next_run_at: null });
    expect((await scheduleById(context, "other")).status).toBe("ACTIVE");
    await expect(resumeSchedule(context, asker, "s")).rejects.toMatchObject({ code: "consent.four-eyes" });
  });
});

describe("a run by hand", () => {
  it("leaves time after the run before", async () => {
    await addRun(context.clock.now());
    await expect(runNow(context, asker, "s")).rejects.toMatchObject({ code: "state.schedule" });
    context.clock.advance(5);
    expect((await runNow(context, asker, "s")).next_run_at).toEqual(context.clock.now());
  });
});
