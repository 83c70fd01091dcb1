/**
 * A job that begins from what earlier ones left. Tasks whose component, parameters, inputs, parties and data are what they
 * were are not run again: every party that took part puts its own outputs of then in their place. Which tasks, and the
 * digest of what each party left, stand in the document that everyone consents to. Each party checks them against what it
 * knows of the earlier job itself, and takes over nothing whose bytes are not those it signed then. Whatever runs after
 * them is consented to, granted and debited like any other job.
 */
import { copyFile, link, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, TomboloError } from "@tombolo/base";
import { downstream, type Flow, flowSchema, participantsOf, predecessors, topologicalOrder } from "@tombolo/scheduler";
import { differences } from "../consent/differences.ts";
import { asJson, type ConsentDocument, type ReusedTask } from "../consent/document.ts";
import { comesFromRevoked } from "../grants/derivation.ts";
import { modelsBehind, refuseWithdrawn, requireFlowModels } from "../models/usable.ts";
import { isKeyOfContract } from "../partner/key-rotation.ts";
import type { Side } from "../partner/side.ts";
import type { RunnerResult } from "../runner/child.ts";
import { saltedDigest } from "../runner/files.ts";
import type { OutputFile } from "../runner/ipc.ts";
import { finishAttempt } from "./attempt-ends.ts";
import { attemptFolder } from "./capability.ts";
import { LiveAttempt } from "./lanes.ts";
import type { ReadFrom } from "./read-from.ts";
import { attemptsOf, findJob, flowOf, type Job, logLine, type Task, tasksOf } from "./rows.ts";
import { isService } from "./services.ts";
import { outputsDigest } from "./stages.ts";
import type { TaskOrder } from "./wire.ts";

type Planned = Pick<ConsentDocument, "components" | "datasets"> & { readonly flow: unknown };

export const reusedTask = ({ document }: Pick<Job, "document">, task: string): ReusedTask | undefined =>
  document.reuse?.find((each) => each.task === task);

const same = (a: unknown, b: unknown): boolean => differences(asJson(a), asJson(b)).length === 0;

/** What of a document decides what a task leaves, apart from the tasks before it. */
function factsOf({ components, datasets }: Planned, flow: Flow, name: string): unknown {
  const task = flow.tasks[name];
  if (task === undefined) return null;
  return {
    seed: flow.seed,
    task,
    participants: participantsOf(flow, task),
    component: components.find((each) => each.task === name) ?? null,
    // Under which grant the same rows are read decides nothing of what they are.
    datasets: datasets.filter((each) => each.task === name).map(({ grantId: _, ...facts }) => facts),
  };
}

/** Tasks of `now` that are what they were in `then`, and so is all that they read from; in running order. */
export function unchangedTasks(now: Planned, then: Planned): string[] {
  const [flow, before] = [flowSchema.parse(now.flow), flowSchema.parse(then.flow)];
  const kept = new Set<string>();
  for (const name of topologicalOrder(flow)) {
    const fed = [...predecessors(flow).get(name)!].every((from) => kept.has(from));
    const old = factsOf(then, before, name);
    if (fed && old !== null && same(factsOf(now, flow, name), old)) kept.add(name);
  }
  return [...kept];
}

/** At the initiator: what of an own earlier job a flow need not run again; `from` and what follows it runs anyway. */
export async function plannedReuse(
  side: Side,
  plan: Planned & { readonly flow: Flow },
  { jobId, from }: { readonly jobId: string; readonly from?: string | undefined },
): Promise<ReusedTask[]> {
  const earlier = await findJob(side, jobId);
  if (earlier?.initiator !== side.config.party)
    throw new TomboloError("input.reuse", "there is no such job that this party began", {
      remedy: "See the list of jobs.",
    });
  if (from !== undefined && !Object.hasOwn(plan.flow.tasks, from))
    throw new TomboloError("input.reuse", `the flow has no task "${from}"`, {
      remedy: `It has: ${Object.keys(plan.flow.tasks).join(", ")}.`,
    });
  const again = new Set(from === undefined ? [] : [from, ...downstream(plan.flow, from)]);
  const tasks = await tasksOf(side, jobId);
  const reused = new Map<string, ReusedTask>();
  for (const name of unchangedTasks(plan, earlier.document)) {
    const fed = [...predecessors(plan.flow).get(name)!].every((before) => reused.has(before));
    if (!fed || again.has(name) || isService(plan.flow, name)) continue;
    const found = await finished(
      side,
      earlier,
      plan.flow,
      tasks.find((task) => task.name === name),
    );
    if (found !== undefined) reused.set(name, found);
  }
  return [...reused.values()];
}

