/**
 * One job at its initiator: starts tasks whose inputs are there, hears from the participants, retries what the network
 * or a restart lost, and tells everyone how it ended. Every state is written before it is acted on, under the fence of
 * the lease this process holds; so another process, or this one after a restart, goes on from what is written.
 */
import { randomBytes } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import { blockedTasks, type Flow, jobOutcome, participantsOf, readyTasks, type TaskStates } from "@tombolo/scheduler";
import { z } from "zod";
import { type Actor, systemActor } from "../context.ts";
import { callPartner } from "../partner/calls.ts";
import { exchangeCheckpoint } from "../partner/checkpoints.ts";
import type { Side } from "../partner/side.ts";
import { inChinese } from "../status-words.ts";
import type { Attempts } from "./attempts.ts";
import { signedDecisions } from "./consents.ts";
import { errorOf, mayRetry, rootCause, withOwnDetail } from "./failures.ts";
import { Hearing } from "./hearing.ts";
import { Lease } from "./lease.ts";
import { reusedTask } from "./reuse.ts";
import {
  failureOf,
  flowOf,
  type Job,
  jobById,
  logLine,
  partiesOf,
  publicFailure,
  stepJob,
  type Task,
  tasksOf,
} from "./rows.ts";
import { isService, servingUntil } from "./services.ts";
import { firstAttempt, keepDigest, upstreamOf, verifyStage } from "./stages.ts";
import type { JobFailure, TaskStatus } from "./views.ts";
import { type AttemptReport, PATHS, type TaskOrder } from "./wire.ts";

const TICK_MS = 500;
/** A service is there for months: once it has come up, it is looked at less often. What happens meanwhile wakes. */
const CALM_TICK_MS = 3_000;
const CALM_AFTER_MS = 15_000;
const STOP_GRACE_MS = 4_000;
const RETRY_MS = 300;
/** Of a service that does not stay up. */
const RESTART_MS_MAX = 30_000;
/** Once it was up for so long, it starts again without delay. */
const STEADY_MS = 60_000;
const nothing = z.unknown();

export interface JobEnd {
  readonly status: "FAILED" | "CANCELLED";
  readonly failure: JobFailure;
  /** Own person who asked for it: journalled with the ending, or not at all. */
  readonly cancelled?: { readonly actor: Actor; readonly reason: string };
}

/** In the transaction that ends the job. */
export async function journalCancel(side: Side, job: Job, { cancelled }: JobEnd): Promise<void> {
  if (cancelled === undefined) return;
  const { actor, reason } = cancelled;
  await side.journal.append(
    "job.cancelled",
    actor,
    { en: `Cancelled the job ${job.name}: ${reason}`, zh: `取消作业 ${job.name}：${reason}` },
    { job: job.id, reason },
  );
}

export class JobRun {
  readonly jobId: string;
  readonly #side: Side;
  readonly #attempts: Attempts;
  readonly #lease: Lease;
  #hearing!: Hearing;
  readonly #tasks = new Map<string, Promise<void>>();
  /** By task: how long to wait before the next attempt. */
  readonly #delays = new Map<string, number>();
  /** By task under way: since when. */
  readonly #since = new Map<string, number>();
  #started: Promise<void> = Promise.resolve();
  #job!: Job;
  #flow!: Flow;
  #end: JobEnd | undefined;
  #closed = false;
  readonly #waiters = new Set<() => void>();
  /** How often something happened: who has looked before the last time does not pause. */
  #wakes = 0;

  constructor(side: Side, attempts: Attempts, process: string, jobId: string) {
    this.#side = side;
    this.#attempts = attempts;
    this.#lease = new Lease(side, process, jobId);
    this.jobId = jobId;
  }

