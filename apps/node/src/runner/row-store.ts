/** The online store as a runner has it: each call goes to the node and comes back by its number. */
import { type PublicError, TomboloError } from "@tombolo/base";
import type { RowStore } from "@tombolo/components";
import type { FromRunner, RowsAnswer, RowsCall } from "./ipc.ts";

export class RunnerRowStore implements RowStore {
  readonly #report: (message: FromRunner) => void;
  readonly #calls = new Map<number, { resolve(answer: RowsAnswer): void; reject(error: Error): void }>();
  #next = 0;

  constructor(report: (message: FromRunner) => void) {
    this.#report = report;
  }

  async get(keys: Uint8Array): Promise<readonly (Uint8Array | null)[] | null> {
    return (await this.#call({ op: "get", keys })) as readonly (Uint8Array | null)[] | null;
  }

  async write(keys: Uint8Array, values: readonly (Uint8Array | null)[], mark: string | null): Promise<void> {
    await this.#call({ op: "write", keys, values, mark });
  }

  async mark(): Promise<string | null> {
    return (await this.#call({ op: "mark" })) as string | null;
  }

  async clear(): Promise<void> {
    await this.#call({ op: "clear" });
  }

  /** What the node says to a call. */
  answered(call: number, answer: RowsAnswer, refusal: PublicError | null): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (refusal === null) waiting?.resolve(answer);
    else waiting?.reject(new TomboloError(refusal.code, refusal.message, refusal));
  }

  #call(rows: RowsCall): Promise<RowsAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<RowsAnswer>();
    const call = this.#next++;
    this.#calls.set(call, { resolve, reject });
    this.#report({ type: "rows", call, rows });
    return promise;
  }
}
