/**
 * Calls that are sent again under the same idempotency key get the answer of the first. Kept in memory for a while, so a
 * restart forgets them: scoring again changes nothing but the counts.
 */
import { createHash } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import type { Clock } from "../context.ts";

const KEPT_MS = 10 * 60_000;
const ENTRIES_MAX = 20_000;
const ROWS_MAX = 200_000;
const KEY = /^[\x21-\x7e]{1,128}$/;

interface Entry<T> {
  readonly digest: string;
  readonly at: number;
  readonly rows: number;
  readonly answer: Promise<T>;
}

export class Repeats<T> {
  readonly #clock: Clock;
  readonly #isLasting: (answer: T) => boolean;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<T>>();
  #rows = 0;

  /** `isLasting`: false for an answer that may be another in a moment; a repeat asks again. */
  constructor(clock: Clock, isLasting: (answer: T) => boolean = () => true) {
    this.#clock = clock;
    this.#isLasting = isLasting;
  }

  /** `scope`: whose key it is. What fails may be tried again under its key. */
  once(scope: string, key: string, body: unknown, rows: number, work: () => Promise<T>): Promise<T> {
    if (!KEY.test(key))
      throw new TomboloError("input.idempotency-key", "an idempotency key is 1 to 128 visible ASCII characters");
    this.#forget();
    const name = `${scope}\n${key}`;
    const digest = createHash("sha256").update(JSON.stringify(body)).digest("base64");
    const known = this.#entries.get(name);
    if (known !== undefined && known.digest !== digest)
      throw new TomboloError("input.idempotency-key", "this idempotency key was used for another call", {
        remedy: "Use a fresh key for every call, and the same only to repeat it.",
      });
    if (known !== undefined) return known.answer;
    const answer = work();
    const entry: Entry<T> = { digest, at: this.#clock.now().getTime(), rows, answer };
    this.#entries.set(name, entry);
    this.#rows += rows;
    const drop = (): void => {
      if (this.#entries.get(name) === entry) this.#drop(name, entry);
    };
    answer.then((given) => this.#isLasting(given) || drop(), drop);
    return answer;
  }

  get size(): number {
    return this.#entries.size;
  }

  #forget(): void {
    const oldest = this.#clock.now().getTime() - KEPT_MS;
    for (const [name, entry] of this.#entries) {
      if (entry.at > oldest && this.#entries.size < ENTRIES_MAX && this.#rows < ROWS_MAX) return;
      this.#drop(name, entry);
    }
  }

  #drop(name: string, { rows }: Entry<T>): void {
    this.#entries.delete(name);
    this.#rows -= rows;
  }
}
