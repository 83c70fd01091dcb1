/**
 * Own part of task attempts. Before a runner starts, this node checks for itself: every consent, the fence, its own
 * grants and snapshots, the digests of what goes in; draws the use; writes it all down. Whatever the initiator says,
 * nothing of ours moves without this.
 */

import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type PublicError, TomboloError } from "@tombolo/base";
import type { Observed } from "@tombolo/components";
import { type Flow, participantsOf } from "@tombolo/scheduler";
import { type RunnerHello, refuseRunner } from "@tombolo/transport-ptp";
import { requireDiskSpace } from "../config/data-folder.ts";
import type { ReusedTask } from "../consent/document.ts";
import { systemActor } from "../context.ts";
import { noteAuthorisation } from "../grants/authorisations.ts";
import { drawIds } from "../grants/budgets.ts";
import { endServing, ReservedRows } from "../models/reserved-rows.ts";
import { drawModelRows, modelsRead, requireModelUsable, rowsOf } from "../models/usable.ts";
import { requireOnlineStore } from "../online-store/online-store.ts";
import type { Network } from "../partner/network.ts";
import type { Side } from "../partner/side.ts";
import { notYetServing } from "../runner/asks.ts";
import { type Runner, type RunnerEvents, startRunner } from "../runner/child.ts";
import type { Capability } from "../runner/ipc.ts";
import { sessionIdsOf } from "../runner/session-ids.ts";
import { SpareRunners } from "../runner/spare.ts";
import { LastHour } from "../services/last-hour.ts";
import { toJson } from "../store/columns.ts";
import { datasetAccess, debitUses, inputsOf, requireAttempts } from "./admission.ts";
import { attemptReport, clearAway, finishAttempt } from "./attempt-ends.ts";
import { capabilityOf, limitsOf } from "./capability.ts";
import { requireConsents } from "./consents.ts";
import { drawSaltOf } from "./draw-salt.ts";
import { errorOf, mayRetry } from "./failures.ts";
import { type Exchanged, metersOf, storeMeter } from "./keep.ts";
import { LiveAttempt } from "./lanes.ts";
import { inputsReadFrom, type ReadFrom } from "./read-from.ts";
import { adoptOutputs, requireReusable, reusedTask } from "./reuse.ts";
import {
  type Attempt,
  attemptsOf,
  failureOf,
  findJob,
  flowOf,
  type Job,
  jobById,
  jobChanged,
  logLine,
} from "./rows.ts";
import { isService, serviceOver, servingUntil } from "./services.ts";
import type { AttemptReport, TaskOrder } from "./wire.ts";

const METER_SAVE_MS = 2_000;
/** Of a service, which is there for months. */
const SERVICE_METER_SAVE_MS = 10_000;

interface Running {
  readonly order: TaskOrder;
  readonly live: LiveAttempt;
  readonly partners: readonly string[];
  /** What the runner shows on the private socket. */
  readonly token: string;
  runner: Runner | undefined;
  /** What a service's component counted so far. */
  observed: Observed;
  readonly reserved: ReservedRows;
  /** Of a service: its own columns in the last hour. */
  readonly hour: LastHour;
  stopped: PublicError | undefined;
  done: Promise<void>;
}

const sessionsOf = ({ job_id, task, attempt }: TaskOrder): readonly string[] => sessionIdsOf(job_id, task, attempt);

export class Attempts {
  readonly #network: Network;
  readonly #running = new Map<string, Running>();
  /** By task: one after another, whatever is ordered. */
  readonly #adopting = new Map<string, Promise<void>>();
  #spares: SpareRunners | undefined;
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
      await clearAway(side, job, task, attempt);
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
    if (job.status !== "RUNNING") throw notRunning(side, job.status);
    await requireConsents(side, job);
    const until = isService(flow, order.task) ? servingUntil(flow) : null;
    if (until !== null && until <= side.clock.now().getTime()) throw serviceOver(side.config.party);
    await requireRoom(side);
    const inputs = await inputsOf(side, job, flow, order);
    const readFrom = await inputsReadFrom(side, job, order);
    const reused = reusedTask(job, order.task);
    const models = reused === undefined ? modelsRead(flow, order.task, side.config.party, job.document.reuse) : [];
    const rows = rowsOf(inputs);
    const by = { job: job.id, task: order.task, attempt: order.attempt };
    for (const { modelId, use } of models) await requireModelUsable(side, modelId, use, use === "batch" ? rows : 0);
    // Checked where the use is drawn: a revocation or a cancel comes before all of it, or finds the runner.
    const datasets = await side.store.transaction(async (tx) => {
      const now = await tx.selectFrom("jobs").select("status").where("id", "=", job.id).forUpdate().executeTakeFirst();
      if (now?.status !== "RUNNING") throw notRunning(side, now?.status ?? "unknown");
      await requireAttempts(side, job, flow, order);
      await requireReusable(side, job.document);
      const access = await datasetAccess(side, job, flow, order.task);
      await debitUses(side, job, flow, order);
      if (reused === undefined) await noteAuthorisation(side, job, flow, order);
      for (const { modelId, use } of models) {
        const drawn = use === "batch" ? rows : 0;
        await drawModelRows(side, [modelId], use, { least: drawn, most: drawn }, by);
      }
      await this.#insert(side, job, order, readFrom);
      return access;
    });
    if (reused !== undefined) return this.#adopt(side, order, reused);
    const drawSalt = await drawSaltOf(side, job.project_id);
    const online = models.filter(({ use }) => use === "online").map(({ modelId }) => modelId);
    const reserved = new ReservedRows(side, by, online, (error) => endServing(side, job.id, error));
    this.#launch(side, job, flow, order, { inputs, datasets, drawSalt, reserved });
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

