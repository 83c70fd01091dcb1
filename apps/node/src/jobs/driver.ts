/**
 * All jobs of this node: runs those it initiated, watches those of partners, takes both up again after a restart, and
 * ends them at every party when somebody cancels or a grant is revoked.
 */
import { TomboloError } from "@tombolo/base";
import { planRerun } from "@tombolo/scheduler";
import { z } from "zod";
import { expireApprovals, refuseExpired } from "../consent/approvals.ts";
import { type Actor, systemActor } from "../context.ts";
import { cataloguesOf, drawingOn } from "../grants/derivation.ts";
import { expireGrants } from "../grants/uses.ts";
import { modelsBehind } from "../models/usable.ts";
import { endBarredServices } from "../models/watch.ts";
import { callPartner } from "../partner/calls.ts";
import { newId } from "../partner/ids.ts";
import { forgetNonces } from "../partner/inbound.ts";
import type { Side } from "../partner/side.ts";
import { inChinese } from "../status-words.ts";
import { toJson } from "../store/columns.ts";
import type { Attempts } from "./attempts.ts";
import { requireConsents, settle } from "./consents.ts";
import {
  failureOf,
  findJob,
  flowOf,
  type Job,
  jobById,
  jobChanged,
  logLine,
  partiesOf,
  publicFailure,
  settledLanes,
  stepJob,
  tasksOf,
} from "./rows.ts";
import { type JobEnd, JobRun, journalCancel } from "./run.ts";
import { servingUntil } from "./services.ts";
import type { JobFailure } from "./views.ts";
import { PATHS } from "./wire.ts";
import { clearWork, sweepWork } from "./work-folders.ts";

const WATCH_MS = 1_000;
const HOUSEKEEPING_MS = 10_000;

