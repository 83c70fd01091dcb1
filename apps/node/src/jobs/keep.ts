/** What attempts leave in the store: bytes by message name, model parts. */
import { join } from "node:path";
import { comesFromRevoked } from "../grants/derivation.ts";
import { holdersOf, modelId, NO_SUMMARY } from "../models/part.ts";
import { sealModel } from "../models/sealing.ts";
import type { Side } from "../partner/side.ts";
import type { MeterCount, OutputFile } from "../runner/ipc.ts";
import { toJson } from "../store/columns.ts";
import type { LiveAttempt } from "./lanes.ts";
import { flowOf, jobById } from "./rows.ts";
import type { TaskOrder } from "./wire.ts";

/** Of an attempt of a task. */
export type Exchanged = (task: string, attempt: number) => readonly MeterCount[];

export async function storeMeter(side: Side, live: LiveAttempt): Promise<void> {
  if (live.counts.length === 0) return;
  await side.store.db
    .insertInto("meter")
    .values(live.counts.map((each) => ({ job_id: live.job, task: live.task, attempt: live.attempt, ...each })))
    .onConflict((conflict) =>
      conflict
        .columns(["job_id", "task", "attempt", "partner", "name", "direction"])
        .doUpdateSet((eb) => ({ messages: eb.ref("excluded.messages"), bytes: eb.ref("excluded.bytes") })),
    )
    .execute();
}

/** What was exchanged in each attempt of the job, as far as it is written down. */
export async function metersOf(side: Side, job: string): Promise<Exchanged> {
  const rows = await side.store.db
    .selectFrom("meter")
    .select(["task", "attempt", "partner", "name", "direction", "messages", "bytes"])
    .where("job_id", "=", job)
    .execute();
  return (task, attempt) => rows.filter((row) => row.task === task && row.attempt === attempt);
}

export async function storeModel(side: Side, order: TaskOrder, output: OutputFile): Promise<void> {
  const job = await jobById(side, order.job_id);
  const flow = flowOf(job);
  const values = {
    id: modelId(order.job_id, order.task),
    job_id: order.job_id,
    task: order.task,
    name: job.name,
    summary: toJson(output.summary ?? NO_SUMMARY),
    parties: toJson(holdersOf(flow, order.task)),
    file: join("tasks", order.job_id, order.task, String(order.attempt), output.file),
    derived_from_revoked: await comesFromRevoked(side, order.job_id),
    created_at: side.clock.now(),
  };
  await side.store.db
    .insertInto("models")
    .values(values)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute();
  await sealModel(side, job, { task: order.task, attempt: order.attempt, output });
  side.store.afterCommit(() => side.events.publish({ kind: "model", id: values.id, data: null }));
}
