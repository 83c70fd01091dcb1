/** Submits what is due. One process takes each due time: it moves `next_run_at` on before it submits. */
import { TomboloError } from "@tombolo/base";
import { type Actor, systemActor } from "../context.ts";
import { consentParties, submitJob } from "../jobs/audit.ts";
import { type PlannedFlow, soundFlow } from "../jobs/plan.ts";
import { failureOf } from "../jobs/rows.ts";
import { ENDED } from "../jobs/views.ts";
import type { Side } from "../partner/side.ts";
import { pause } from "../pause.ts";
import { toJson } from "../store/columns.ts";
import { approverStands } from "./approver.ts";
import { type Schedule, scheduleChanged, scheduleHash } from "./rows.ts";
import { askAnew, change, journal } from "./schedules.ts";
import { nextRun } from "./timing.ts";

const POLL_MS = 5_000;

export async function runSchedules(side: Side, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const busy = await startNext(side).catch((error: unknown) => {
      side.log.error({ err: error }, "a schedule could not be looked at");
      return false;
    });
    if (!busy) await pause(POLL_MS, signal);
  }
}

/** True if there may be more to do at once. */
export async function startNext(side: Side): Promise<boolean> {
  const now = side.clock.now();
  const active = side.store.db.selectFrom("schedules").selectAll().where("status", "=", "ACTIVE");
  const ended = await active.where("next_run_at", "is", null).limit(1).executeTakeFirst();
  if (ended !== undefined) {
    await change(side, ended.id, { status: "ENDED" });
    return true;
  }
  const due = await active.where("next_run_at", "<=", now).orderBy("next_run_at").limit(1).executeTakeFirst();
  if (due === undefined || !(await take(side, due, now))) return false;
  await start(side, due);
  return true;
}

/** Times that passed while no node ran are made up for by one run, not by one each. */
async function take(side: Side, due: Schedule, now: Date): Promise<boolean> {
  return side.store.transaction(async (tx) => {
    const taken = await tx
      .updateTable("schedules")
      .set({ next_run_at: nextRun(due.cron, due.time_zone, now, due.until) })
      .where("id", "=", due.id)
      .where("status", "=", "ACTIVE")
      .where("next_run_at", "=", due.next_run_at)
      .returning("id")
      .executeTakeFirst();
    if (taken === undefined) return false;
    // Written before it is acted on: a run that a crash swallows stays in the history.
    await tx
      .insertInto("schedule_runs")
      .values({ schedule_id: due.id, due_at: due.next_run_at!, job_id: null, failure: toJson(null) })
      .execute();
    return true;
  });
}

async function start(side: Side, due: Schedule): Promise<void> {
  const asker: Actor = { kind: "system", id: due.created_by_id, name: due.created_by };
  try {
    await refuseLapsed(side, due);
    await refuseOverlap(side, due);
    await submitJob(side, asker, {
      projectId: due.project_id,
      plan: await approvedPlan(side, due),
      message: due.message,
      standing: `schedule ${due.id}, approved by ${due.approved_by}`,
      within: async (jobId) => {
        await refuseStopped(side, due);
        await keepRun(side, due, jobId, null);
      },
    });
  } catch (error) {
    const failure = TomboloError.from(error);
    side.log.warn({ schedule: due.id, code: failure.code }, "a scheduled run did not start");
    await keepRun(side, due, null, failure);
  }
}

/** Whoever paused, withdrew or deleted it a moment ago is heard; and what was due while no node ran may be too late. */
async function refuseStopped(side: Side, due: Schedule): Promise<void> {
  const row = await side.store.db
    .selectFrom("schedules")
    .select("status")
    .where("id", "=", due.id)
    .forUpdate()
    .executeTakeFirst();
  const status = row?.status ?? "deleted";
  if (status !== "ACTIVE") throw new TomboloError("state.schedule", `the schedule is ${status}`);
  if (side.clock.now() > due.until) throw new TomboloError("consent.expired", "the schedule has come to its end");
}

async function refuseLapsed(side: Side, due: Schedule): Promise<void> {
  if (await approverStands(side, due.id)) return;
  await askAnew(side, due);
  throw new TomboloError("consent.approver", "whoever approved this schedule is no longer an approver", {
    remedy: "Let an approver say yes to it anew; later runs go on from there.",
  });
}

async function refuseOverlap(side: Side, due: Schedule): Promise<void> {
  const open = await side.store.db
    .selectFrom("schedule_runs")
    .innerJoin("jobs", "jobs.id", "schedule_runs.job_id")
    .select("jobs.id")
    .where("schedule_id", "=", due.id)
    .where("jobs.status", "not in", [...ENDED])
    .executeTakeFirst();
  if (open !== undefined)
    throw new TomboloError("state.overlap", `the run before (${open.id}) has not ended`, {
      remedy: "Leave more time between two runs, or see what that job waits for.",
    });
}

/**
 * What is submitted is what was compared. A new release may disclose something else, a partner may have other keys:
 * then the yes was for something else, and a person has to look again.
 */
async function approvedPlan(side: Side, due: Schedule): Promise<PlannedFlow> {
  const plan = await soundFlow(side, due.project_id, due.flow);
  if (scheduleHash(plan, await consentParties(side, plan.flow), due) === due.approved_hash) return plan;
  const reason = "what it would disclose, or to whom, is no longer what was approved";
  await side.store.transaction(async () => {
    await change(side, due.id, { status: "PAUSED", held: true, next_run_at: null, reason });
    await journal(side, systemActor, "paused", due);
  });
  throw new TomboloError("consent.changed", reason, {
    remedy: "Make a new schedule of the flow and have it approved.",
  });
}

async function keepRun(side: Side, due: Schedule, job_id: string | null, error: TomboloError | null): Promise<void> {
  const failure = error === null ? null : failureOf(error, side.config.party, null);
  await side.store.db
    .updateTable("schedule_runs")
    .set({ job_id, failure: toJson(failure) })
    .where("schedule_id", "=", due.id)
    .where("due_at", "=", due.next_run_at!)
    .execute();
  scheduleChanged(side, due.id);
}
