/**
 * Many keys asked of a service, one call after another: with pause, going on, and patience with what passes. Keys and
 * answers are in the page's memory and nowhere else.
 */
export interface BatchOptions<Answer> {
  readonly keys: readonly (readonly string[])[];
  readonly size: number;
  /** One call; an answer for every key, in its place. `attempt`: the same for every try of these keys; `from`: the first's place. */
  ask(
    keys: readonly (readonly string[])[],
    attempt: string,
    signal: AbortSignal,
    from: number,
  ): Promise<readonly Answer[]>;
  /** Resolves after so long, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Something to show has changed. */
  changed(): void;
}

/** PAUSED by hand, HELD by a failure that does not pass by itself: both go on with `go`. */
export type BatchState = "READY" | "RUNNING" | "PAUSED" | "HELD" | "DONE" | "CANCELLED";

const FIRST_WAIT_MS = 1000;
const WAIT_MS_MAX = 30_000;
/** About a minute and a half of waiting in all. */
const TRIES = 8;

export class BatchRun<Answer> {
  readonly #options: BatchOptions<Answer>;
  readonly answers: (Answer | undefined)[];
  state: BatchState = "READY";
  /** Keys that have an answer: always the first ones. */
  done = 0;
  /** Tries of the present call that failed. */
  failures = 0;
  error: unknown;
  #stop = new AbortController();
  #attempt = "";
  #running = Promise.resolve();

  constructor(options: BatchOptions<Answer>) {
    this.#options = options;
    this.answers = Array.from({ length: options.keys.length });
  }

  get total(): number {
    return this.#options.keys.length;
  }

  get isOver(): boolean {
    return this.state === "DONE" || this.state === "CANCELLED";
  }

  /** Starts, or goes on where it stopped. */
  go(): Promise<void> {
    if (this.state === "RUNNING" || this.isOver) return this.#running;
    this.#stop = new AbortController();
    this.failures = 0;
    this.#set("RUNNING");
    // A call that was broken off is over before the next is made.
    this.#running = this.#running.then(() => this.#run(this.#stop.signal));
    return this.#running;
  }

  pause(): void {
    if (this.state !== "RUNNING") return;
    this.#set("PAUSED");
    this.#stop.abort();
  }

  /** For good; what was answered stays. */
  cancel(): void {
    if (this.isOver) return;
    this.#set("CANCELLED");
    this.#stop.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { keys, size, ask, wait } = this.#options;
    while (!signal.aborted && this.done < keys.length) {
      const part = keys.slice(this.done, this.done + size);
      // Kept over tries, pauses too: what the node had answered already is not asked, nor counted, again.
      if (this.#attempt === "") this.#attempt = crypto.randomUUID();
      try {
        const answers = await ask(part, this.#attempt, signal, this.done);
        answers.forEach((answer, i) => {
          this.answers[this.done + i] = answer;
        });
        this.done += part.length;
        this.#attempt = "";
        this.failures = 0;
        this.error = undefined;
        this.#options.changed();
      } catch (error) {
        if (signal.aborted) return;
        this.error = error;
        this.failures++;
        if (!isPassing(error) || this.failures >= TRIES) return this.#set("HELD");
        this.#options.changed();
        await wait(Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** (this.failures - 1)), signal);
      }
    }
    if (!signal.aborted) this.#set("DONE");
  }

  #set(state: BatchState): void {
    this.state = state;
    this.#options.changed();
  }
}

/** Worth asking again in a moment: busy, starting, too fast, or nobody there. Over the day's quota is not. */
export function isPassing(error: unknown): boolean {
  const { code = "", status = 0 } = (error ?? {}) as { readonly code?: string; readonly status?: number };
  if (status === 0) return true;
  return code === "auth.rate" || [502, 503, 504].includes(status);
}
