/** A service in its runner: hands what the node asks to the component, until the service's end. */
import { assert, TomboloError } from "@tombolo/base";
import type { FromRunner } from "./ipc.ts";

const PROGRESS_MS = 1_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

type Answer = (batch: readonly unknown[]) => Promise<readonly unknown[]>;

export class RunnerService {
  readonly #until: number | null;
  readonly #report: (message: FromRunner) => void;
  readonly #ended = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<void>>();
  #answer: Answer | undefined;
  #answered = 0;
  #fault = "";

  constructor(until: number | null, report: (message: FromRunner) => void) {
    this.#until = until;
    this.#report = report;
  }

  async serve(answer: Answer): Promise<void> {
    assert(this.#until !== null && this.#answer === undefined, "a service serves, and does so once");
    this.#answer = answer;
    this.#endAt(this.#until);
    this.#report({ type: "serving" });
    this.#tell();
    const telling = setInterval(() => this.#tell(), PROGRESS_MS);
    try {
      await this.#ended.promise;
      await Promise.all(this.#underWay);
    } finally {
      clearInterval(telling);
    }
  }

  ask(ask: number, items: readonly unknown[]): void {
    const work = this.#work(ask, items).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  end(): void {
    this.#ended.resolve();
  }

  async #work(ask: number, items: readonly unknown[]): Promise<void> {
    try {
      this.#report({ type: "answered", ask, items: await this.#answer!(items) });
      this.#answered += items.length;
    } catch (error) {
      const refusal = TomboloError.from(error);
      this.#report({ type: "answered", ask, refusal: refusal.toPublic() });
      if (refusal.code === "state.internal") this.#logFault(String((error as Error).stack ?? error));
    }
  }

  /** A bug of ours comes with every batch: once is enough. */
  #logFault(trace: string): void {
    if (trace !== this.#fault) this.#report({ type: "log", level: "error", message: trace.slice(0, 4000) });
    this.#fault = trace;
  }

  #endAt(until: number): void {
    const leftMs = until - Date.now();
    if (leftMs <= 0) this.end();
    else setTimeout(() => this.#endAt(until), Math.min(leftMs, TIMER_MS_MAX)).unref();
  }

  #tell(): void {
    this.#report({
      type: "progress",
      progress: { stage: "serving", done: 0, total: 0, rows: this.#answered, round: null },
    });
  }
}
