/** What is left of an own attempt once its runner has ended: written down, signed, told. */
import type { PublicError } from "@tombolo/base";
import { systemActor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import type { RunnerResult } from "../runner/child.ts";
import { removeAttempt } from "../runner/files.ts";
import type { OutputFile } from "../runner/ipc.ts";
import { toJson } from "../store/columns.ts";
import { attemptFolder } from "./capability.ts";
import { type Exchanged, storeMeter, storeModel } from "./keep.ts";
import { LiveAttempt } from "./lanes.ts";
import { type Attempt, jobChanged, logLine, publicFailure } from "./rows.ts";
import { keepDigest, outputsDigest, signStage } from "./stages.ts";
import type { JobFailure } from "./views.ts";
import type { AttemptReport, TaskOrder } from "./wire.ts";

interface Ended {
  readonly order: TaskOrder;
  readonly live: LiveAttempt;
  /** Taken over from an earlier job, whose models stay its own. */
  readonly isReused?: boolean;
}

export async function finishAttempt(side: Side, { order, live, isReused }: Ended, result: RunnerResult): Promise<void> {
  const { job_id: job, task, attempt } = order;
  const failure = result.ok ? null : ownFailure(result.failure, side.config.party, task);
  await storeMeter(side, live);
  await side.store.transaction(async (tx) => {
    const outputs = result.ok ? result.outputs : [];
    await tx
      .updateTable("attempts")
      .set({
        status: result.ok ? "SUCCESS" : "FAILED",
        failure: toJson(failure),
        outputs: toJson(outputs),
        ended_at: side.clock.now(),
      })
      .where("job_id", "=", job)
      .where("task", "=", task)
      .where("attempt", "=", attempt)
      .execute();
    if (result.ok) await keepDigest(side, job, signStage(side, job, { task, attempt, digest: outputsDigest(outputs) }));
    for (const output of outputs)
      if (output.kind === "model" && isReused !== true) await storeModel(side, order, output);
    await side.journal.append(
      result.ok ? "task.finished" : "task.failed",
      systemActor,
      result.ok
        ? { en: `Finished ${task}`, zh: `任务 ${task} 完成` }
        : { en: `${task} failed: ${failure?.message}`, zh: `任务 ${task} 失败：${failure?.message}` },
      { job, task, attempt, ...(result.ok ? { digest: outputsDigest(outputs) } : { code: failure?.code ?? "" }) },
    );
    jobChanged(side, job);
  });
  // Nobody may take what an attempt left on its way for an output; the task's checkpoint stays.
  if (!result.ok) await clearAway(side, job, task, attempt);
  if (failure !== null) await logLine(side, job, task, "error", `${failure.code}: ${failure.message}`);
  else await logLine(side, job, task, "info", `done${result.ok ? outputsText(result.outputs) : ""}`);
}

/** `live`: of one that runs. */
export function attemptReport(
  side: Side,
  row: Attempt,
  live: LiveAttempt | undefined,
  exchanged: Exchanged,
): AttemptReport {
  const stopped = row.failure?.code.startsWith("aborted.") === true;
  const lane = (live ?? storedLane(side, row, exchanged)).lane(stopped ? "CANCELLED" : row.status);
  const digest =
    row.status === "SUCCESS"
      ? signStage(side, row.job_id, { task: row.task, attempt: row.attempt, digest: outputsDigest(row.outputs) })
      : null;
  return {
    task: row.task,
    attempt: row.attempt,
    status: row.status,
    failure: row.failure === null ? null : (publicFailure(row.failure) as AttemptReport["failure"]),
    lane,
    digest,
  };
}

/** A runner that outlived its node for a moment may still write there: what cannot be removed is nobody's output. */
export async function clearAway(side: Side, job: string, task: string, attempt: number): Promise<void> {
  await removeAttempt(attemptFolder(side, job, task, attempt)).catch((error: unknown) =>
    side.log.warn({ err: error, job, task, attempt }, "what an attempt left could not be removed"),
  );
}

const outputsText = (outputs: readonly OutputFile[]): string =>
  outputs.map(({ port, rows }) => `; ${port}${rows === null ? "" : `: ${rows} rows`}`).join("");

/** The lane of an attempt that has ended, from what was metered. */
function storedLane(side: Side, row: Attempt, exchanged: Exchanged): LiveAttempt {
  const live = new LiveAttempt(side, row.job_id, row.task, row.attempt);
  live.meter(exchanged(row.task, row.attempt));
  live.stop();
  return live;
}

function ownFailure(failure: PublicError & { detail: unknown }, party: string, task: string): JobFailure {
  return {
    code: failure.code,
    message: failure.message,
    party: failure.blame ?? party,
    task,
    stage: failure.stage ?? null,
    remedy: failure.remedy ?? null,
    detail: (failure.detail as Record<string, unknown> | null) ?? null,
  };
}