/** With the word of every party that took part; undefined where one is missing, or the own outputs are gone. */
async function finished(side: Side, job: Job, flow: Flow, task: Task | undefined): Promise<ReusedTask | undefined> {
  if (task?.status !== "SUCCESS") return undefined;
  const parties = participantsOf(flow, flow.tasks[task.name]!).map(({ party }) => party);
  const signed = await side.store.db
    .selectFrom("stage_digests")
    .select(["party", "digest"])
    .where("job_id", "=", job.id)
    .where("task", "=", task.name)
    .where("attempt", "=", task.attempt)
    .execute();
  const digests = parties.flatMap((party) => signed.filter((each) => each.party === party));
  if (digests.length !== parties.length) return undefined;
  // Of what was itself taken over: the job that made it.
  const reused = { task: task.name, jobId: reusedTask(job, task.name)?.jobId ?? job.id, digests };
  return (await isUsable(side, job, reused, parties)) ? reused : undefined;
}

/** What partners would refuse, or this party itself, is run again. */
async function isUsable(side: Side, earlier: Job, reused: ReusedTask, parties: readonly string[]): Promise<boolean> {
  try {
    await requireReusable(side, { models: [], reuse: [reused] });
    await refuseOtherKeys(side, earlier, reused);
    if (parties.includes(side.config.party)) await ownOutputs(side, reused);
    return true;
  } catch (error) {
    const { family } = TomboloError.from(error);
    if (family === "consent" || family === "state") return false;
    throw error;
  }
}

/** At a partner, before its people are asked. Throws `consent.reuse`, `consent.grant-revoked` or `state.output-gone`. */
export async function checkReuse(side: Side, document: ConsentDocument): Promise<void> {
  const { reuse = [] } = document;
  const flow = flowSchema.parse(document.flow);
  const names = new Set(reuse.map(({ task }) => task));
  if (names.size !== reuse.length) throw refused(side, "a task is named twice");
  for (const each of reuse) {
    const task = Object.hasOwn(flow.tasks, each.task) ? flow.tasks[each.task] : undefined;
    if (task === undefined || isService(flow, each.task)) throw refused(side, `${each.task} cannot be taken over`);
    if (![...predecessors(flow).get(each.task)!].every((before) => names.has(before)))
      throw refused(side, `what ${each.task} reads from would run again`);
    const parties = participantsOf(flow, task).map(({ party }) => party);
    if (
      !same(
        parties,
        each.digests.map(({ party }) => party),
      )
    )
      throw refused(side, `not every party's output of ${each.task} is named`);
    if (parties.includes(side.config.party)) await checkOwn(side, document, each);
  }
  await requireReusable(side, document);
  await requireFlowModels(side, flow, reuse);
}

async function checkOwn(side: Side, document: ConsentDocument, reused: ReusedTask): Promise<void> {
  const earlier = await findJob(side, reused.jobId);
  if (earlier?.initiator !== document.initiator || earlier.project_id !== document.projectId)
    throw refused(side, `${reused.jobId} is not an earlier job of ${document.initiator} in this project`);
  // Named by another job than the one that made it, a model would go by another name than its holders withdrew.
  if (reusedTask(earlier, reused.task) !== undefined)
    throw refused(side, `${reused.jobId} took ${reused.task} over from another job itself`);
  if (!unchangedTasks(document, earlier.document).includes(reused.task))
    throw refused(side, `${reused.task} is not what it was in ${reused.jobId}`);
  await refuseOtherKeys(side, earlier, reused);
  const { attempt, readFrom } = await ownOutputs(side, reused);
  await refuseOthers(side, reused.jobId, reused, attempt);
  const fedBy = predecessors(flowSchema.parse(document.flow)).get(reused.task)!;
  for (const each of document.reuse ?? [])
    if (fedBy.has(each.task) || readFrom?.[each.task] !== undefined)
      await refuseOthers(side, reused.jobId, each, readFrom?.[each.task]);
}

/** Under a later contract a name may belong to other keys: who stands behind it now did not take part then. */
async function refuseOtherKeys(side: Side, earlier: Job, { task }: ReusedTask): Promise<void> {
  const flow = flowOf(earlier);
  const taking = participantsOf(flow, flow.tasks[task]!).map(({ party }) => party);
  for (const { party, ...keys } of earlier.document.parties) {
    if (party === side.config.party || (party !== earlier.initiator && !taking.includes(party))) continue;
    if (!(await isKeyOfContract(side, party, keys)))
      throw refused(side, `${party} has other keys than when it took part in ${task} of ${earlier.id}`);
  }
}

/**
 * Outputs that others say they left must be those that they signed in the earlier job; and what a task read from then, what it is to have read
 * now: outputs of two runs of a match have their rows in two orders. All of one attempt; `attempt` undefined: which is not known any more.
 */