  /** What this node has exchanged with each partner in attempts of the job. */
  async exchanged(side: Side, job: string): Promise<Exchanged> {
    const stored = await metersOf(side, job);
    return (task, attempt) => {
      const live = this.live(job, task);
      return live?.attempt === attempt ? live.counts : stored(task, attempt);
    };
  }

  live(job: string, task: string): LiveAttempt | undefined {
    return this.#runningOf(job, task)?.live;
  }

  /**
   * Asks the service that runs as a task of a job: an answer or an `ItemRefusal` for each item, in its place. Rejects with
   * `state.service-starting` while it is about to run (also again), `resource.busy` when it holds too much already, a
   * `transport.*` when the answer failed to come in time, and with what ended the job once it is over.
   */
  async ask(side: Side, job: string, task: string, items: readonly unknown[]): Promise<readonly unknown[]> {
    const running = this.#runningOf(job, task);
    if (running === undefined) throw await whyNotRunning(side, job);
    if (running.runner === undefined) throw notYetServing();
    return running.runner.ask(items).catch((error: unknown) => {
      throw comesBack(error) ? notYetServing() : error;
    });
  }

  /** What a running service's component has counted so far; null if it is not running. */
  observed(job: string, task: string): Observed | null {
    return this.#runningOf(job, task)?.observed ?? null;
  }

  /** Of a running service, its own columns in the last hour; null if it is not running. */
  hourOf(job: string, task: string): LastHour | null {
    return this.#runningOf(job, task)?.hour ?? null;
  }

  #runningOf(job: string, task: string): Running | undefined {
    const orders = [...this.#running.values()];
    return orders.find(({ order, stopped }) => order.job_id === job && order.task === task && stopped === undefined);
  }

