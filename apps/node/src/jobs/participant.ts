/** What an initiator may ask of this node about a job, and what participants may tell the initiator. */
import { isDeepStrictEqual } from "node:util";
import { TomboloError } from "@tombolo/base";
import type { z } from "zod";
import { exchangeCheckpoint } from "../partner/checkpoints.ts";
import { partnerActor } from "../partner/contract-rows.ts";
import type { Partner } from "../partner/inbound.ts";
import type { Side } from "../partner/side.ts";
import { inChinese } from "../status-words.ts";
import { toJson } from "../store/columns.ts";
import { laneForPartner, laneFromPartner } from "./border.ts";
import { acceptDecision, requireConsents, settle } from "./consents.ts";
import { withOwnDetail } from "./failures.ts";
import type { Exchanged } from "./keep.ts";
import {
  findJob,
  type Job,
  jobChanged,
  logLine,
  publicFailure,
  settledLanes,
  stepJob,
  type Task,
  tasksOf,
} from "./rows.ts";
import type { JobFailure, Lane } from "./views.ts";
import type {
  AttemptReport,
  jobStartBody,
  jobStopBody,
  PollAnswer,
  TaskOrder,
  TaskState,
  taskCallbackBody,
  taskPollBody,
  taskStopBody,
} from "./wire.ts";

export async function onJobStart(side: Side, caller: Partner, body: z.infer<typeof jobStartBody>): Promise<void> {
  const job = await jobOf(side, caller, body.job_id);
  await acceptFence(side, job, body.fence);
  refuseAfterOwnCancel(side, job);
  await side.store.transaction(async () => {
    for (const decision of body.consents)
      if (decision.party !== side.config.party) await acceptDecision(side, job, decision);
    await settle(side, job.id);
  });
  await requireConsents(side, job);
  await side.store.transaction(async () => {
    if (job.status === "FAILED" || job.status === "CANCELLED") await stepJob(side, job.id, "rerun");
    await stepJob(side, job.id, "start");
  });
}

export async function onTaskStart(side: Side, caller: Partner, body: TaskOrder): Promise<void> {
  const job = await jobOf(side, caller, body.job_id);
  await acceptFence(side, job, body.fence);
  await side.driver.attempts.start(side, body);
}

export async function onTaskStop(side: Side, caller: Partner, body: z.infer<typeof taskStopBody>): Promise<void> {
  const job = await jobOf(side, caller, body.job_id);
  await acceptFence(side, job, body.fence);
  const { code, message, party } = body.reason;
  const live = side.driver.attempts.live(job.id, body.task);
  if (live !== undefined && live.attempt > body.attempt) return;
  await side.driver.attempts.stop(
    job.id,
    { code: code as `aborted.${string}`, message, ...(party === null ? {} : { blame: party }) },
    body.task,
  );
}

export async function onTaskPoll(side: Side, caller: Partner, body: z.infer<typeof taskPollBody>): Promise<PollAnswer> {
  const job = await jobOf(side, caller, body.job_id);
  await acceptFence(side, job, body.fence);
  const attempts = await side.driver.attempts.reports(side, job.id);
  await takeOverTasks(side, job, body.tasks, attempts);
  const failure = job.failure === null ? null : (publicFailure(job.failure) as PollAnswer["failure"]);
  return {
    status: job.status,
    failure,
    attempts: attempts.map((each) => ({ ...each, lane: laneForPartner(each.lane) })),
  };
}

/** To the initiator: an attempt ended, ask. */
export async function onTaskCallback(
  side: Side,
  caller: Partner,
  body: z.infer<typeof taskCallbackBody>,
): Promise<void> {
  const job = await findJob(side, body.job_id);
  if (job?.initiator !== side.config.party || !job.document.parties.some(({ party }) => party === caller.party))
    throw notYours();
  side.driver.poll(job.id);
}

/** From the initiator: how it ended. From a participant: it cannot go on, so nobody can. */
export async function onJobStop(side: Side, caller: Partner, body: z.infer<typeof jobStopBody>): Promise<void> {
  const job = await findJob(side, body.job_id);
  // A request that this node refused was never a job here.
  if (job === undefined) return;
  if (!job.document.parties.some(({ party }) => party === caller.party)) throw notYours();
  const unknown = {
    code: "aborted.partner",
    message: `${caller.party} ended the job`,
    party: caller.party,
    task: null,
    stage: null,
    remedy: null,
    detail: null,
  };
  const told = body.failure ?? unknown;
  if (job.initiator === side.config.party) {
    if (body.status !== "SUCCESS") await side.driver.end(job, { status: body.status, failure: told });
    return;
  }
  if (caller.party !== job.initiator) throw notYours();
  // What failed here comes back without its private part: the way to mend it is known here alone.
  const attempt = body.tasks.find(({ name }) => name === told.task)?.attempt ?? 0;
  const failure = told.task === null ? told : await withOwnDetail(side, job.id, told, told.task, attempt);
  if (body.status === "SUCCESS") await succeedHere(side, job);
  else await side.driver.endHere(job, { status: body.status, failure });
  await takeOverTasks(side, job, body.tasks, await side.driver.attempts.reports(side, job.id));
  exchangeCheckpoint(side, caller.party);
}

