/**
 * The node's side of a runner: gives a process its folder and its
 * capability, passes on what it reports, and ends it when it is told to, runs out of time or outgrows its memory.
 * A runner that dies fails its attempt; the node goes on.
 */
import type { ChildProcess } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { type PublicError, TomboloError } from "@tombolo/base";
import type { GivenReference, Observed, StepFigures } from "@tombolo/components";
import { AskQueue } from "./asks.ts";
import type {
  Capability,
  FromRunner,
  MeterCount,
  OutputFile,
  ProgressUpdate,
  RowsAnswer,
  RowsCall,
  RunnerFailure,
  ToRunner,
} from "./ipc.ts";
import { forkRunner, type ProcessLimits } from "./spare.ts";

export interface RunnerEvents {
  progress(update: ProgressUpdate): void;
  figures(figures: StepFigures): void;
  meter(counts: readonly MeterCount[]): void;
  log(level: "info" | "warn" | "error", message: string): void;
  /** Rejects where the budget has too little left. */
  draw(party: string, ids: number, references: readonly GivenReference[] | null): Promise<void>;
  /** Of a service: rows that its models may score from now on; rejects where permits have too few left. */
  reserve(needed: number): Promise<number>;
  /** Of a service: its rows in the online store; rejects while that is away. */
  rows(call: RowsCall): Promise<RowsAnswer>;
  /** Of a service: what its component counted so far. */
  observed(counts: Observed): void;
}

export interface RunnerLimits extends ProcessLimits {
  readonly residentMiB: number;
}

export type RunnerResult =
  | { readonly ok: true; readonly outputs: readonly OutputFile[] }
  | { readonly ok: false; readonly failure: RunnerFailure };

export interface Runner {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly result: Promise<RunnerResult>;
  /** Asks it to stop, and kills it after the grace. */
  stop(reason: PublicError): void;
  /** Of a service. Rejects with `state.service-starting` until it is up, and with what ended it once it is not. */
  ask(items: readonly unknown[]): Promise<readonly unknown[]>;
  /** Of a service: it answers what it was asked, and ends in order. */
  endService(): void;
}

const STOP_GRACE_MS = 2_000;
const EXIT_GRACE_MS = 10_000;
const MEMORY_CHECK_MS = 2_000;
const OUTPUT_TAIL = 2_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Takes a process that has no task yet from `take`. */
export async function startRunner(
  capability: Capability,
  limits: RunnerLimits,
  events: RunnerEvents,
  take: () => ChildProcess = () => forkRunner(limits),
): Promise<Runner> {
  await mkdir(capability.folder, { recursive: true, mode: 0o700 });
  return new RunnerProcess(take(), capability, limits, events);
}

class RunnerProcess implements Runner {
  readonly result: Promise<RunnerResult>;
  readonly #child: ChildProcess;
  readonly #resolve: (result: RunnerResult) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #asks = new AskQueue((ask, items) => this.#tell({ type: "ask", ask, items }));
  #outcome: RunnerResult | undefined;
  #stderr = "";

  constructor(child: ChildProcess, capability: Capability, limits: RunnerLimits, events: RunnerEvents) {
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<RunnerResult>();
    this.result = promise;
    this.#resolve = resolve;
    child.stdout?.on("data", () => {});
    child.stderr?.on("data", (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString("utf8")).slice(-OUTPUT_TAIL);
    });
    child.on("message", (message) => this.#onMessage(message as FromRunner, events));
    child.on("error", (error) =>
      this.#end(failed("resource.runner", "the task's process could not be started", error)),
    );
    // Not "exit": what the process said last may come after that.
    child.on("close", (code, signal) => this.#onClose(code, signal));
    this.#watch(capability, limits);
    // Where its code is still being loaded, the message waits for it.
    this.#tell({ type: "start", capability });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stop(reason: PublicError): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#outcome ??= { ok: false, failure: { ...reason, detail: null } };
    this.#asks.close(new TomboloError(reason.code, reason.message, reason));
    this.#tell({ type: "stop", reason });
    this.#timers.push(setTimeout(() => this.#child.kill("SIGKILL"), STOP_GRACE_MS));
  }

  ask(items: readonly unknown[]): Promise<readonly unknown[]> {
    return this.#asks.ask(items);
  }

  endService(): void {
    this.#tell({ type: "end" });
  }

  #tell(message: ToRunner): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #onMessage(message: FromRunner, events: RunnerEvents): void {
    switch (message.type) {
      case "progress":
        events.progress(message.progress);
        return;
      case "figures":
        events.figures(message.figures);
        return;
      case "meter":
        events.meter(message.counts);
        return;
      case "log":
        events.log(message.level, message.message);
        return;
      case "draw":
        void this.#draw(message, events);
        return;
      case "reserve":
        void this.#reserve(message, events);
        return;
      case "rows":
        void this.#rows(message, events);
        return;
      case "serving":
        this.#asks.open();
        return;
      case "answered":
        this.#asks.answered(message);
        return;
      case "observed":
        events.observed(message.counts);
        return;
      case "done":
        this.#outcome ??= { ok: true, outputs: message.outputs };
        this.#endSoon();
        return;
      case "failed":
        this.#outcome ??= { ok: false, failure: message.failure };
        this.#endSoon();
    }
  }

