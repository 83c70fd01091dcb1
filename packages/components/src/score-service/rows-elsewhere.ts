/**
 * The host's rows where its node keeps them in an online store: each batch is looked up there, and what comes back is
 * worked on as the store in memory would. The store's mark says that all rows are there, and how many are in which bin.
 */
import { TomboloError } from "@tombolo/base";
import { AWAY, type HostForm, ID_BYTES, type ServedRows, ServingStore } from "@tombolo/federated/vertical/serving";
import { z } from "zod";
import { KEYS_OF_A_CALL_MAX, type RowStore } from "../row-store.ts";

const ID_WORDS = ID_BYTES / 4;

const markSchema = z.strictObject({ rows: z.number().int().min(0), held: z.array(z.array(z.number())) });

export interface RowsElsewhereOptions {
  readonly store: RowStore;
  readonly form: HostForm;
  readonly rowsMax: number;
  readonly log: (level: "info" | "warn", message: string) => void;
  /** The store was emptied: it has to be filled again. */
  readonly onLost: () => void;
}

export class RowsElsewhere implements ServedRows {
  readonly partBytes: number;
  readonly #options: RowsElsewhereOptions;
  readonly #held: readonly Float64Array[];
  readonly #told: readonly Float64Array[];
  readonly #names: readonly string[];
  #rows = 0;
  #away = false;

  constructor(options: RowsElsewhereOptions) {
    this.#options = options;
    const none = new ServingStore(options.form, 0, 0);
    this.partBytes = none.partBytes;
    this.#names = none.counts.map(({ name }) => name);
    this.#held = none.counts.map(({ held }) => held);
    this.#told = none.counts.map(({ told }) => told);
  }

  get rowCount(): number {
    return this.#rows;
  }

  get counts(): ServingStore["counts"] {
    return this.#names.map((name, c) => ({ name, held: this.#held[c]!, told: this.#told[c]! }));
  }

  /** False where an earlier attempt has not filled it. */
  async known(): Promise<boolean> {
    const mark = readMark(await this.#options.store.mark());
    if (mark === null || mark.held.length !== this.#held.length) return false;
    this.#rows = mark.rows;
    this.#hold(mark.held);
    return true;
  }

  /** With the rows of `from` and no others. */
  async fill(from: ServingStore, onRows: (done: number) => void): Promise<void> {
    const { store } = this.#options;
    await store.clear();
    const keys = new Uint8Array(KEYS_OF_A_CALL_MAX * ID_BYTES);
    let [values, done]: [Uint8Array[], number] = [[], 0];
    const flush = async (): Promise<void> => {
      if (values.length > 0) await store.write(keys.slice(0, values.length * ID_BYTES), values, null);
      done += values.length;
      values = [];
      onRows(done);
    };
    for (const { id, value } of from.rows()) {
      keys.set(bytesOf(id), values.length * ID_BYTES);
      values.push(value);
      if (values.length === KEYS_OF_A_CALL_MAX) await flush();
    }
    await flush();
    this.#rows = from.rowCount;
    this.#hold(from.counts.map(({ held }) => held));
    await store.write(new Uint8Array(), [], this.#mark(this.#rows, this.#held));
  }

  async answer(ids: Uint32Array, since: number, out: Uint8Array, outAt: number): Promise<void> {
    const some = await this.#lookUp(ids);
    if (some === null) {
      for (let i = 0, at = outAt; i < ids.length / ID_WORDS; i++, at += 1 + this.partBytes) out[at] = AWAY;
      return;
    }
    some.answer(ids, since, out, outAt);
    some.counts.forEach(({ told }, c) => {
      told.forEach((count, bin) => {
        this.#told[c]![bin]! += count;
      });
    });
  }

  /** `work` sees the rows of `ids` alone, and what it makes of them is written; all of it or nothing. */
  async change<T>(ids: Uint32Array, work: (rows: ServingStore) => T): Promise<T> {
    const values = await this.#options.store.get(bytesOf(ids));
    if (values === null) throw this.#lost();
    const rows = this.#storeOf(ids, values, this.#options.rowsMax - this.#rows);
    const before = { rows: rows.rowCount, held: rows.counts.map(({ held }) => held.slice()) };
    const result = work(rows);
    const held = this.#held.map((counts, c) =>
      counts.map((count, bin) => count + rows.counts[c]!.held[bin]! - before.held[c]![bin]!),
    );
    const count = this.#rows + rows.rowCount - before.rows;
    const changed = distinct(ids);
    const written = [...changed].map((at) => rows.value(ids, at) ?? null);
    const keys = new Uint8Array(changed.length * ID_BYTES);
    changed.forEach((at, i) => {
      keys.set(bytesOf(ids.subarray(at, at + ID_WORDS)), i * ID_BYTES);
    });
    await this.#options.store.write(keys, written, this.#mark(count, held));
    this.#rows = count;
    this.#hold(held);
    return result;
  }

  /** Null while the store is away. */
  async #lookUp(ids: Uint32Array): Promise<ServingStore | null> {
    try {
      const values = await this.#options.store.get(bytesOf(ids));
      if (values === null) throw this.#lost();
      const rows = this.#storeOf(ids, values, 0);
      if (this.#away) this.#options.log("info", "the online store answers again");
      this.#away = false;
      return rows;
    } catch (error) {
      const failure = TomboloError.from(error);
      if (failure.code !== "resource.online-store") throw error;
      if (!this.#away) this.#options.log("warn", `rows cannot be looked up: ${failure.message}`);
      this.#away = true;
      return null;
    }
  }

  /** With room for `more` rows. */
  #storeOf(ids: Uint32Array, values: readonly (Uint8Array | null)[], more: number): ServingStore {
    const present = values.filter((value) => value !== null).length;
    const rows = new ServingStore(this.#options.form, values.length, present + Math.max(0, more));
    values.forEach((value, i) => {
      if (value !== null) rows.restore(ids, i * ID_WORDS, value);
    });
    return rows;
  }

  #hold(held: readonly ArrayLike<number>[]): void {
    held.forEach((counts, c) => {
      this.#held[c]!.set(counts);
    });
  }

  #lost(): TomboloError {
    this.#options.onLost();
    return new TomboloError("resource.online-store", "the online store no longer has the service's rows", {
      remedy: "They are loaded again by themselves. Let the store keep what it was given: no eviction, and on disk.",
    });
  }

  #mark(rows: number, held: readonly Float64Array[]): string {
    return JSON.stringify({ rows, held: held.map((counts) => [...counts]) });
  }
}

/** Null too where it is none of ours: then all is loaded anew. */
function readMark(text: string | null): z.output<typeof markSchema> | null {
  if (text === null) return null;
  try {
    return markSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const bytesOf = (ids: Uint32Array): Uint8Array => new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);

/** Where each id stands first. */
function distinct(ids: Uint32Array): number[] {
  const places = new Map<string, number>();
  for (let at = 0; at < ids.length; at += ID_WORDS) {
    const key = ids.subarray(at, at + ID_WORDS).join(" ");
    if (!places.has(key)) places.set(key, at);
  }
  return [...places.values()];
}
