/** The live view of own attempts: progress, meter, figures, estimate; kept in memory, published at most five times a second. */
import type { StepFigures } from "@tombolo/components";
import type { NodeContext } from "../context.ts";
import type { MeterCount, ProgressUpdate } from "../runner/ipc.ts";
import { Estimate } from "./estimate.ts";
import type { Lane } from "./views.ts";

const PUBLISH_MS = 200;
/** Steps beyond it are in the report alone. */
const STEPS_MAX = 10_000;

export class LiveAttempt {
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
  readonly #context: NodeContext;
  readonly #estimate = new Estimate();
  readonly #figures: StepFigures[] = [];
  #progress: ProgressUpdate | undefined;
  #counts: readonly MeterCount[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Figures that nobody was told of. */
  #untold = false;

  constructor(context: NodeContext, job: string, task: string, attempt: number) {
    this.#context = context;
    this.job = job;
    this.task = task;
    this.attempt = attempt;
  }

  get counts(): readonly MeterCount[] {
    return this.#counts;
  }

  /** In the order of their steps. */
  get figures(): readonly StepFigures[] {
    return this.#figures;
  }

  progress(update: ProgressUpdate): void {
    this.#estimate.note(update, Date.now());
    this.#progress = update;
    this.#publishSoon();
  }

  meter(counts: readonly MeterCount[]): void {
    this.#counts = counts;
    this.#publishSoon();
  }

  keepFigures(figures: StepFigures): void {
    if (this.#figures.length >= STEPS_MAX) return;
    this.#figures.push(figures);
    this.#untold = true;
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
      etaSeconds: status === "RUNNING" ? this.#estimate.seconds(Date.now()) : null,
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #bytes(direction: "out" | "in"): number {
    return this.#counts.reduce((sum, each) => (each.direction === direction ? sum + each.bytes : sum), 0);
  }

  #publishSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#publish();
    }, PUBLISH_MS);
  }

  #publish(): void {
    const { events } = this.#context;
    const data = { task: this.task, attempt: this.attempt, lane: this.lane("RUNNING"), meter: this.#counts };
    events.publish({ kind: "task", id: this.job, data });
    if (this.#untold) events.publish({ kind: "figures", id: `${this.job}/${this.task}`, data: null });
    this.#untold = false;
  }
}