  /** All is said and kept: threads of native libraries that do not come to their end must not hold up the job. */
  #endSoon(): void {
    this.#timers.push(setTimeout(() => this.#child.kill("SIGKILL"), EXIT_GRACE_MS));
  }

  async #draw(
    { draw, party, ids, references }: Extract<FromRunner, { type: "draw" }>,
    events: RunnerEvents,
  ): Promise<void> {
    const refusal = await events.draw(party, ids, references).then(
      () => null,
      (error: unknown) => TomboloError.from(error).toPublic(),
    );
    this.#tell({ type: "drawn", draw, refusal });
  }

  async #reserve({ reserve, needed }: Extract<FromRunner, { type: "reserve" }>, events: RunnerEvents): Promise<void> {
    const answer = await events.reserve(needed).then(
      (rows) => ({ rows, refusal: null }),
      (error: unknown) => ({ rows: 0, refusal: TomboloError.from(error).toPublic() }),
    );
    this.#tell({ type: "reserved", reserve, ...answer });
  }

  async #rows({ call, rows }: Extract<FromRunner, { type: "rows" }>, events: RunnerEvents): Promise<void> {
    const answered = await events.rows(rows).then(
      (answer) => ({ answer, refusal: null }),
      (error: unknown) => ({ answer: null, refusal: TomboloError.from(error).toPublic() }),
    );
    this.#tell({ type: "rows", call, ...answered });
  }

  #onClose(code: number | null, signal: NodeJS.Signals | null): void {
    const how = signal === null ? `code ${code}` : signal;
    this.#end(
      this.#outcome ??
        failed("resource.runner-died", `the task's process ended unexpectedly (${how})`, { stderr: this.#stderr }),
    );
  }

  #watch({ deadlineSeconds }: Capability, limits: RunnerLimits): void {
    const late = new TomboloError("resource.time-limit", `the task ran longer than its ${deadlineSeconds} s`, {
      remedy: "Raise the task's time limit, or give it less data.",
    });
    this.#stopAt(Date.now() + deadlineSeconds * 1000, late.toPublic());
    const memory = setInterval(async () => {
      if ((await residentMiB(this.#child.pid)) <= limits.residentMiB) return;
      this.#outcome ??= failed(
        "resource.memory-limit",
        `the task needed more than ${limits.residentMiB} MiB`,
        undefined,
      );
      this.#child.kill("SIGKILL");
    }, MEMORY_CHECK_MS);
    this.#timers.push(memory);
  }

  /** A service may last longer than any timer. */
  #stopAt(deadline: number, late: PublicError): void {
    const leftMs = deadline - Date.now();
    if (leftMs <= 0) this.stop(late);
    else this.#timers.push(setTimeout(() => this.#stopAt(deadline, late), Math.min(leftMs, TIMER_MS_MAX)));
  }

  #end(result: RunnerResult): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#asks.close(result.ok ? serviceEnded() : new TomboloError(result.failure.code, result.failure.message));
    this.#resolve(result);
  }
}

const serviceEnded = (): TomboloError => new TomboloError("state.service-ended", "the service has ended");

function failed(
  code: "resource.runner" | "resource.runner-died" | "resource.memory-limit",
  message: string,
  detail: unknown,
) {
  return { ok: false, failure: { code, message, detail: detail === undefined ? null : { cause: detail } } } as const;
}

/** Zero where the system does not tell. */
async function residentMiB(pid: number | undefined): Promise<number> {
  try {
    const pages = (await readFile(`/proc/${pid}/statm`, "utf8")).split(" ")[1];
    return (Number(pages) * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}