export class JobDriver {
  readonly #attempts: Attempts;
  readonly #process = newId("process");
  readonly #runs = new Map<string, { run: JobRun; done: Promise<void> }>();
  #side!: Side;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
  }

  async start(side: Side): Promise<void> {
    this.#side = side;
    await this.#attempts.recover(side, (job) => this.#onAttemptEnd(job));
    await sweepWork(side);
    const now = side.clock.now();
    // Partners' jobs get the whole deadline again: their initiator may have been trying while this node was down.
    await side.store.db.updateTable("jobs").set({ contact_at: now }).where("status", "=", "RUNNING").execute();
    const open = await side.store.db
      .selectFrom("jobs")
      .select(["id", "status"])
      .where("status", "in", ["PENDING", "READY", "RUNNING"])
      .execute();
    for (const { id, status } of open) {
      if (status === "PENDING") await side.store.transaction(() => settle(side, id));
      else this.take(id);
    }
    this.#every(WATCH_MS, () => this.#watchInitiators());
    this.#every(HOUSEKEEPING_MS, () => this.#housekeeping());
  }

  get attempts(): Attempts {
    return this.#attempts;
  }

  /** Runs the job if it is ours to run. */
  take(jobId: string): void {
    if (this.#closed || this.#runs.has(jobId)) return;
    const run = new JobRun(this.#side, this.#attempts, this.#process, jobId);
    const done = this.#drive(run).finally(() => this.#runs.delete(jobId));
    this.#runs.set(jobId, { run, done });
  }

  async #drive(run: JobRun): Promise<void> {
    const job = await findJob(this.#side, run.jobId);
    if (job?.initiator !== this.#side.config.party) return;
    try {
      await run.run();
    } catch (error) {
      this.#side.log.error({ err: error, job: run.jobId }, "the job could not be driven on");
      await this.endHere(job, { status: "FAILED", failure: failureOf(TomboloError.from(error), job.initiator, null) });
    }
  }

  /** A participant has news. */
  poll(jobId: string): void {
    this.#runs.get(jobId)?.run.pollNow();
  }

  // ---- ending

  async cancel(actor: Actor, jobId: string, reason: string): Promise<void> {
    const job = await jobById(this.#side, jobId);
    if (!["PENDING", "READY", "RUNNING"].includes(job.status))
      throw new TomboloError("state.job", `the job is ${job.status} already`);
    const error = new TomboloError("aborted.cancelled", `cancelled by ${this.#side.config.party}: ${reason}`, {
      blame: this.#side.config.party,
    });
    const failure = failureOf(error, this.#side.config.party, null);
    await this.end(job, { status: "CANCELLED", failure, cancelled: { actor, reason } });
    // Acknowledged only once it is written: a crash until then leaves a job that goes on, and a caller who knows.
    await this.#runs.get(jobId)?.done;
    const { status } = await jobById(this.#side, jobId);
    if (status !== "CANCELLED") throw new TomboloError("state.job", `the job came to another end first: ${status}`);
  }

  /** A grant was revoked: what draws on it, takes over what was made with it, or answers from such a catalogue stops at every party. */
  async stopJobsUsing(grantId: string, why: string): Promise<void> {
    const error = new TomboloError("consent.grant-revoked", why, {
      blame: this.#side.config.party,
      remedy: "Ask the owner for a new grant.",
    });
    const catalogues = await cataloguesOf(this.#side, grantId);
    const drew = await drawingOn(this.#side, grantId);
    await this.#endWhere(
      ({ document }) =>
        document.datasets.some((each) => each.grantId === grantId) ||
        document.reuse?.some(({ jobId }) => drew(jobId)) === true ||
        modelsBehind(document).some((id) => catalogues.has(id)),
      error,
    );
  }

  /** A party withdrew a model: what uses it stops, the job that made it included. */
  async stopJobsReading(modelId: string, why: string): Promise<void> {
    const { party } = this.#side.config;
    const error = new TomboloError("consent.model-withdrawn", why, {
      blame: party,
      remedy: `Ask ${party} for a permit, or use another version.`,
    });
    const [made] = modelId.split(".");
    await this.#endWhere((job) => modelsBehind(job.document).includes(modelId) || job.id === made, error);
  }

  /** A contract has ended. */
  async stopJobsWith(party: string, why: string): Promise<void> {
    const error = new TomboloError("consent.no-contract", why, { blame: party, remedy: "Sign a new contract." });
    await this.#endWhere((job) => partiesOf(job).includes(party), error);
  }

  async #endWhere(matches: (job: Job) => boolean, error: TomboloError): Promise<void> {
    const open = await this.#side.store.db
      .selectFrom("jobs")
      .selectAll()
      .where("status", "in", ["PENDING", "READY", "RUNNING"])
      .execute();
    for (const job of open.filter(matches))
      await this.end(job, { status: "FAILED", failure: failureOf(error, this.#side.config.party, null) });
  }

  /** At every party: through the run that drives it, or by telling the initiator. */
  async end(job: Job, end: JobEnd): Promise<void> {
    const run = this.#runs.get(job.id)?.run;
    if (job.initiator === this.#side.config.party && job.status === "RUNNING" && run !== undefined) return run.end(end);
    await this.endHere(job, end);
    const others = job.initiator === this.#side.config.party ? partiesOf(job) : [job.initiator];
    const body = { job_id: job.id, status: end.status, failure: publicFailure(end.failure), tasks: [] };
    for (const party of others)
      if (party !== this.#side.config.party) await this.#side.outbox.post(this.#side, party, PATHS.jobStop, body);
  }

  /** Stops own runners, then writes how it ended. */
  async endHere(job: Job, end: JobEnd): Promise<void> {
    const side = this.#side;
    const { status, failure } = end;
    const reason = {
      code: "aborted.job",
      message: failure.message,
      ...(failure.party === null ? {} : { blame: failure.party }),
    } as const;
    await this.#attempts.stop(job.id, reason);
    await side.store.transaction(async (tx) => {
      if (!(await stepJob(side, job.id, status === "FAILED" ? "fail" : "cancel", failure))) return;
      for (const task of await tasksOf(side, job.id))
        if (task.status === "READY" || task.status === "RUNNING")
          await tx
            .updateTable("tasks")
            .set({
              status: "CANCELLED",
              lanes: toJson(settledLanes(task.lanes, "CANCELLED", null)),
              ended_at: side.clock.now(),
            })
            .where("job_id", "=", job.id)
            .where("name", "=", task.name)
            .execute();
      await tx
        .updateTable("tasks")
        .set({ status: "SKIPPED" })
        .where("job_id", "=", job.id)
        .where("status", "=", "PENDING")
        .execute();
      await tx
        .updateTable("approvals")
        .set({ status: "WITHDRAWN", reason: failure.message })
        .where("subject", "=", job.id)
        .where("status", "=", "WAITING")
        .execute();
      await journalCancel(side, job, end);
      await side.journal.append(
        "job.finished",
        systemActor,
        { en: `The job ${job.name} ended: ${status}`, zh: `作业 ${job.name} 结束：${inChinese(status)}` },
        { job: job.id, status, code: failure.code },
      );
      await logLine(side, job.id, null, "error", `${failure.code}: ${failure.message}`);
      jobChanged(side, job.id);
    });
    // An attempt may have started since; from now on none can.
    await this.#attempts.stop(job.id, reason);
  }

  /** What failed and what depends on it, under the same consents; finished outputs are reused. */
  async rerun(actor: Actor, jobId: string): Promise<void> {
    const side = this.#side;
    const job = await jobById(side, jobId);
    if (job.initiator !== side.config.party)
      throw new TomboloError("state.job", "only the initiator reruns a job", { remedy: `Ask ${job.initiator}.` });
    if (job.status !== "FAILED" && job.status !== "CANCELLED")
      throw new TomboloError("state.job", `the job is ${job.status}; only what failed or was cancelled is rerun`);
    await requireConsents(side, job);
    await clearWork(side, jobId); // what the end of the job may not have come to yet
    const tasks = await tasksOf(side, jobId);
    const plan = planRerun(flowOf(job), Object.fromEntries(tasks.map(({ name, status }) => [name, status])));
    await side.store.transaction(async (tx) => {
      await stepJob(side, jobId, "rerun");
      const reset = {
        status: "PENDING" as const,
        reused: false,
        failure: toJson(null),
        lanes: toJson([]),
        started_at: null,
        ended_at: null,
      };
      if (plan.repeat.length > 0)
        await tx.updateTable("tasks").set(reset).where("job_id", "=", jobId).where("name", "in", plan.repeat).execute();
      if (plan.reuse.length > 0)
        await tx
          .updateTable("tasks")
          .set({ reused: true })
          .where("job_id", "=", jobId)
          .where("name", "in", plan.reuse)
          .execute();
      await side.journal.append(
        "job.rerun",
        actor,
        { en: `Reran the job ${job.name}`, zh: `重新运行作业 ${job.name}` },
        { job: jobId, repeat: plan.repeat, reuse: plan.reuse },
      );
      if (plan.reuse.length > 0)
        await logLine(side, jobId, null, "info", `rerun: the outputs of ${plan.reuse.join(", ")} are reused`);
    });
    this.take(jobId);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const { run } of this.#runs.values()) run.close();
    await this.#attempts.close();
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  // ---- watching

  #onAttemptEnd(jobId: string): void {
    if (this.#closed) return;
    this.#runs.get(jobId)?.run.wake();
    this.#tellInitiator(jobId).catch((error: unknown) =>
      this.#side.log.warn({ err: error, job: jobId }, "the initiator could not be told"),
    );
  }

  /** Only to be faster than the next poll. */
  async #tellInitiator(jobId: string): Promise<void> {
    const job = await jobById(this.#side, jobId);
    if (job.initiator === this.#side.config.party || job.status !== "RUNNING") return;
    const [latest] = await this.#attempts.reports(this.#side, jobId);
    if (latest === undefined) return;
    await callPartner(
      this.#side,
      job.initiator,
      PATHS.taskCallback,
      { job_id: jobId, task: latest.task, attempt: latest.attempt },
      z.unknown(),
    );
  }

  /** A partner's job whose initiator went silent fails here too, with the reason; a service waits for it to come back. */
  async #watchInitiators(): Promise<void> {
    const { store, clock, config } = this.#side;
    const jobs = await store.db
      .selectFrom("jobs")
      .selectAll()
      .where("status", "=", "RUNNING")
      .where("initiator", "!=", config.party)
      .execute();
    for (const job of jobs) {
      const silentMs = clock.now().getTime() - (job.contact_at ?? job.started_at ?? job.created_at).getTime();
      if (silentMs <= config.jobs.partnerAwaySeconds * 1000) continue;
      if (servingUntil(flowOf(job)) > clock.now().getTime()) continue;
      const error = new TomboloError(
        "transport.partner-away",
        `${job.initiator} was not heard of for ${config.jobs.partnerAwaySeconds} s`,
        {
          blame: job.initiator,
          remedy: `Ask ${job.initiator} whether its node runs, and check the path with \`tombolo doctor\`.`,
        },
      );
      await this.end(job, { status: "FAILED", failure: failureOf(error, job.initiator, null) as JobFailure });
    }
  }

  async #housekeeping(): Promise<void> {
    const side = this.#side;
    await forgetNonces(side);
    await expireGrants(side);
    await endBarredServices(side);
    for (const approval of await expireApprovals(side)) {
      if (approval.kind !== "job") {
        await refuseExpired(side, approval);
        continue;
      }
      const job = await findJob(side, approval.subject);
      const error = new TomboloError("consent.expired", `${side.config.party} did not decide in time`, {
        blame: side.config.party,
        remedy: "Submit the flow again.",
      });
      if (job?.status === "PENDING")
        await this.end(job, { status: "FAILED", failure: failureOf(error, side.config.party, null) });
    }
    // A job whose process died is taken over by whichever process sees it first.
    const orphans = await side.store.db
      .selectFrom("jobs")
      .select("id")
      .where("status", "in", ["READY", "RUNNING"])
      .where("initiator", "=", side.config.party)
      .execute();
    for (const { id } of orphans) this.take(id);
  }

  #every(ms: number, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy || this.#closed) return;
      busy = true;
      work()
        .catch((error: unknown) => this.#side.log.error({ err: error }, "a periodic check failed"))
        .finally(() => {
          busy = false;
        });
    }, ms);
    this.#timers.push(timer);
  }
}