  /** Until the job has ended, the lease is lost, or the node closes. */
  async run(): Promise<void> {
    if (!(await this.#lease.take())) return;
    this.#job = await jobById(this.#side, this.jobId);
    this.#flow = flowOf(this.#job);
    const partners = partiesOf(this.#job).filter((party) => party !== this.#side.config.party);
    this.#hearing = new Hearing(this.#side, this.#attempts, this.#lease, partners, {
      wake: () => this.wake(),
      end: (end) => this.end(end),
      isOver: () => this.#closed || this.#end !== undefined,
      isPatient: () => servingUntil(this.#flow) > this.#side.clock.now().getTime(),
      isCalm: (task) => this.#isCalm(task),
    });
    if (!(await this.#takeUp())) return;
    this.#started = this.#startEverywhere();
    // A service comes up again at once, whoever else is there.
    if (servingUntil(this.#flow) === 0) await this.#started;
    else this.#started.catch((error: unknown) => this.#endWith(error, null));
    for (;;) {
      const seen = this.#wakes;
      if (this.#closed || !(await this.#lease.renew())) return;
      const tasks = await tasksOf(this.#side, this.jobId);
      const states = Object.fromEntries(tasks.map(({ name, status }) => [name, status]));
      if (this.#end !== undefined) return this.#finishEarly(this.#end);
      for (const name of blockedTasks(this.#flow, states)) await this.#lease.setTask(name, { status: "SKIPPED" });
      const outcome = jobOutcome(this.#flow, states);
      if (outcome !== null && this.#tasks.size === 0) return this.#finish(outcome, tasks);
      this.#startReady(states);
      this.#hearing.pollAll();
      const calm = this.#tasks.size > 0 && [...this.#tasks.keys()].every((name) => this.#isCalm(name));
      await this.#pause(this.#tick(calm), seen);
    }
  }

  /** Something happened: a callback, a stop. */
  wake(): void {
    this.#wakes++;
    for (const done of [...this.#waiters]) done();
  }

  /** A participant has news: do not wait for the next tick. */
  pollNow(): void {
    if (this.#hearing !== undefined) this.#hearing.pollNow();
  }

  /** Cancelled, or not allowed to go on: ends at every party. */
  end(end: JobEnd): void {
    this.#end ??= end;
    this.wake();
  }

  #endWith(error: unknown, task: string | null): void {
    this.end({ status: "FAILED", failure: failureOf(TomboloError.from(error), this.#side.config.party, task) });
  }

  /** The node closes: the job stays as it is written and goes on after the restart. */
  close(): void {
    this.#closed = true;
    this.wake();
  }

  // ---- start

  /** After a restart, what ran is lost: those tasks become new attempts. */
  async #takeUp(): Promise<boolean> {
    for (const task of await tasksOf(this.#side, this.jobId)) {
      if (task.status !== "RUNNING") continue;
      await this.#attempts.stop(
        this.jobId,
        { code: "aborted.superseded", message: "the job was taken up again" },
        task.name,
      );
      await this.#lease.setTask(task.name, { status: "READY" });
      await logLine(this.#side, this.jobId, task.name, "warn", "the task is taken up again as a new attempt");
    }
    await stepJob(this.#side, this.jobId, "start");
    this.#job = await jobById(this.#side, this.jobId);
    return this.#job.status === "RUNNING";
  }

  async #startEverywhere(): Promise<void> {
    const consents = await signedDecisions(this.#side, this.jobId);
    const body = {
      job_id: this.jobId,
      fence: this.#lease.fence,
      consents,
      away_seconds: this.#side.config.jobs.partnerAwaySeconds,
    };
    await Promise.all(
      this.#hearing.partners.map(async (party) => {
        const error = await this.#hearing.call(party, PATHS.jobStart, body, () => false);
        if (error !== null) this.end({ status: "FAILED", failure: failureOf(error, party, null) });
      }),
    );
    await this.#side.journal.append(
      "job.started",
      systemActor,
      { en: `Started the job ${this.#job.name}`, zh: `开始作业 ${this.#job.name}` },
      { job: this.jobId, consentHash: this.#job.consent_hash, fence: this.#lease.fence },
    );
  }

  #startReady(states: TaskStates): void {
    for (const name of readyTasks(this.#flow, states)) {
      if (this.#tasks.size >= this.#side.config.limits.concurrentTasksMax) return;
      if (this.#tasks.has(name)) continue;
      const run = this.#attempt(name)
        .catch((error: unknown) => this.#endWith(error, name))
        .finally(() => {
          this.#tasks.delete(name);
          this.wake();
        });
      this.#tasks.set(name, run);
    }
  }

  // ---- one attempt of one task

  async #attempt(name: string): Promise<void> {
    const before = (await tasksOf(this.#side, this.jobId)).find((each) => each.name === name)!;
    const attempt = before.attempt + 1;
    await this.#lease.setTask(name, {
      status: "RUNNING",
      attempt,
      started_at: this.#side.clock.now(),
      ended_at: null,
      failure: null,
      lanes: [],
      reused: false,
    });
    const parties = participantsOf(this.#flow, this.#flow.tasks[name]!).map(({ party }) => party);
    const order: TaskOrder = {
      job_id: this.jobId,
      fence: this.#lease.fence,
      task: name,
      attempt,
      session_token: randomBytes(32).toString("base64url"),
      upstream: await upstreamOf(this.#side, this.jobId, this.#flow, name),
    };
    const failures = new Map<string, TomboloError>();
    this.#since.set(name, Date.now());
    const ordered = Promise.all(parties.map((party) => this.#order(party, order, failures)));
    const reports = await this.#await(name, attempt, parties, failures);
    await ordered;
    if (Date.now() - this.#since.get(name)! > STEADY_MS) this.#delays.delete(name);
    this.#since.delete(name);
    if (this.#closed || this.#end !== undefined) return;
    if (failures.size === 0 && reports.every((each) => each?.status === "SUCCESS"))
      return this.#succeed(name, reports as AttemptReport[]);
    await this.#fail(name, attempt, parties, failures);
  }

  async #order(party: string, order: TaskOrder, failures: Map<string, TomboloError>): Promise<void> {
    if (party !== this.#side.config.party) await this.#started;
    // One refusal is enough: nobody keeps trying for an attempt that cannot be.
    const hopeless = (): boolean => failures.size > 0;
    const error =
      party === this.#side.config.party
        ? await this.#attempts.start(this.#side, order).then(
            () => null,
            (cause: unknown) => TomboloError.from(cause),
          )
        : await this.#hearing.call(party, PATHS.taskStart, order, hopeless);
    if (error !== null) {
      failures.set(party, error);
      this.wake();
    }
  }

  /** Until all have succeeded, or one has failed or stayed away. */
  async #await(name: string, attempt: number, parties: readonly string[], failures: Map<string, TomboloError>) {
    for (;;) {
      const seen = this.#wakes;
      const reports = await Promise.all(parties.map((party) => this.#hearing.reportOf(party, name, attempt)));
      for (const [i, report] of reports.entries())
        if (report?.status === "FAILED" && report.failure !== null) failures.set(parties[i]!, errorOf(report.failure));
      for (const party of parties) if (this.#hearing.isLost(party)) failures.set(party, this.#hearing.away(party));
      if (
        failures.size > 0 ||
        this.#closed ||
        this.#end !== undefined ||
        reports.every((each) => each?.status === "SUCCESS")
      )
        return reports;
      await this.#pause(this.#tick(this.#isCalm(name)), seen);
    }
  }

  #isCalm(name: string): boolean {
    return isService(this.#flow, name) && Date.now() - (this.#since.get(name) ?? Date.now()) > CALM_AFTER_MS;
  }

  async #succeed(name: string, reports: readonly AttemptReport[]): Promise<void> {
    for (const { digest } of reports) {
      if (digest === null) continue;
      const own = digest.party === this.#side.config.party;
      if (!own && !(await verifyStage(this.#side, this.jobId, digest)))
        throw new TomboloError("protocol.stage-digest", `${digest.party} did not sign what it left`, {
          blame: digest.party,
        });
      if (!own) await keepDigest(this.#side, this.jobId, digest);
    }
    await this.#lease.setTask(name, {
      status: "SUCCESS",
      reused: reusedTask(this.#job, name) !== undefined,
      ended_at: this.#side.clock.now(),
      lanes: reports.map(({ lane }) => lane),
    });
  }

  async #fail(
    name: string,
    attempt: number,
    parties: readonly string[],
    failures: Map<string, TomboloError>,
  ): Promise<void> {
    await this.#stopAttempt(name, attempt, parties, failures);
    // The job has come to its end meanwhile: that is why this stopped.
    if (this.#end !== undefined) return;
    const [party, error] = rootCause(failures);
    const failure = await withOwnDetail(this.#side, this.jobId, failureOf(error, party, name), name, attempt);
    const again = mayRetry(error) && (isService(this.#flow, name) || (await this.#hasAttempts(name, attempt)));
    const note = `attempt ${attempt} failed at ${party}: ${error.code}: ${error.message}`;
    await logLine(this.#side, this.jobId, name, again ? "warn" : "error", again ? `${note}; trying again` : note);
    if (again) {
      await this.#lease.setTask(name, { status: "READY", failure, lanes: [] });
      return this.#delay(name);
    }
    await this.#lease.setTask(name, { status: "FAILED", failure, ended_at: this.#side.clock.now() });
    this.end({ status: "FAILED", failure });
  }

  async #hasAttempts(name: string, attempt: number): Promise<boolean> {
    const first = await firstAttempt(this.#side, this.#job, name);
    return attempt - first + 1 < this.#side.config.jobs.attemptsMax;
  }

  /** Longer from time to time, for what has no limit of attempts. */
  async #delay(name: string): Promise<void> {
    const ms = this.#delays.get(name) ?? RETRY_MS;
    this.#delays.set(name, Math.min(2 * ms, RESTART_MS_MAX));
    for (const end = Date.now() + ms; Date.now() < end && !this.#closed && this.#end === undefined; )
      await this.#pause(end - Date.now(), this.#wakes);
  }

  /** Gives the others a moment to say why it failed with them. */
  async #stopAttempt(
    name: string,
    attempt: number,
    parties: readonly string[],
    failures: Map<string, TomboloError>,
  ): Promise<void> {
    const [party, error] = rootCause(failures);
    const failure = publicFailure(failureOf(error, party, name));
    const body = { job_id: this.jobId, fence: this.#lease.fence, task: name, attempt, reason: failure };
    const reason = { code: error.code, message: error.message, blame: party };
    await this.#attempts.stop(this.jobId, reason, name);
    const others = parties.filter((each) => each !== this.#side.config.party && !this.#hearing.isAway(each));
    await Promise.race([
      Promise.all(
        others.map((each) => callPartner(this.#side, each, PATHS.taskStop, body, nothing).catch(() => undefined)),
      ),
      sleep(STOP_GRACE_MS),
    ]);
    await Promise.all(others.map((each) => this.#hearing.poll(each)));
    for (const each of parties) {
      const report = await this.#hearing.reportOf(each, name, attempt);
      if (report?.status === "FAILED" && report.failure !== null && !failures.has(each))
        failures.set(each, errorOf(report.failure));
    }
  }

  // ---- end

  async #finish(outcome: "SUCCESS" | "FAILED" | "CANCELLED", tasks: readonly Task[]): Promise<void> {
    const failure = tasks.find((task) => task.failure !== null && task.status === "FAILED")?.failure ?? null;
    await this.#settle(outcome, outcome === "SUCCESS" ? null : failure);
  }

  async #finishEarly(end: JobEnd): Promise<void> {
    const { status, failure } = end;
    await this.#attempts.stop(this.jobId, {
      code: "aborted.job",
      message: failure.message,
      ...(failure.party === null ? {} : { blame: failure.party }),
    });
    await Promise.all(this.#tasks.values());
    for (const task of await tasksOf(this.#side, this.jobId)) {
      if (["SUCCESS", "FAILED", "SKIPPED", "CANCELLED"].includes(task.status)) continue;
      const failed =
        status === "FAILED" && (failure.task === task.name || (failure.task === null && task.status === "RUNNING"));
      const state: TaskStatus = failed
        ? "FAILED"
        : task.status === "RUNNING" || status === "CANCELLED"
          ? "CANCELLED"
          : "SKIPPED";
      await this.#lease.setTask(task.name, {
        status: state,
        ended_at: this.#side.clock.now(),
        failure: failed ? failure : null,
      });
    }
    await this.#settle(status, failure, end);
  }

  async #settle(outcome: "SUCCESS" | "FAILED" | "CANCELLED", failure: JobFailure | null, end?: JobEnd): Promise<void> {
    const event = ({ SUCCESS: "succeed", FAILED: "fail", CANCELLED: "cancel" } as const)[outcome];
    await this.#side.store.transaction(async () => {
      await stepJob(this.#side, this.jobId, event, failure);
      if (end !== undefined) await journalCancel(this.#side, this.#job, end);
      await this.#side.journal.append(
        "job.finished",
        systemActor,
        { en: `The job ${this.#job.name} ended: ${outcome}`, zh: `作业 ${this.#job.name} 结束：${inChinese(outcome)}` },
        { job: this.jobId, status: outcome, ...(failure === null ? {} : { code: failure.code }) },
      );
      const body = {
        job_id: this.jobId,
        status: outcome,
        failure: failure === null ? null : publicFailure(failure),
        tasks: await this.#lease.taskStates(),
      };
      for (const party of this.#hearing.partners) {
        await this.#side.outbox.post(this.#side, party, PATHS.jobStop, body);
        this.#side.store.afterCommit(() => exchangeCheckpoint(this.#side, party));
      }
    });
  }

  /** Often enough that nobody counts as away who was only not asked. */
  #tick(isCalm: boolean): number {
    return isCalm ? Math.min(CALM_TICK_MS, (this.#side.config.jobs.partnerAwaySeconds * 1000) / 3) : TICK_MS;
  }

  /** Not at all where something has happened since `seen`. */
  async #pause(ms: number, seen: number): Promise<void> {
    if (this.#wakes !== seen) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      const waiters = this.#waiters;
      function done(): void {
        clearTimeout(timer);
        waiters.delete(done);
        resolve();
      }
      waiters.add(done);
    });
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
