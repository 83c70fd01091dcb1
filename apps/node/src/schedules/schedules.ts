/**
 * Schedules (定时作业): a flow that runs by the clock. An own approver, never the one who asks, says yes once to the flow,
 * its disclosure and its times; that yes is this party's standing rule for the runs. Each run is a job like any other:
 * checked anew, under grants in force, with every partner's own consent (its approver's, or its standing grant).
 */
import { safeText, TomboloError } from "@tombolo/base";
import { allows, type newSchedule } from "@tombolo/sdk";
import type { z } from "zod";
import type { Caller } from "../api/handlers.ts";
import { isSamePerson } from "../auth/same-person.ts";
import { type Actor, type NodeContext, systemActor } from "../context.ts";
import { consentParties } from "../jobs/audit.ts";
import { soundFlow } from "../jobs/plan.ts";
import { newId } from "../partner/ids.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { toJson } from "../store/columns.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import { type Schedule, scheduleById, scheduleChanged, scheduleHash } from "./rows.ts";
import { checkTiming, nextRun } from "./timing.ts";

const APPROVAL_DAYS = 30;
const SCHEDULES_MAX = 500;
const YEAR_MS = 366 * 86_400_000;

export async function createSchedule(side: Side, actor: Actor, input: z.output<typeof newSchedule>): Promise<Schedule> {
  const now = side.clock.now();
  const until = new Date(input.until);
  if (until <= now || until.getTime() > now.getTime() + YEAR_MS)
    throw new TomboloError("input.until", "the end must be within a year from now", { remedy: "Choose another day." });
  checkTiming(input.cron, input.timeZone, now);
  const plan = await soundFlow(side, input.projectId, input.flow);
  const parties = await consentParties(side, plan.flow);
  const name = safeText(input.name, "the name", 200);
  const message = safeLines(input.message, "the message", 4000);
  const id = newId("schedule");
  const when = { project_id: input.projectId, cron: input.cron, time_zone: input.timeZone, until };
  await side.store.transaction(async (tx) => {
    await refuseTooMany(side);
    await tx
      .insertInto("schedules")
      .values({
        ...when,
        id,
        name,
        status: "WAITING",
        flow: toJson(plan.flow),
        message,
        approved_hash: scheduleHash(plan, parties, when),
        next_run_at: null,
        held: false,
        created_by: actor.name,
        created_by_id: actor.id,
        created_at: now,
      })
      .execute();
    await askApprover(side, { id, name, message, until, created_by: actor.name, created_by_id: actor.id });
    await journal(side, actor, "proposed", { id, name });
    scheduleChanged(side, id);
  });
  return scheduleById(side, id);
}

type Asked = Pick<Schedule, "id" | "name" | "message" | "until" | "created_by" | "created_by_id">;

/** Part of a transaction. */
async function askApprover(side: Side, schedule: Asked): Promise<void> {
  const { id, name, message, until, created_by, created_by_id } = schedule;
  const now = side.clock.now();
  await side.store.db
    .insertInto("approvals")
    .values({
      id: newId("approval"),
      kind: "schedule",
      title: name,
      message,
      requested_by: created_by,
      requested_by_id: created_by_id,
      requested_party: side.config.party,
      status: "WAITING",
      subject: id,
      created_at: now,
      expires_at: new Date(Math.min(until.getTime(), now.getTime() + APPROVAL_DAYS * 86_400_000)),
    })
    .execute();
  await queueWebhook(side, { event: "approval.waiting", kind: "schedule", title: name });
  side.store.afterCommit(() => side.events.publish({ kind: "approval", id, data: null }));
}

/** Whoever said yes no longer may: the schedule waits for somebody who does. */
export async function askAnew(side: Side, schedule: Schedule): Promise<void> {
  await side.store.transaction(async () => {
    if ((await scheduleById(side, schedule.id)).status !== "ACTIVE") return;
    await change(side, schedule.id, { status: "WAITING", approved_by: null, next_run_at: null });
    await askApprover(side, schedule);
    await journal(side, systemActor, "lapsed", schedule);
  });
}

/** Part of the approval's transaction. A yes must send back the hash that was shown. */
export async function decideSchedule(
  side: Side,
  actor: Actor,
  id: string,
  { approved, shown, reason }: { approved: boolean; shown: string | null; reason: string },
): Promise<void> {
  const schedule = await scheduleById(side, id);
  if (approved && shown !== schedule.approved_hash)
    throw new TomboloError("consent.changed", "the request is not the one that was shown", {
      remedy: "Read it again, then decide.",
    });
  const next = approved ? nextRun(schedule.cron, schedule.time_zone, side.clock.now(), schedule.until) : null;
  await change(side, id, {
    status: approved ? "ACTIVE" : "REJECTED",
    approved_by: approved ? actor.name : null,
    reason: reason === "" ? null : reason,
    next_run_at: next,
  });
  await journal(side, actor, approved ? "approved" : "rejected", schedule);
}

/** An approver's pause is another pair of eyes that saw something. */
export async function pauseSchedule(
  context: NodeContext,
  actor: Caller,
  id: string,
  reason: string,
): Promise<Schedule> {
  const held = await isSecondPair(context, actor, await scheduleById(context, id));
  return stepped(context, actor, id, "paused", ["ACTIVE"], () => ({
    status: "PAUSED",
    held,
    reason: safeLines(reason, "the reason", 4000),
    next_run_at: null,
  }));
}

