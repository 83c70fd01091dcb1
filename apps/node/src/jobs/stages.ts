/**
 * What a finished attempt left, as each party signs it: parties go on only from outputs that all of them signed
 * (SECURITY.md rule 2).
 */
import { fromBase64Url, toBase64Url } from "@tombolo/base";
import { type Flow, flowEdges } from "@tombolo/scheduler";
import { sha256Hex, signBytes, verifyBytes } from "../config/keys.ts";
import { asJson, statementBytes } from "../consent/document.ts";
import { activeContract } from "../partner/contract-rows.ts";
import { keysSince } from "../partner/key-rotation.ts";
import type { Side } from "../partner/side.ts";
import type { OutputFile } from "../runner/ipc.ts";
import { type Job, jobById, tasksOf } from "./rows.ts";
import type { StageDigest, TaskOrder } from "./wire.ts";

/** SHA-256 over the digests of all outputs, by port. */
export const outputsDigest = (outputs: readonly OutputFile[]): string =>
  sha256Hex(statementBytes("stage-outputs", Object.fromEntries(outputs.map(({ port, digest }) => [port, digest]))));

const stageBytes = (job: string, { task, attempt, party, digest }: Omit<StageDigest, "signature">): Uint8Array =>
  statementBytes("stage", asJson({ job, task, attempt, party, digest }));

export function signStage(
  side: Side,
  job: string,
  stage: { task: string; attempt: number; digest: string },
): StageDigest {
  const signed = { ...stage, party: side.config.party };
  return { ...signed, signature: toBase64Url(signBytes(side.keys.signing, stageBytes(job, signed))) };
}

export async function verifyStage(side: Side, job: string, stage: StageDigest): Promise<boolean> {
  const named = (await jobById(side, job)).document.parties.find(({ party }) => party === stage.party);
  if (named === undefined || (await activeContract(side, stage.party)) === undefined) return false;
  const keys = await keysSince(side, stage.party, named.signingKey);
  return keys.some((key) => verifyBytes(key, stageBytes(job, stage), fromBase64Url(stage.signature)));
}

export async function keepDigest(
  side: Side,
  job: string,
  { task, attempt, party, digest, signature }: StageDigest,
): Promise<void> {
  await side.store.db
    .insertInto("stage_digests")
    .values({ job_id: job, task, attempt, party, digest, signature })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The finished attempts that a task's inputs come from, with what every party signed about them. */
export async function upstreamOf(side: Side, jobId: string, flow: Flow, name: string): Promise<TaskOrder["upstream"]> {
  const needed = [
    ...new Set(
      flowEdges(flow)
        .filter(({ to }) => to === name)
        .map(({ from }) => from),
    ),
  ];
  const tasks = await tasksOf(side, jobId);
  return Promise.all(
    needed.map(async (task) => {
      const attempt = tasks.find((each) => each.name === task)!.attempt;
      const rows = await side.store.db
        .selectFrom("stage_digests")
        .select(["party", "digest", "signature"])
        .where("job_id", "=", jobId)
        .where("task", "=", task)
        .where("attempt", "=", attempt)
        .execute();
      return { task, attempt, digests: rows.map((row) => ({ task, attempt, ...row })) };
    }),
  );
}

/** Attempts of former runs of the job do not count against this one. */
export const firstAttempt = async (side: Side, job: Job, name: string): Promise<number> =>
  (await firstSinceStart(side, job, name)) ?? 1;

/** In this run of the job. */
export const startedBefore = async (side: Side, job: Job, name: string): Promise<boolean> =>
  (await firstSinceStart(side, job, name)) !== undefined;

async function firstSinceStart({ store }: Side, job: Job, name: string): Promise<number | undefined> {
  const started = job.started_at ?? new Date(0);
  const row = await store.db
    .selectFrom("attempts")
    .select((eb) => eb.fn.min("attempt").as("first"))
    .where("job_id", "=", job.id)
    .where("task", "=", name)
    .where("started_at", ">=", started)
    .executeTakeFirst();
  return row?.first == null ? undefined : Number(row.first);
}
