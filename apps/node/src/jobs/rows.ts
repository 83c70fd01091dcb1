/** Jobs and tasks in the store: reading, and changes of state that obey the state machines. */
import { showable, TomboloError } from "@tombolo/base";
import { type Flow, flowSchema, type JobEvent, transitionJob } from "@tombolo/scheduler";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import type { JobTables } from "../store/tables/jobs.ts";
import { ENDED, type JobFailure, type Lane, type TaskStatus } from "./views.ts";
import { clearWork } from "./work-folders.ts";

export type Job = Selectable<JobTables["jobs"]>;
export type Task = Selectable<JobTables["tasks"]>;
export type Attempt = Selectable<JobTables["attempts"]>;

export async function jobById({ store }: NodeContext, id: string): Promise<Job> {
  const job = await findJob({ store }, id);
  if (job === undefined) throw new TomboloError("state.unknown", "there is no such job");
  return job;
}

export const findJob = ({ store }: Pick<NodeContext, "store">, id: string): Promise<Job | undefined> =>
  store.db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();

export const tasksOf = ({ store }: NodeContext, id: string): Promise<Task[]> =>
  store.db.selectFrom("tasks").selectAll().where("job_id", "=", id).execute();

export const attemptsOf = ({ store }: NodeContext, id: string): Promise<Attempt[]> =>
  store.db.selectFrom("attempts").selectAll().where("job_id", "=", id).execute();

export const consentsOf = ({ store }: NodeContext, id: string) =>
  store.db.selectFrom("job_consents").selectAll().where("job_id", "=", id).execute();

/** The flow as consented: the document went through the schema when it came in. */
export const flowOf = (job: Pick<Job, "document">): Flow => flowSchema.parse(job.document.flow);

export const partiesOf = (job: Pick<Job, "document">): string[] => job.document.parties.map(({ party }) => party);

/** Jobs under way that draw on an own dataset. */
export async function jobsUsing(side: NodeContext, datasetId: string): Promise<string[]> {
  const open = await side.store.db
    .selectFrom("jobs")
    .select(["id", "document"])
    .where("status", "in", ["PENDING", "READY", "RUNNING"])
    .execute();
  const own = ({ party, datasetId: id }: Job["document"]["datasets"][number]): boolean =>
    party === side.config.party && id === datasetId;
  return open.filter(({ document }) => document.datasets.some(own)).map(({ id }) => id);
}

/** Takes the step if the state allows it; false if it does not (somebody was faster). */
export async function stepJob(
  side: Side,
  id: string,
  event: JobEvent,
  failure: JobFailure | null = null,
): Promise<boolean> {
  return side.store.transaction(async (tx) => {
    const job = await tx.selectFrom("jobs").select("status").where("id", "=", id).forUpdate().executeTakeFirst();
    if (job === undefined) return false;
    let status: Job["status"];
    try {
      status = transitionJob(job.status, event);
    } catch {
      return false;
    }
    const now = side.clock.now();
    const times =
      event === "start"
        ? { started_at: now, ended_at: null }
        : ["READY", "RUNNING"].includes(status)
          ? {}
          : { ended_at: now };
    await tx
      .updateTable("jobs")
      .set({ status, failure: toJson(failure), ...times })
      .where("id", "=", id)
      .execute();
    jobChanged(side, id);
    if (ENDED.includes(status)) side.store.afterCommit(() => void clearWork(side, id));
    return true;
  });
}

const isOver = (status: TaskStatus): boolean => ["SUCCESS", "FAILED", "CANCELLED", "SKIPPED"].includes(status);

/**
 * A task that has ended has no lane under way: whose lane was last heard running either caused the failure, or was
 * stopped with the task.
 */
export function settledLanes(lanes: readonly Lane[], status: TaskStatus, failure: JobFailure | null): Lane[] {
  if (!isOver(status)) return [...lanes];
  return lanes.map((lane) => {
    if (isOver(lane.status)) return lane;
    const ended = status === "FAILED" && lane.party !== failure?.party ? "CANCELLED" : status;
    return { ...lane, status: ended, etaSeconds: null };
  });
}

export const jobChanged = (side: Side, id: string): void =>
  side.store.afterCommit(() => side.events.publish({ kind: "job", id, data: null }));

export async function logLine(
  side: Side,
  job: string,
  task: string | null,
  level: "info" | "warn" | "error",
  message: string,
): Promise<void> {
  await side.store.db
    .insertInto("job_logs")
    .values({ job_id: job, task, level, message: message.slice(0, 4000), at: side.clock.now() })
    .execute();
  side.store.afterCommit(() =>
    side.events.publish({ kind: "log", id: job, data: { task, level, message: message.slice(0, 4000) } }),
  );
}

export function failureOf(error: TomboloError, party: string, task: string | null): JobFailure {
  return {
    code: error.code,
    message: error.message,
    party: error.blame ?? party,
    task,
    stage: error.stage ?? null,
    remedy: error.remedy ?? null,
    detail: error.detail === undefined ? null : (error.detail as Record<string, unknown>),
  };
}

/** What partners may know of a failure (SECURITY.md rule 20). */
export const publicFailure = ({ code, message, party, task, stage }: JobFailure): JobFailure => ({
  code,
  message: showable(message),
  party,
  task,
  stage,
  remedy: null,
  detail: null,
});