  /** A runner came to the private socket with its token. */
  onRunner({ token, sessionId: session, party }: RunnerHello, local: Duplex): void {
    const running = [...this.#running.values()].find((each) => each.token === token);
    const own = running === undefined ? [] : sessionsOf(running.order);
    if (running === undefined || !own.includes(session) || !running.partners.includes(party))
      refuseRunner(local, new TomboloError("auth.capability", "this task may not open this session"));
    else this.#network.transport.attachSession(party, session, running.order.session_token, local);
  }

  async close(): Promise<void> {
    const reason = { code: "aborted.shutdown", message: "the node is shutting down" } as const;
    await Promise.all(
      [...new Set([...this.#running.values()].map(({ order }) => order.job_id))].map((job) => this.stop(job, reason)),
    );
    await Promise.all(this.#adopting.values());
    this.#spares?.close();
  }

  // ---- before

  async #insert(side: Side, job: Job, order: TaskOrder, readFrom: ReadFrom): Promise<void> {
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
        read_from: toJson(readFrom),
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

  /** Not awaited: large outputs take a while to be read through. */
  #adopt(side: Side, order: TaskOrder, reused: ReusedTask): void {
    const key = `${order.job_id}.${order.task}`;
    const done = (this.#adopting.get(key) ?? Promise.resolve())
      .then(() => adoptOutputs(side, order, reused))
      .catch((error: unknown) => side.log.error({ err: error, job: order.job_id }, "outputs could not be taken over"))
      .finally(() => {
        if (this.#adopting.get(key) === done) this.#adopting.delete(key);
        this.#onEnd(order.job_id, order.task, order.attempt);
      });
    this.#adopting.set(key, done);
  }

  // ---- while

  #launch(
    side: Side,
    job: Job,
    flow: Flow,
    order: TaskOrder,
    { reserved, ...files }: Pick<Capability, "inputs" | "datasets" | "drawSalt"> & Pick<Running, "reserved">,
  ): void {
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
      observed: {},
      reserved,
      hour: new LastHour(),
      stopped: undefined,
      done: Promise.resolve(),
    };
    const sessions = sessionsOf(order);
    const key = sessions[0]!;
    this.#running.set(key, running);
    for (const party of partners)
      for (const session of sessions) this.#network.allowSession(party, session, order.session_token);
    const capability = capabilityOf(side, job, flow, order, { ...files, participants, token });
    running.done = this.#run(side, running, capability)
      .catch((error: unknown) =>
        side.log.error({ err: error, job: job.id, task: order.task }, "an attempt could not be finished"),
      )
      .finally(() => {
        this.#running.delete(key);
        for (const party of partners) for (const session of sessions) this.#network.endSession(party, session);
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
    const saveMs = capability.servesUntil === null ? METER_SAVE_MS : SERVICE_METER_SAVE_MS;
    const saveMeter = setInterval(() => {
      storeMeter(side, live).catch((error: unknown) => side.log.error({ err: error }, "the meter could not be saved"));
    }, saveMs);
    const stages = new Set<string>();
    try {
      log(
        "info",
        `attempt ${order.attempt} starts: ${capability.component} ${capability.componentVersion} as ${capability.self.role}`,
      );
      const limits = limitsOf(side);
      this.#spares ??= new SpareRunners(limits);
      const events: RunnerEvents = {
        progress: (update) => {
          // Stages come round again with every tree: the first time tells.
          if (!stages.has(update.stage)) log("info", `stage ${update.stage}`);
          stages.add(update.stage);
          live.progress(update);
        },
        figures: (figures) => live.keepFigures(figures),
        meter: (counts) => live.meter(counts),
        log,
        draw: (party, ids, references) => drawIds(side, order, { party, ids, references }),
        reserve: (rows) => running.reserved.reserve(rows),
        rows: async (call) => requireOnlineStore(side).call({ job: order.job_id, task: order.task }, call),
        observed: (counts) => {
          running.observed = counts;
          running.hour.look(counts, side.clock.now().getTime());
        },
      };
      running.runner = await startRunner(capability, limits, events, () => this.#spares!.take());
      if (running.stopped !== undefined) running.runner.stop(running.stopped);
      await finishAttempt(side, running, await running.runner.result);
    } catch (error) {
      await finishAttempt(side, running, {
        ok: false,
        failure: { ...TomboloError.from(error).toPublic(), detail: null },
      });
    } finally {
      clearInterval(saveMeter);
      live.stop();
    }
  }

  // ---- after

  /** The latest own attempt of each task, in this node's own figures. */
  async reports(side: Side, job: string): Promise<AttemptReport[]> {
    const latest = new Map<string, Attempt>();
    for (const row of await attemptsOf(side, job))
      if (row.attempt >= (latest.get(row.task)?.attempt ?? 0)) latest.set(row.task, row);
    const exchanged = await this.exchanged(side, job);
    return [...latest.values()].map((row) => attemptReport(side, row, this.live(job, row.task), exchanged));
  }
}

/** Before anything is drawn: what would fill the disk is not begun. The database lives on that disk too. */
async function requireRoom({ paths, config }: Side): Promise<void> {
  try {
    await requireDiskSpace(paths, config.limits.diskFreeBytesMin);
  } catch (error) {
    const { code, message, remedy = "" } = TomboloError.from(error);
    throw new TomboloError(code, message, { blame: config.party, remedy, cause: error });
  }
}

/** The driver starts it again: callers may ask again. What keeps changes of rows from an online store is said as it is. */
const comesBack = (error: unknown): boolean =>
  error instanceof TomboloError &&
  error.family !== "transport" &&
  error.code !== "resource.online-store" &&
  mayRetry(error);

async function whyNotRunning(side: Side, jobId: string): Promise<TomboloError> {
  const job = await findJob(side, jobId);
  if (job === undefined) return new TomboloError("state.unknown", "there is no such job");
  if (["PENDING", "READY", "RUNNING"].includes(job.status)) return notYetServing();
  if (job.failure !== null) return errorOf(job.failure);
  return new TomboloError("state.service-ended", "the service has ended");
}

const notRunning = (side: Side, status: string): TomboloError =>
  new TomboloError("state.job", `the job is ${status} here`, { blame: side.config.party });
