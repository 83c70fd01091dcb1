/**
 * Drives a flow in one process: knows a task only as `run(signal)`. Starts each task once its inputs are there, at most
 * `concurrency` at a time; repeats attempts; ends everything on cancel. It never waits for a run that ignores its
 * signal, so it always ends once cancelled or past a deadline.
 */
import { TomboloError } from "@tombolo/base";
import type { Flow } from "./flow.ts";
import { blockedTasks, jobOutcome, readyTasks, type TaskStates } from "./plan.ts";
import { isFinalTask, type JobStatus, type TaskEvent, type TaskStatus, transitionTask } from "./states.ts";

export interface TaskRun {
  readonly task: string;
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export interface RunFlowOptions {
  readonly concurrency: number;
  readonly attemptsMax: number;
  /** Per attempt; then it counts as failed with `transport.timeout`. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** States to go on from, as `planRerun` leaves them; default: all pending. */
  readonly states?: TaskStates;
  /** Whether another attempt may help; not asked after a cancel. */
  mayRetry?(failure: TomboloError): boolean;
  onChange?(task: string, state: TaskStatus, attempt: number): void;
}

export interface RunFlowResult {
  readonly outcome: Extract<JobStatus, "SUCCESS" | "FAILED" | "CANCELLED">;
  readonly states: TaskStates;
  readonly attempts: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, TomboloError>>;
}

export async function runFlow(
  flow: Flow,
  run: (task: TaskRun) => Promise<void>,
  options: RunFlowOptions,
): Promise<RunFlowResult> {
  const drive = new Drive(flow, run, options);
  return await drive.run();
}

class Drive {
  readonly #flow: Flow;
  readonly #run: (task: TaskRun) => Promise<void>;
  readonly #options: RunFlowOptions;
  readonly #states: Record<string, TaskStatus>;
  readonly #attempts: Record<string, number> = {};
  readonly #failures: Record<string, TomboloError> = {};
  readonly #running = new Map<string, Promise<void>>();

  constructor(flow: Flow, run: (task: TaskRun) => Promise<void>, options: RunFlowOptions) {
    if (options.concurrency < 1 || options.attemptsMax < 1)
      throw new TomboloError("input.parameter", "concurrency and attemptsMax must be 1 or more");
    if (Object.values(options.states ?? {}).includes("RUNNING"))
      throw new TomboloError("state.running", "a task that runs elsewhere cannot be taken over");
    this.#flow = flow;
    this.#run = run;
    this.#options = options;
    this.#states = Object.fromEntries(
      Object.keys(flow.tasks).map((name) => [name, options.states?.[name] ?? ("PENDING" as const)]),
    );
  }

  async run(): Promise<RunFlowResult> {
    for (;;) {
      if (this.#options.signal.aborted) this.#cancelWaiting();
      for (const name of blockedTasks(this.#flow, this.#states)) this.#step(name, "skip");
      this.#startReady();
      const outcome = jobOutcome(this.#flow, this.#states);
      if (outcome !== null)
        return { outcome, states: this.#states, attempts: this.#attempts, failures: this.#failures };
      await Promise.race(this.#running.values());
    }
  }

  #cancelWaiting(): void {
    for (const [name, state] of Object.entries(this.#states))
      if (!isFinalTask(state) && !this.#running.has(name)) this.#step(name, "cancel");
  }

  #startReady(): void {
    for (const name of readyTasks(this.#flow, this.#states)) {
      if (this.#states[name] === "PENDING") this.#step(name, "ready");
      if (this.#running.size >= this.#options.concurrency) continue;
      this.#attempts[name] = (this.#attempts[name] ?? 0) + 1;
      this.#step(name, "start");
      const attempt = this.#attempt(name).finally(() => this.#running.delete(name));
      this.#running.set(name, attempt);
    }
  }

  async #attempt(name: string): Promise<void> {
    const attempt = this.#attempts[name]!;
    const own = new AbortController();
    const deadline = setTimeout(() => own.abort(timeout()), this.#options.deadlineMs);
    const signal = AbortSignal.any([this.#options.signal, own.signal]);
    try {
      await orAborted(this.#run({ task: name, attempt, signal }), signal);
      this.#step(name, "succeed");
    } catch (error) {
      this.#settleFailure(name, own.signal.aborted ? timeout() : TomboloError.from(error));
    } finally {
      clearTimeout(deadline);
    }
  }

  #settleFailure(name: string, failure: TomboloError): void {
    if (this.#options.signal.aborted) this.#step(name, "cancel");
    else if (this.#mayRepeat(name, failure)) this.#step(name, "again");
    else {
      this.#failures[name] = failure;
      this.#step(name, "fail");
    }
  }

  #mayRepeat(name: string, failure: TomboloError): boolean {
    const { attemptsMax, mayRetry } = this.#options;
    return this.#attempts[name]! < attemptsMax && (mayRetry?.(failure) ?? true);
  }

  #step(name: string, event: TaskEvent): void {
    this.#states[name] = transitionTask(this.#states[name]!, event);
    this.#options.onChange?.(name, this.#states[name], this.#attempts[name] ?? 0);
  }
}

const timeout = (): TomboloError =>
  new TomboloError("transport.timeout", "the task did not finish in time", {
    remedy: "Look at the slowest party's log, or allow more time.",
  });

/** Settles with `work`, or as soon as the signal aborts. */
function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(TomboloError.from(signal.reason, "aborted.cancel", "cancelled"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
