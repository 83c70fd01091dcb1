/** The live view of own attempts: progress, meter, estimate; kept in memory, published at most five times a second. */
import type { NodeContext } from "../context.ts";
import type { MeterCount, ProgressUpdate } from "../runner/ipc.ts";
import type { Lane } from "./views.ts";

const PUBLISH_MS = 200;

export class LiveAttempt {
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
  readonly #context: NodeContext;
  #progress: ProgressUpdate | undefined;
  #stageSince = 0;
  #stageFrom = 0;
  #counts: readonly MeterCount[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(context: NodeContext, job: string, task: string, attempt: number) {
    this.#context = context;
    this.job = job;
    this.task = task;
    this.attempt = attempt;
  }

  get counts(): readonly MeterCount[] {
    return this.#counts;
  }

  progress(update: ProgressUpdate): void {
    if (update.stage !== this.#progress?.stage) {
      this.#stageSince = Date.now();
      this.#stageFrom = update.done;
    }
    this.#progress = update;
    this.#publishSoon();
  }

  meter(counts: readonly MeterCount[]): void {
    this.#counts = counts;
    this.#publishSoon();
  }

  lane(status: Lane["status"]): Lane {
    const progress = this.#progress;
    return {
      party: this.#context.config.party,
      status,
      stage: progress?.stage ?? null,
      done: progress?.done ?? null,
      total: progress?.total ?? null,
      rows: progress?.rows ?? null,
      round: progress?.round ?? null,
      bytesOut: this.#bytes("out"),
      bytesIn: this.#bytes("in"),
      etaSeconds: status === "RUNNING" ? this.#eta() : null,
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #bytes(direction: "out" | "in"): number {
    return this.#counts.reduce((sum, each) => (each.direction === direction ? sum + each.bytes : sum), 0);
  }

  /** Of the present stage, at its mean speed so far. */
  #eta(): number | null {
    const progress = this.#progress;
    if (progress === undefined || progress.done <= this.#stageFrom || progress.total <= 0) return null;
    const perItem = (Date.now() - this.#stageSince) / (progress.done - this.#stageFrom);
    return Math.max(0, Math.round((perItem * (progress.total - progress.done)) / 100) / 10);
  }

  #publishSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#context.events.publish({
        kind: "task",
        id: this.job,
        data: { task: this.task, attempt: this.attempt, lane: this.lane("RUNNING"), meter: this.#counts },
      });
    }, PUBLISH_MS);
  }
}
