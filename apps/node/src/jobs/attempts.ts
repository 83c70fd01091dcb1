/**
 * Own part of task attempts. Before a runner starts, this node checks for itself: every consent, the fence, its own
 * grants and snapshots, the digests of what goes in; draws the use; writes it all down. Whatever the initiator says,
 * nothing of ours moves without this.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fromBase64Url, type PublicError, TomboloError, toBase64Url } from "@tombolo/base";
import { findComponent } from "@tombolo/components";
import { type Flow, parseInputRef, participantsOf } from "@tombolo/scheduler";
import { type RunnerHello, refuseRunner } from "@tombolo/transport-ptp";
import { sha256Hex, signBytes, verifyBytes } from "../config/keys.ts";
import { statementBytes } from "../consent/document.ts";
import { systemActor } from "../context.ts";
import { snapshotFile } from "../datasets/datasets.ts";
import { debit, grantById, grantState, wasDebited } from "../grants/grants.ts";
import { checkGrant } from "../grants/rules.ts";
import { findKeys } from "../partner/contracts.ts";
import type { Network } from "../partner/network.ts";
import type { Side } from "../partner/side.ts";
import { type Runner, type RunnerLimits, type RunnerResult, startRunner } from "../runner/child.ts";
import type { Capability, DatasetAccess, InputFile, OutputFile } from "../runner/ipc.ts";
import { toJson } from "../store/columns.ts";
import { requireConsents } from "./consents.ts";
import { LiveAttempt } from "./lanes.ts";
import { asJson, datasetsOf, intendedUse } from "./plan.ts";
import {
  type Attempt,
  attemptsOf,
  failureOf,
  flowOf,
  type Job,
  jobById,
  jobChanged,
  logLine,
  publicFailure,
} from "./rows.ts";
import type { JobFailure } from "./views.ts";
import type { AttemptReport, StageDigest, TaskOrder } from "./wire.ts";

const METER_SAVE_MS = 2_000;

interface Running {
  readonly order: TaskOrder;
  readonly live: LiveAttempt;
  readonly partners: readonly string[];
  /** What the runner shows on the private socket. */
  readonly token: string;
  runner: Runner | undefined;
  stopped: PublicError | undefined;
  done: Promise<void>;
}

export const sessionId = (job: string, task: string, attempt: number): string => `${job}.${task}.${attempt}`;

export class Attempts {
  readonly #network: Network;
  readonly #running = new Map<string, Running>();
  #onEnd: (job: string, task: string, attempt: number) => void = () => {};

  constructor(network: Network) {
    this.#network = network;
  }

  /** Attempts of a former process are lost: their runners ended with it. */
  async recover(side: Side, onEnd: (job: string, task: string, attempt: number) => void): Promise<void> {
    this.#onEnd = onEnd;
    const error = new TomboloError("resource.node-restarted", "the node was restarted while the task ran", {
      blame: side.config.party,
    });
    const lost = await side.store.db.selectFrom("attempts").selectAll().where("status", "=", "RUNNING").execute();
    for (const { job_id: job, task, attempt } of lost) {
      const failure = failureOf(error, side.config.party, task);
      await side.store.db
        .updateTable("attempts")
        .set({ status: "FAILED", failure: toJson(failure), ended_at: side.clock.now() })
        .where("job_id", "=", job)
        .where("task", "=", task)
        .where("attempt", "=", attempt)
        .execute();
      await logLine(side, job, task, "warn", error.message);
    }
  }

  /** Idempotent per attempt. Throws `consent.*` and the like when this node will not take part. */
  async start(side: Side, order: TaskOrder): Promise<void> {
    const known = await side.store.db
      .selectFrom("attempts")
      .select("status")
      .where("job_id", "=", order.job_id)
      .where("task", "=", order.task)
      .where("attempt", "=", order.attempt)
      .executeTakeFirst();
    if (known !== undefined) return;
    await this.stop(
      order.job_id,
      { code: "aborted.superseded", message: "another attempt took its place" },
      order.task,
    );
    const job = await jobById(side, order.job_id);
    const flow = flowOf(job);
    if (job.status !== "RUNNING")
      throw new TomboloError("state.job", `the job is ${job.status} here`, { blame: side.config.party });
    await requireConsents(side, job);
    const inputs = await this.#inputs(side, job, flow, order);
    const datasets = await this.#datasets(side, job, flow, order.task);
    await side.store.transaction(async () => {
      await this.#debit(side, job, flow, order);
      await this.#insert(side, job, order);
    });
    this.#launch(side, job, flow, order, { inputs, datasets });
  }