const isSecondPair = async (context: NodeContext, actor: Caller, schedule: Schedule): Promise<boolean> =>
  allows(actor.roles, "approvals:decide") &&
  !(await isSamePerson(context, actor, { id: schedule.created_by_id, name: schedule.created_by }));

/** An approver takes the yes back: for good, since only a new schedule asks again. */
export async function withdrawSchedule(
  context: NodeContext,
  actor: Actor,
  id: string,
  reason: string,
): Promise<Schedule> {
  return stepped(context, actor, id, "withdrawn", ["ACTIVE", "PAUSED"], () => ({
    status: "WITHDRAWN",
    reason: safeLines(reason, "the reason", 4000),
    approved_by: null,
    next_run_at: null,
  }));
}

export async function resumeSchedule(context: NodeContext, actor: Caller, id: string): Promise<Schedule> {
  const mayLift = await isSecondPair(context, actor, await scheduleById(context, id));
  return stepped(context, actor, id, "resumed", ["PAUSED"], ({ cron, time_zone, until, held }) => {
    if (held && !mayLift)
      throw new TomboloError("consent.four-eyes", "an approver other than the one who asked has to resume this", {
        remedy: "Ask an approver to resume it.",
      });
    return {
      status: "ACTIVE",
      held: false,
      reason: null,
      next_run_at: nextRun(cron, time_zone, context.clock.now(), until),
    };
  });
}

/** Due at once; the clock's next time follows from the expression as ever. */
export async function runNow(context: NodeContext, actor: Actor, id: string): Promise<Schedule> {
  const now = context.clock.now();
  const [last] = await context.store.db
    .selectFrom("schedule_runs")
    .select("due_at")
    .where("schedule_id", "=", id)
    .orderBy("due_at", "desc")
    .limit(1)
    .execute();
  return stepped(context, actor, id, "started", ["ACTIVE"], ({ until }) => {
    if (now > until) throw new TomboloError("consent.expired", "the schedule has come to its end");
    const seconds = context.config.jobs.scheduleSecondsMin;
    if (last !== undefined && now.getTime() - last.due_at.getTime() < seconds * 1000)
      throw new TomboloError("state.schedule", `the run before was due less than ${seconds} s ago`, {
        remedy: "Wait a little, or submit the flow as a job.",
      });
    return { next_run_at: now };
  });
}

export async function deleteSchedule(side: Side, actor: Actor, id: string): Promise<void> {
  await side.store.transaction(async (tx) => {
    const schedule = await scheduleById(side, id);
    await tx.deleteFrom("schedules").where("id", "=", id).execute();
    const withdrawn = { status: "WITHDRAWN" as const };
    await tx
      .updateTable("approvals")
      .set(withdrawn)
      .where("subject", "=", id)
      .where("status", "=", "WAITING")
      .execute();
    await journal(side, actor, "deleted", schedule);
    scheduleChanged(side, id);
  });
}

async function stepped(
  context: NodeContext,
  actor: Actor,
  id: string,
  what: keyof typeof STEPS,
  from: readonly Schedule["status"][],
  to: (schedule: Schedule) => Parameters<typeof change>[2],
): Promise<Schedule> {
  await context.store.transaction(async () => {
    const schedule = await scheduleById(context, id);
    if (!from.includes(schedule.status))
      throw new TomboloError("state.schedule", `the schedule is ${schedule.status}`, {
        remedy: "Only what was approved and has not ended can be paused and resumed.",
      });
    await change(context, id, to(schedule));
    await journal(context, actor, what, schedule);
  });
  return scheduleById(context, id);
}

export async function change(
  context: NodeContext,
  id: string,
  values: Partial<Pick<Schedule, "status" | "reason" | "approved_by" | "next_run_at" | "held">>,
): Promise<void> {
  await context.store.db.updateTable("schedules").set(values).where("id", "=", id).execute();
  scheduleChanged(context, id);
}

async function refuseTooMany(side: Side): Promise<void> {
  const { count } = await side.store.db
    .selectFrom("schedules")
    .select((row) => row.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  if (Number(count) >= SCHEDULES_MAX)
    throw new TomboloError("resource.schedules", `there are ${SCHEDULES_MAX} schedules already`, {
      remedy: "Delete those that have ended.",
    });
}

const STEPS = {
  proposed: { en: "Asked for the schedule", zh: "申请定时作业" },
  approved: { en: "Approved the schedule", zh: "批准定时作业" },
  rejected: { en: "Refused the schedule", zh: "拒绝定时作业" },
  paused: { en: "Paused the schedule", zh: "暂停定时作业" },
  resumed: { en: "Resumed the schedule", zh: "恢复定时作业" },
  lapsed: { en: "Asked anew, since whoever approved no longer may:", zh: "原审批人已无审批权，重新申请" },
  withdrawn: { en: "Withdrew the consent to the schedule", zh: "撤回对定时作业的同意" },
  started: { en: "Started a run of the schedule", zh: "立即运行定时作业" },
  deleted: { en: "Deleted the schedule", zh: "删除定时作业" },
} as const;

export const journal = (
  context: NodeContext,
  actor: Actor,
  what: keyof typeof STEPS,
  { id, name }: Pick<Schedule, "id" | "name">,
) =>
  context.journal.append(
    `schedule.${what}`,
    actor,
    { en: `${STEPS[what].en} ${name}`, zh: `${STEPS[what].zh} ${name}` },
    { schedule: id },
  );
