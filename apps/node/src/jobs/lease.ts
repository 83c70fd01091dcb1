/**
 * Who drives a job: the process that holds its lease, under a fence that grows each time the job is taken up. What a
 * process writes under a lost fence is refused, so two can never drive the same job.
 */
import { TomboloError } from "@tombolo/base";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { laneForPartner } from "./border.ts";
import { jobChanged, publicFailure, settledLanes, type Task, tasksOf } from "./rows.ts";
import type { TaskState } from "./wire.ts";

const LEASE_MS = 15_000;

export type TaskChange = Partial<Omit<Task, "job_id" | "name">>;

export class Lease {
  readonly jobId: string;
  readonly #side: Side;
  readonly #process: string;
  #fence = 0;

  constructor(side: Side, process: string, jobId: string) {
    this.#side = side;
    this.#process = process;
    this.jobId = jobId;
  }

  get fence(): number {
    return this.#fence;
  }

  /** False if the job is not to be driven, or another process drives it. */
  async take(): Promise<boolean> {
    const { store, clock } = this.#side;
    const now = clock.now();
    let query = store.db
      .updateTable("jobs")
      .set((eb) => ({
        fence: eb("fence", "+", 1),
        lease_owner: this.#process,
        lease_until: new Date(now.getTime() + LEASE_MS),
      }))
      .where("id", "=", this.jobId)
      .where("status", "in", ["READY", "RUNNING"]);
    // The embedded database has one process: whatever lease it holds is that of a former one.
    if (store.kind === "postgres")
      query = query.where((eb) => eb.or([eb("lease_until", "is", null), eb("lease_until", "<", now)]));
    const row = await query.returning("fence").executeTakeFirst();
    if (row === undefined) return false;
    this.#fence = row.fence;
    return true;
  }

  /** False once another process took the job over. */
  async renew(): Promise<boolean> {
    const until = new Date(this.#side.clock.now().getTime() + LEASE_MS);
    const row = await this.#side.store.db
      .updateTable("jobs")
      .set({ lease_until: until })
      .where("id", "=", this.jobId)
      .where("fence", "=", this.#fence)
      .where("lease_owner", "=", this.#process)
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }

  /** All tasks as partners may see them. */
  async taskStates(): Promise<TaskState[]> {
    return (await tasksOf(this.#side, this.jobId)).map((task) => ({
      name: task.name,
      status: task.status,
      attempt: task.attempt,
      reused: task.reused,
      lanes: task.lanes.map(laneForPartner),
      failure: task.failure === null ? null : (publicFailure(task.failure) as TaskState["failure"]),
    }));
  }

  /** Only under the fence this process holds. */
  async setTask(name: string, values: TaskChange, attempt?: number): Promise<void> {
    await this.#side.store.transaction(async (tx) => {
      const held = await tx
        .selectFrom("jobs")
        .select("fence")
        .where("id", "=", this.jobId)
        .forUpdate()
        .executeTakeFirst();
      if (held?.fence !== this.#fence) throw new TomboloError("state.lease", "another process took the job over");
      const task = tx.selectFrom("tasks").selectAll().where("job_id", "=", this.jobId).where("name", "=", name);
      const before = await task.executeTakeFirst();
      if (before === undefined || (attempt !== undefined && before.attempt !== attempt)) return;
      const { status = before.status, lanes = before.lanes, failure = before.failure, ...rest } = values;
      const next = { ...rest, status, lanes: toJson(settledLanes(lanes, status, failure)), failure: toJson(failure) };
      await tx.updateTable("tasks").set(next).where("job_id", "=", this.jobId).where("name", "=", name).execute();
      jobChanged(this.#side, this.jobId);
    });
  }
}