  /** Ends own attempts of a job, or of one task; resolves once their runners are gone. */
  async stop(job: string, reason: PublicError, task?: string): Promise<void> {
    const ending = [...this.#running.values()].filter(
      ({ order }) => order.job_id === job && (task === undefined || order.task === task),
    );
    for (const each of ending) {
      each.stopped ??= reason;
      each.runner?.stop(reason);
    }
    await Promise.all(ending.map((each) => each.done));
  }

  get count(): number {
    return this.#running.size;
  }

  live(job: string, task: string): LiveAttempt | undefined {
    return [...this.#running.values()].find(({ order }) => order.job_id === job && order.task === task)?.live;
  }

  /** A runner came to the private socket with its token. */
  onRunner({ token, sessionId: session, party }: RunnerHello, local: Duplex): void {
    const running = [...this.#running.values()].find((each) => each.token === token);
    const own = running === undefined ? "" : sessionId(running.order.job_id, running.order.task, running.order.attempt);
    if (running === undefined || own !== session || !running.partners.includes(party))
      refuseRunner(local, new TomboloError("auth.capability", "this task may not open this session"));
    else this.#network.transport.attachSession(party, session, running.order.session_token, local);
  }

  async close(): Promise<void> {
    const reason = { code: "aborted.shutdown", message: "the node is shutting down" } as const;
    await Promise.all(
      [...new Set([...this.#running.values()].map(({ order }) => order.job_id))].map((job) => this.stop(job, reason)),
    );
  }

  // ---- before

  async #inputs(side: Side, job: Job, flow: Flow, order: TaskOrder): Promise<Record<string, InputFile>> {
    const definition = flow.tasks[order.task];
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
      const output = await this.#upstreamOutput(side, job, flow, order, ref.task, ref.port);
      if (output !== undefined) inputs[port] = output;
    }
    return inputs;
  }

  /** The initiator names the attempt; its digest must be the one this node signed, and the others' must be signed too. */
  async #upstreamOutput(
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
    if (signers.some((party) => !named.digests.some((digest) => digest.party === party && digest.task === task)))
      throw new TomboloError("protocol.stage-digest", `not every party signed the output of ${task}`, {
        blame: job.initiator,
      });
    for (const digest of named.digests) {
      const isOwn = digest.party === side.config.party;
      if (isOwn ? digest.digest !== outputsDigest(own.outputs) : !(await verifyStage(side, job.id, digest)))
        throw new TomboloError("protocol.stage-digest", `the parties do not agree on the output of ${task}`, {
          blame: digest.party,
        });
      if (!isOwn) await keepDigest(side, job.id, digest);
    }
    const output = own.outputs.find((each) => each.port === port);
    if (output === undefined) return undefined;
    return { kind: output.kind, path: join(attemptFolder(side, job.id, task, own.attempt), output.file) };
  }

  async #datasets(side: Side, job: Job, flow: Flow, task: string): Promise<Record<string, DatasetAccess>> {
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
          intendedUse(job.initiator, job.project_id, use, job.document.disclosure),
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

  async #debit(side: Side, job: Job, flow: Flow, order: TaskOrder): Promise<void> {
    const own = job.document.datasets.filter(({ party, grantId }) => party === side.config.party && grantId !== null);
    const silent = findComponent(flow.tasks[order.task]!.component)?.protocol == null;
    for (const grantId of new Set(own.map((each) => each.grantId!))) {
      const drawn = await wasDebited(side, grantId, job.id);
      // Repeating a step that sends nothing teaches nobody anything new.
      if (drawn && (silent || order.attempt === 1)) continue;
      await debit(side, grantId, { job: job.id, task: order.task, attempt: drawn ? order.attempt : 1 });
    }
  }

  async #insert(side: Side, job: Job, order: TaskOrder): Promise<void> {
    const now = side.clock.now();
    await side.store.db
      .insertInto("attempts")
      .values({
        job_id: job.id,
        task: order.task,
        attempt: order.attempt,
        status: "RUNNING",
        failure: toJson(null),
        outputs: toJson([]),
        started_at: now,
      })
      .execute();
    await side.store.db
      .updateTable("tasks")
      .set({ status: "RUNNING", attempt: order.attempt, started_at: now, ended_at: null, failure: toJson(null) })
      .where("job_id", "=", job.id)
      .where("name", "=", order.task)
      .execute();
    await side.journal.append(
      "task.started",
      systemActor,
      { en: `Started ${order.task} of the job ${job.name}`, zh: `开始作业 ${job.name} 的任务 ${order.task}` },
      { job: job.id, task: order.task, attempt: order.attempt, consentHash: job.consent_hash },
    );
    jobChanged(side, job.id);
  }