async function refuseOthers(
  side: Side,
  jobId: string,
  { task, digests }: ReusedTask,
  attempt: number | undefined,
): Promise<void> {
  const signed = await side.store.db
    .selectFrom("stage_digests")
    .select(["attempt", "party", "digest"])
    .where("job_id", "=", jobId)
    .where("task", "=", task)
    .execute();
  const attempts = attempt === undefined ? new Set(signed.map((each) => each.attempt)) : new Set([attempt]);
  if (attempts.size > 1) throw refused(side, `it is not known which attempt of ${task} in ${jobId} was read`);
  for (const { party, digest } of digests) {
    const known = signed.find((each) => each.party === party && attempts.has(each.attempt));
    if (known !== undefined && known.digest !== digest)
      throw refused(side, `the output of ${task} at ${party} is not the one that was signed in ${jobId}`);
  }
}

/**
 * What is taken over is still allowed: no grant behind it was revoked and no model that it is, or was made with, withdrawn. Throws
 * `consent.grant-revoked` or `consent.model-withdrawn`.
 */
export async function requireReusable(side: Side, document: Pick<ConsentDocument, "models" | "reuse">): Promise<void> {
  for (const jobId of new Set(document.reuse?.map((each) => each.jobId)))
    if (await comesFromRevoked(side, jobId))
      throw new TomboloError("consent.grant-revoked", `what ${jobId} left comes from data whose grant was revoked`, {
        blame: side.config.party,
        remedy: "Submit the flow without the earlier job, once there is a new grant.",
      });
  if (document.reuse !== undefined) for (const model of modelsBehind(document)) await refuseWithdrawn(side, model);
}

const refused = (side: Side, why: string): TomboloError =>
  new TomboloError("consent.reuse", `outputs of an earlier job cannot be used again: ${why}`, {
    blame: side.config.party,
    remedy: "Submit the flow without the earlier job.",
  });

const gone = (side: Side, { task, jobId }: ReusedTask): TomboloError =>
  new TomboloError("state.output-gone", `what ${task} left in ${jobId} is not here any more`, {
    blame: side.config.party,
    remedy: "Submit the flow without the earlier job: the task runs again.",
  });

/** Of the attempt that this party signed for then. */
async function ownOutputs(
  side: Side,
  reused: ReusedTask,
): Promise<{ attempt: number; outputs: readonly OutputFile[]; readFrom: ReadFrom | null }> {
  const named = reused.digests.find(({ party }) => party === side.config.party)?.digest;
  const attempts = await attemptsOf(side, reused.jobId);
  const own = attempts.find(
    ({ task, status, outputs }) => task === reused.task && status === "SUCCESS" && outputsDigest(outputs) === named,
  );
  if (own === undefined) throw gone(side, reused);
  const folder = attemptFolder(side, reused.jobId, reused.task, own.attempt);
  for (const { file } of own.outputs)
    await stat(join(folder, file)).catch(() => {
      throw gone(side, reused);
    });
  return { attempt: own.attempt, outputs: own.outputs, readFrom: own.read_from };
}

/** In place of a runner. Never rejects: what goes wrong is the attempt's failure. */
export async function adoptOutputs(side: Side, order: TaskOrder, reused: ReusedTask): Promise<void> {
  const live = new LiveAttempt(side, order.job_id, order.task, order.attempt);
  live.stop();
  const result = await takenOver(side, order, reused).then(
    (outputs): RunnerResult => ({ ok: true, outputs }),
    (error: unknown): RunnerResult => ({
      ok: false,
      failure: { ...TomboloError.from(error).toPublic(), detail: null },
    }),
  );
  await logLine(side, order.job_id, order.task, "info", `not run again: taken over from ${reused.jobId}`);
  await finishAttempt(side, { order, live, isReused: true }, result);
}

async function takenOver(side: Side, order: TaskOrder, reused: ReusedTask): Promise<readonly OutputFile[]> {
  await refuseEnded(side, order);
  const { attempt, outputs } = await ownOutputs(side, reused);
  const from = attemptFolder(side, reused.jobId, reused.task, attempt);
  for (const { file, salt, digest } of outputs)
    if ((await saltedDigest(join(from, file), fromHex(salt))) !== digest) throw gone(side, reused);
  await refuseEnded(side, order);
  await linkFolder(from, attemptFolder(side, order.job_id, order.task, order.attempt));
  return outputs;
}

/** There is no runner to be stopped. */
async function refuseEnded(side: Side, order: TaskOrder): Promise<void> {
  const job = await findJob(side, order.job_id);
  if (job?.status !== "RUNNING")
    throw new TomboloError("aborted.job", "the job ended while outputs were taken over", { blame: side.config.party });
}

/** The same files under another name: outputs are never written to once they are signed. */
async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await link(source, target).catch(() => copyFile(source, target));
  }
}