/** A job that is over has no runner left: nobody here could cancel or revoke what still runs. */
async function succeedHere(side: Side, job: Job): Promise<void> {
  const message = `${job.initiator} declared the job finished`;
  await side.store.transaction(async () => {
    if (!(await stepJob(side, job.id, "succeed"))) return;
    await side.journal.append(
      "job.finished",
      partnerActor(job.initiator),
      { en: `The job ${job.name} ended: SUCCESS`, zh: `作业 ${job.name} 结束：${inChinese("SUCCESS")}` },
      { job: job.id, status: "SUCCESS" },
    );
  });
  await side.driver.attempts.stop(job.id, { code: "aborted.job", message, blame: job.initiator });
}

async function jobOf(side: Side, caller: Partner, id: string): Promise<Job> {
  const job = await findJob(side, id);
  if (job === undefined)
    throw new TomboloError("consent.missing", "this job was never consented to here", { blame: side.config.party });
  if (job.initiator !== caller.party) throw notYours();
  await side.store.db.updateTable("jobs").set({ contact_at: side.clock.now() }).where("id", "=", id).execute();
  return job;
}

/** Orders of a process that lost the job to another one are refused. */
async function acceptFence(side: Side, job: Job, fence: number): Promise<void> {
  const row = await side.store.db
    .updateTable("jobs")
    .set({ fence })
    .where("id", "=", job.id)
    .where("fence", "<=", fence)
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) throw new TomboloError("state.fenced", "a newer process drives this job");
}

/** What own people cancelled is not run again on the initiator's word. */
function refuseAfterOwnCancel(side: Side, job: Job): void {
  const own = job.failure?.party === side.config.party && job.failure.code === "aborted.cancelled";
  if (job.status === "CANCELLED" && own)
    throw new TomboloError("consent.withdrawn", `${side.config.party} cancelled this job`, {
      blame: side.config.party,
      remedy: "Submit the flow again to ask anew.",
    });
}

/** The initiator's view of all tasks, this party's and others'. What this node knows of its own attempts stays. */
async function takeOverTasks(
  side: Side,
  job: Job,
  told: readonly TaskState[],
  own: readonly AttemptReport[],
): Promise<void> {
  if (told.length === 0) return;
  await side.store.transaction(async (tx) => {
    const exchanged = await side.driver.attempts.exchanged(side, job.id);
    const tasks = new Map((await tasksOf(side, job.id)).map((each) => [each.name, each]));
    let isNew = false;
    for (const task of told) {
      const before = tasks.get(task.name);
      if (before === undefined || before.attempt > task.attempt) continue;
      const after = await takenOver(side, before, task, { own, exchanged });
      if (isDeepStrictEqual(after, before)) continue;
      isNew = true;
      await tx
        .updateTable("tasks")
        .set({ ...after, lanes: toJson(after.lanes), failure: toJson(after.failure) })
        .where("job_id", "=", job.id)
        .where("name", "=", task.name)
        .execute();
      if (before.status !== task.status && hasEnded(task))
        await logLine(side, job.id, task.name, "info", `${task.name}: ${task.status}`);
    }
    if (isNew) jobChanged(side, job.id);
  });
}

const hasEnded = ({ status }: TaskState): boolean => ["SUCCESS", "FAILED", "CANCELLED", "SKIPPED"].includes(status);

interface Known {
  readonly own: readonly AttemptReport[];
  readonly exchanged: Exchanged;
}

async function takenOver(side: Side, before: Task, told: TaskState, known: Known): Promise<Task> {
  const { status, attempt, reused } = told;
  const now = side.clock.now();
  const failure =
    told.failure === null
      ? null
      : await withOwnDetail(side, before.job_id, told.failure as JobFailure, told.name, attempt);
  return {
    ...before,
    status,
    attempt,
    reused,
    lanes: settledLanes(lanesOf(side, told, known), status, failure),
    failure,
    started_at: before.started_at ?? (status === "RUNNING" ? now : null),
    ended_at: hasEnded(told) ? (before.ended_at ?? now) : null,
  };
}

/** The own lane in own figures; the partners' as they were told. */
function lanesOf(side: Side, task: TaskState, { own, exchanged }: Known): Lane[] {
  const counts = exchanged(task.name, task.attempt);
  const mine = own.find((each) => each.task === task.name && each.attempt === task.attempt)?.lane;
  return task.lanes.map((lane) =>
    lane.party === side.config.party && mine !== undefined ? mine : laneFromPartner(lane, counts),
  );
}

const notYours = (): TomboloError => new TomboloError("auth.job", "this is not your job");