  // ---- while

  #launch(side: Side, job: Job, flow: Flow, order: TaskOrder, files: Pick<Capability, "inputs" | "datasets">): void {
    const participants = participantsOf(flow, flow.tasks[order.task]!);
    const partners = participants.map(({ party }) => party).filter((party) => party !== side.config.party);
    const live = new LiveAttempt(side, order.job_id, order.task, order.attempt);
    const token = randomBytes(32).toString("base64url");
    const running: Running = {
      order,
      live,
      partners,
      token,
      runner: undefined,
      stopped: undefined,
      done: Promise.resolve(),
    };
    const key = sessionId(order.job_id, order.task, order.attempt);
    this.#running.set(key, running);
    for (const party of partners) this.#network.allowSession(party, key, order.session_token);
    const capability = capabilityOf(side, job, flow, order, { ...files, participants, token });
    running.done = this.#run(side, running, capability)
      .catch((error: unknown) =>
        side.log.error({ err: error, job: job.id, task: order.task }, "an attempt could not be finished"),
      )
      .finally(() => {
        this.#running.delete(key);
        for (const party of partners) this.#network.endSession(party, key);
        this.#onEnd(order.job_id, order.task, order.attempt);
      });
  }

  async #run(side: Side, running: Running, capability: Capability): Promise<void> {
    const { live, order } = running;
    const log = (level: "info" | "warn" | "error", message: string): void => {
      logLine(side, order.job_id, order.task, level, message).catch((error: unknown) =>
        side.log.error({ err: error }, "a log line was lost"),
      );
    };
    const saveMeter = setInterval(() => {
      storeMeter(side, live).catch((error: unknown) => side.log.error({ err: error }, "the meter could not be saved"));
    }, METER_SAVE_MS);
    try {
      running.runner = await startRunner(capability, limitsOf(side), {
        progress: (update) => live.progress(update),
        meter: (counts) => live.meter(counts),
        log,
      });
      if (running.stopped !== undefined) running.runner.stop(running.stopped);
      await this.#finish(side, running, await running.runner.result);
    } catch (error) {
      await this.#finish(side, running, {
        ok: false,
        failure: { ...TomboloError.from(error).toPublic(), detail: null },
      });
    } finally {
      clearInterval(saveMeter);
      live.stop();
    }
  }

  // ---- after

  async #finish(side: Side, { order, live }: Running, result: RunnerResult): Promise<void> {
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
      if (result.ok)
        await keepDigest(side, job, signStage(side, job, { task, attempt, digest: outputsDigest(outputs) }));
      for (const output of outputs) if (output.kind === "model") await storeModel(side, order, output);
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
    if (failure !== null) await logLine(side, job, task, "error", `${failure.code}: ${failure.message}`);
  }

  /** The latest own attempt of each task, as partners and the driver get it. */
  async reports(side: Side, job: string): Promise<AttemptReport[]> {
    const latest = new Map<string, Attempt>();
    for (const row of await attemptsOf(side, job))
      if (row.attempt >= (latest.get(row.task)?.attempt ?? 0)) latest.set(row.task, row);
    return Promise.all([...latest.values()].map((row) => this.#report(side, row)));
  }

  async #report(side: Side, row: Attempt): Promise<AttemptReport> {
    const live = this.live(row.job_id, row.task);
    const lane = (live ?? (await storedLane(side, row))).lane(row.status);
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
}

/** The lane of an attempt that has ended, from what was metered. */
async function storedLane(side: Side, row: Attempt): Promise<LiveAttempt> {
  const live = new LiveAttempt(side, row.job_id, row.task, row.attempt);
  live.meter(await meterOf(side, row.job_id, row.task, row.attempt));
  live.stop();
  return live;
}

function limitsOf({ config, paths }: Side): RunnerLimits {
  const memoryMiB = Math.floor(config.limits.runnerMemoryBytesMax / 2 ** 20);
  const compileCache = join(paths.temporary, "compile-cache");
  return { heapMiB: memoryMiB, residentMiB: memoryMiB, threads: config.jobs.threads, compileCache };
}

const roleOf = (flow: Flow, party: string): string => flow.parties.find((each) => each.party === party)?.role ?? "";

export const attemptFolder = (side: Side, job: string, task: string, attempt: number): string =>
  join(side.paths.tasks, job, task, String(attempt));

function capabilityOf(
  side: Side,
  job: Job,
  flow: Flow,
  order: TaskOrder,
  files: Pick<Capability, "inputs" | "datasets" | "participants"> & { token: string },
): Capability {
  const definition = flow.tasks[order.task]!;
  const component = findComponent(definition.component)!;
  return {
    job: job.id,
    task: order.task,
    attempt: order.attempt,
    component: definition.component,
    componentVersion: component.version,
    self: { party: side.config.party, role: roleOf(flow, side.config.party) },
    participants: files.participants,
    parameters: definition.parameters,
    partyParameters: definition.partyParameters[side.config.party] ?? {},
    seed: flow.seed,
    minimumRows: side.config.jobs.minimumRows,
    binding: { consentHash: job.consent_hash, protocol: component.protocol?.name ?? "none", suite: job.document.suite },
    datasets: files.datasets,
    inputs: files.inputs,
    folder: attemptFolder(side, job.id, order.task, order.attempt),
    checkpointFile: join(side.paths.tasks, job.id, order.task, "checkpoint.json"),
    link: { socketPath: side.paths.runnerSocket, token: files.token },
    deadlineSeconds: side.config.jobs.taskSecondsMax,
    awaySeconds: side.config.jobs.partnerAwaySeconds,
  };
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

/** SHA-256 over the digests of all outputs, by port. */
export const outputsDigest = (outputs: readonly OutputFile[]): string =>
  sha256Hex(statementBytes("stage-outputs", Object.fromEntries(outputs.map(({ port, digest }) => [port, digest]))));

const stageBytes = (job: string, { task, attempt, party, digest }: Omit<StageDigest, "signature">): Uint8Array =>
  statementBytes("stage", asJson({ job, task, attempt, party, digest }));

function signStage(side: Side, job: string, stage: { task: string; attempt: number; digest: string }): StageDigest {
  const signed = { ...stage, party: side.config.party };
  return { ...signed, signature: toBase64Url(signBytes(side.keys.signing, stageBytes(job, signed))) };
}

export async function verifyStage(side: Side, job: string, stage: StageDigest): Promise<boolean> {
  const keys = await findKeys(side, stage.party);
  return keys !== undefined && verifyBytes(keys.signingKey, stageBytes(job, stage), fromBase64Url(stage.signature));
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

async function storeMeter(side: Side, live: LiveAttempt): Promise<void> {
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

const meterOf = (side: Side, job: string, task: string, attempt: number) =>
  side.store.db
    .selectFrom("meter")
    .select(["partner", "name", "direction", "messages", "bytes"])
    .where("job_id", "=", job)
    .where("task", "=", task)
    .where("attempt", "=", attempt)
    .execute();

async function storeModel(side: Side, order: TaskOrder, output: OutputFile): Promise<void> {
  const job = await jobById(side, order.job_id);
  const flow = flowOf(job);
  const values = {
    id: `${order.job_id}.${order.task}`,
    job_id: order.job_id,
    task: order.task,
    name: job.name,
    summary: toJson(output.summary ?? { kind: "model", objective: "", metrics: {} }),
    parties: toJson(participantsOf(flow, flow.tasks[order.task]!)),
    file: join("tasks", order.job_id, order.task, String(order.attempt), output.file),
    derived_from_revoked: false,
    created_at: side.clock.now(),
  };
  await side.store.db
    .insertInto("models")
    .values(values)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute();
  side.store.afterCommit(() => side.events.publish({ kind: "model", id: values.id, data: null }));
}
