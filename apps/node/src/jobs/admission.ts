/**
 * What this node checks for itself before it takes part in an attempt: that what goes in is what every party signed,
 * that its own data is the snapshot consented to and its grants allow the use. Then it draws the use.
 */
import { join } from "node:path";
import { TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import { findComponent } from "@tombolo/components";
import { type Flow, parseInputRef, participantsOf } from "@tombolo/scheduler";
import { snapshotFile } from "../datasets/datasets.ts";
import { grantById, grantState } from "../grants/grant-rows.ts";
import { checkGrant } from "../grants/rules.ts";
import { debit, wasDebited } from "../grants/uses.ts";
import type { Side } from "../partner/side.ts";
import type { DatasetAccess, InputFile } from "../runner/ipc.ts";
import { attemptFolder, roleOf } from "./capability.ts";
import { datasetsOf, intendedUse } from "./plan.ts";
import { reusedTask } from "./reuse.ts";
import type { Job } from "./rows.ts";
import { keepDigest, outputsDigest, startedBefore, verifyStage } from "./stages.ts";
import type { TaskOrder } from "./wire.ts";

export async function inputsOf(side: Side, job: Job, flow: Flow, order: TaskOrder): Promise<Record<string, InputFile>> {
  const definition = Object.hasOwn(flow.tasks, order.task) ? flow.tasks[order.task] : undefined;
  if (definition === undefined) throw new TomboloError("protocol.task", "the job has no such task");
  const component = findComponent(definition.component);
  const role = roleOf(flow, side.config.party);
  const inputs: Record<string, InputFile> = {};
  for (const [port, text] of Object.entries(definition.inputs)) {
    const info = component?.inputs[port];
    if (info === undefined || (info.roles !== null && !info.roles.includes(role))) continue;
    const ref = parseInputRef(text);
    if (ref.kind === "model") {
      const model = await side.store.db
        .selectFrom("models")
        .select("file")
        .where("id", "=", ref.modelId)
        .executeTakeFirst();
      if (model === undefined)
        throw new TomboloError("state.model", `there is no part of the model ${ref.modelId} here`, {
          blame: side.config.party,
        });
      inputs[port] = { kind: "model", path: join(side.paths.root, model.file) };
      continue;
    }
    const output = await upstreamOutput(side, job, flow, order, ref.task, ref.port);
    if (output !== undefined) inputs[port] = output;
  }
  return inputs;
}

/** The initiator names the attempt; its digest must be the one this node signed, and the others' must be signed too. */
async function upstreamOutput(
  side: Side,
  job: Job,
  flow: Flow,
  order: TaskOrder,
  task: string,
  port: string,
): Promise<InputFile | undefined> {
  const named = order.upstream.find((each) => each.task === task);
  const own = await side.store.db
    .selectFrom("attempts")
    .selectAll()
    .where("job_id", "=", job.id)
    .where("task", "=", task)
    .where("attempt", "=", named?.attempt ?? 0)
    .executeTakeFirst();
  if (named === undefined || own?.status !== "SUCCESS")
    throw new TomboloError("state.stage", `the output of ${task} is not here`, { blame: side.config.party });
  const signers = participantsOf(flow, flow.tasks[task]!).map(({ party }) => party);
  if (signers.some((party) => !named.digests.some((digest) => digest.party === party)))
    throw new TomboloError("protocol.stage-digest", `not every party signed the output of ${task}`, {
      blame: job.initiator,
    });
  for (const digest of named.digests) {
    const isOwn = digest.party === side.config.party;
    if (digest.task !== task || digest.attempt !== named.attempt)
      throw new TomboloError("protocol.stage-digest", "a signed digest is of another stage", { blame: job.initiator });
    if (isOwn ? digest.digest !== outputsDigest(own.outputs) : !(await verifyStage(side, job.id, digest)))
      throw new TomboloError("protocol.stage-digest", `the parties do not agree on the output of ${task}`, {
        blame: digest.party,
      });
    // What is taken over is what everyone consented to.
    const agreed = reusedTask(job, task)?.digests.find(({ party }) => party === digest.party);
    if (agreed !== undefined && agreed.digest !== digest.digest)
      throw new TomboloError("protocol.stage-digest", `${digest.party} took over another output of ${task}`, {
        blame: digest.party,
      });
    if (!isOwn) await keepDigest(side, job.id, digest);
  }
  const output = own.outputs.find((each) => each.port === port);
  if (output === undefined) return undefined;
  return {
    kind: output.kind,
    path: join(attemptFolder(side, job.id, task, own.attempt), output.file),
    rows: output.rows,
  };
}

export async function datasetAccess(
  side: Side,
  job: Job,
  flow: Flow,
  task: string,
): Promise<Record<string, DatasetAccess>> {
  const self = side.config.party;
  const access: Record<string, DatasetAccess> = {};
  for (const use of datasetsOf(flow).filter(({ party }) => party === self)) {
    const named = job.document.datasets.find((each) => each.party === self && each.task === use.task);
    const row = await side.store.db
      .selectFrom("datasets")
      .select("snapshot")
      .where("id", "=", use.datasetId)
      .executeTakeFirst();
    if (named === undefined || row?.snapshot !== named.snapshot)
      throw new TomboloError(
        "consent.snapshot",
        `the data ${use.datasetId} is not the snapshot that was consented to`,
        { blame: self, remedy: "Submit the flow again." },
      );
    if (named.grantId !== null) {
      const grant = await grantById(side, named.grantId);
      const needed = (await wasDebited(side, grant.id, job.id)) ? 0 : 1;
      checkGrant(
        grantState(grant),
        intendedUse(job.initiator, job.project_id, use, job.document.disclosure, flow),
        side.clock.now(),
        needed,
      );
    }
    if (use.task === task)
      access[use.datasetId] = {
        path: snapshotFile(side, use.datasetId),
        columns: use.columns,
        filter: named.filter,
      };
  }
  return access;
}

/**
 * What is promised of all attempts of a task together holds for TASK_ATTEMPTS_MAX of them: each party counts its own, in all runs of the job,
 * whatever the numbers that who starts them gives them. Steps that send nothing, and services, which tell on coming back what they
 * were to tell anyway, are not counted.
 */
export async function requireAttempts(side: Side, job: Job, flow: Flow, { task }: TaskOrder): Promise<void> {
  const component = findComponent(flow.tasks[task]!.component);
  if (component?.protocol == null || component.serves !== undefined) return;
  const { count } = await side.store.db
    .selectFrom("attempts")
    .select((eb) => eb.fn.countAll().as("count"))
    .where("job_id", "=", job.id)
    .where("task", "=", task)
    .executeTakeFirstOrThrow();
  if (Number(count) < TASK_ATTEMPTS_MAX) return;
  throw new TomboloError("consent.attempts", `the task was attempted ${TASK_ATTEMPTS_MAX} times here, and no more`, {
    remedy: "Submit the flow as a new job, which wants a new consent.",
    blame: side.config.party,
  });
}

export async function debitUses(side: Side, job: Job, flow: Flow, order: TaskOrder): Promise<void> {
  const own = job.document.datasets.filter(({ party, grantId }) => party === side.config.party && grantId !== null);
  const component = findComponent(flow.tasks[order.task]!.component);
  const silent = component?.protocol == null;
  // A service that comes back tells what it was to tell anyway: answers to what is asked of it until its end.
  const comesBack = component?.serves !== undefined && (await startedBefore(side, job, order.task));
  for (const grantId of new Set(own.map((each) => each.grantId!))) {
    const drawn = await wasDebited(side, grantId, job.id);
    // Repeating a step that sends nothing teaches nobody anything new.
    if (drawn && (silent || comesBack || order.attempt === 1)) continue;
    await debit(side, grantId, { job: job.id, task: order.task, attempt: drawn ? order.attempt : 1 });
  }
}
