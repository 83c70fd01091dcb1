/**
 * What is asked of a service's runner: calls that come within a moment of each other go to it together, several such
 * batches at once, and no more wait than there is room for.
 */
import { type PublicError, TomboloError } from "@tombolo/base";

export interface AskLimits {
  /** Of one call, and of one batch. */
  readonly itemsMax: number;
  readonly batchesMax: number;
  /** Waiting and under way. */
  readonly heldMax: number;
  /** How long a call waits for others while the runner is busy; it waits for none while it is not. */
  readonly gatherMs: number;
  /** The longest a runner may take for a batch. */
  readonly answerMs: number;
}

export const ASK_LIMITS: AskLimits = {
  itemsMax: 1000,
  batchesMax: 16,
  heldMax: 32_000,
  gatherMs: 1,
  answerMs: 30_000,
};

export type Answer =
  | { readonly ask: number; readonly items: readonly unknown[] }
  | { readonly ask: number; readonly refusal: PublicError };

interface Call {
  readonly items: readonly unknown[];
  resolve(items: readonly unknown[]): void;
  reject(error: Error): void;
}

interface Batch {
  readonly calls: readonly Call[];
  readonly size: number;
  readonly late: NodeJS.Timeout;
}

export class AskQueue {
  readonly #send: (ask: number, items: readonly unknown[]) => void;
  readonly #limits: AskLimits;
  readonly #waiting: Call[] = [];
  readonly #underWay = new Map<number, Batch>();
  #held = 0;
  #asks = 0;
  #open = false;
  #over: TomboloError | undefined;
  #gathering: { cancel(): void } | undefined;

  constructor(send: (ask: number, items: readonly unknown[]) => void, limits: AskLimits = ASK_LIMITS) {
    this.#send = send;
    this.#limits = limits;
  }

  /** Items are answered in their places. Rejects with `resource.busy` when too much waits already. */
  ask(items: readonly unknown[]): Promise<readonly unknown[]> {
    const { itemsMax, heldMax } = this.#limits;
    if (this.#over !== undefined) return Promise.reject(this.#over);
    if (!this.#open) return Promise.reject(notYetServing());
    if (items.length === 0) return Promise.resolve([]);
    if (items.length > itemsMax)
      return Promise.reject(new TomboloError("input.size", `a call asks for at most ${itemsMax} items`));
    if (this.#held + items.length > heldMax)
      return Promise.reject(
        new TomboloError("resource.busy", "the service has more to answer than it can hold", {
          remedy: "Ask again in a moment, or less at once.",
        }),
      );
    this.#held += items.length;
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
    this.#waiting.push({ items, resolve, reject });
    this.#sendSoon();
    return promise;
  }

  /** The runner takes asks from now on. */
  open(): void {
    this.#open = true;
  }

  answered(answer: Answer): void {
    const batch = this.#underWay.get(answer.ask);
    // One that was given up is of no use any more.
    if (batch === undefined) return;
    if ("refusal" in answer) this.#refuse(answer.ask, errorOf(answer.refusal));
    else if (answer.items.length !== batch.size)
      this.#refuse(answer.ask, new TomboloError("state.internal", "a service answers another number of items"));
    else this.#resolve(answer.ask, batch, answer.items);
    if (this.#waiting.length > 0) this.#sendSoon();
  }

  /** Nothing is answered any more: for this reason. */
  close(reason: TomboloError): void {
    this.#over ??= reason;
    this.#gathering?.cancel();
    for (const ask of [...this.#underWay.keys()]) this.#refuse(ask, this.#over);
    for (const call of this.#waiting.splice(0)) call.reject(this.#over);
    this.#held = 0;
  }

  /** At once where nothing is under way, else after a moment in which others may come. */
  #sendSoon(): void {
    if (this.#gathering !== undefined || this.#underWay.size >= this.#limits.batchesMax) return;
    const send = (): void => {
      this.#gathering = undefined;
      while (this.#waiting.length > 0 && this.#underWay.size < this.#limits.batchesMax) this.#sendBatch();
    };
    if (this.#underWay.size === 0) {
      const handle = setImmediate(send);
      this.#gathering = { cancel: () => clearImmediate(handle) };
    } else {
      const handle = setTimeout(send, this.#limits.gatherMs);
      this.#gathering = { cancel: () => clearTimeout(handle) };
    }
  }

  #sendBatch(): void {
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && size + this.#waiting[count]!.items.length <= this.#limits.itemsMax)
      size += this.#waiting[count++]!.items.length;
    const calls = this.#waiting.splice(0, count);
    const ask = this.#asks++;
    const late = setTimeout(
      () => this.#refuse(ask, new TomboloError("transport.timeout", "the service took too long to answer")),
      this.#limits.answerMs,
    );
    this.#underWay.set(ask, { calls, size, late });
    this.#send(ask, calls.length === 1 ? calls[0]!.items : calls.flatMap(({ items }) => items));
  }

  #resolve(ask: number, batch: Batch, items: readonly unknown[]): void {
    this.#end(ask, batch);
    let at = 0;
    for (const call of batch.calls) {
      call.resolve(batch.calls.length === 1 ? items : items.slice(at, at + call.items.length));
      at += call.items.length;
    }
  }

  #refuse(ask: number, error: TomboloError): void {
    const batch = this.#underWay.get(ask)!;
    this.#end(ask, batch);
    for (const call of batch.calls) call.reject(error);
  }

  #end(ask: number, { late, size }: Batch): void {
    clearTimeout(late);
    this.#underWay.delete(ask);
    this.#held -= size;
  }
}

export const notYetServing = (): TomboloError =>
  new TomboloError("state.service-starting", "the service is not up yet", { remedy: "Ask again in a moment." });

const errorOf = ({ code, message, ...rest }: PublicError): TomboloError => new TomboloError(code, message, rest);
