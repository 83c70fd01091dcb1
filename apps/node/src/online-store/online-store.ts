/**
 * The online store: rows that services of this party answer from, by the digests of their ids, in a store of the party's
 * own that the configuration names by URL. The node holds the connection and the password; runners ask it in batches.
 * Nothing that comes of the URL is in an error or a log line.
 */
import { TomboloError } from "@tombolo/base";
import { KEY_BYTES, KEYS_OF_A_CALL_MAX } from "@tombolo/components";
import type { NodeConfig } from "../config/config.ts";
import type { RowsAnswer, RowsCall } from "../runner/ipc.ts";
import type { Backend, Place } from "./backend.ts";
import { openPostgres } from "./postgres.ts";
import { type OnlineStoreKind, onlineStoreKind } from "./url.ts";

/** Of a look-up. Longer than that is as good as away. */
const GET_MS = 2_000;
const WRITE_MS = 30_000;
const CLEAR_MS = 600_000;
/** Not asked again so soon after it failed: what waits behind it would only wait longer. */
const AWAY_MS = 1_000;
const VALUE_BYTES_MAX = 2 ** 16;
const MARK_CHARS_MAX = 2 ** 22;

export class OnlineStore {
  readonly kind: OnlineStoreKind;
  readonly #backend: Backend;
  #awayUntil = 0;

  constructor(kind: OnlineStoreKind, backend: Backend) {
    this.kind = kind;
    this.#backend = backend;
  }

  async check(): Promise<void> {
    await this.#within(GET_MS, () => this.#backend.check());
  }

  /** As a runner asks. Rejects with `resource.online-store` while the store is away. */
  async call(place: Place, call: RowsCall): Promise<RowsAnswer> {
    if (Date.now() < this.#awayUntil) throw away(this.kind, "it failed a moment ago");
    switch (call.op) {
      case "get": {
        const keys = keysOf(call.keys);
        return this.#within(GET_MS, () => this.#backend.get(place, keys));
      }
      case "write":
        await this.#write(place, call);
        return null;
      case "mark":
        return this.#within(GET_MS, () => this.#backend.mark(place));
      case "clear":
        await this.#within(CLEAR_MS, () => this.#backend.clear(place));
        return null;
    }
  }

  /** Rows of a job that is over. */
  async remove(job: string): Promise<void> {
    await this.#within(CLEAR_MS, () => this.#backend.removeJob(job));
  }

  /** Of this party, those that have rows here. */
  async jobs(): Promise<string[]> {
    return this.#within(WRITE_MS, () => this.#backend.jobs());
  }

  async close(): Promise<void> {
    await this.#backend.close().catch(() => {});
  }

  async #write(place: Place, { keys: bytes, values, mark }: Extract<RowsCall, { op: "write" }>): Promise<void> {
    const keys = keysOf(bytes);
    if (values.length !== keys.length || values.some((value) => (value?.length ?? 0) > VALUE_BYTES_MAX))
      throw new TomboloError("input.rows", "a task keeps rows that are none");
    if ((mark?.length ?? 0) > MARK_CHARS_MAX) throw new TomboloError("input.rows", "a task's mark is too long");
    const put = keys.flatMap((key, i) => (values[i] === null ? [] : [[key, asBuffer(values[i]!)] as const]));
    const remove = keys.filter((_, i) => values[i] === null);
    await this.#within(WRITE_MS, () => this.#backend.write(place, { put, remove, mark }));
  }

  async #within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("late")), ms);
    try {
      return await Promise.race([work(), promise]);
    } catch (error) {
      this.#awayUntil = Date.now() + AWAY_MS;
      throw away(this.kind, reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Undefined where none is configured. Throws `resource.online-store` where it cannot be reached. */
export async function openOnlineStore({ onlineStore, party }: NodeConfig): Promise<OnlineStore | undefined> {
  const { url } = onlineStore;
  if (url === undefined) return undefined;
  const kind = onlineStoreKind(url)!;
  // Loaded where it is used alone: its client has several hundred modules.
  const open = kind === "redis" ? (await import("./redis.ts")).openRedis : openPostgres;
  const backend = await open(url, party).catch((error: unknown) => {
    throw away(kind, reasonOf(error));
  });
  return new OnlineStore(kind, backend);
}

export function requireOnlineStore({ onlineStore }: { readonly onlineStore: OnlineStore | undefined }): OnlineStore {
  if (onlineStore !== undefined) return onlineStore;
  throw new TomboloError("state.online-store", "this node has no online store");
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function keysOf(bytes: Uint8Array): Buffer[] {
  const count = bytes.length / KEY_BYTES;
  if (!Number.isInteger(count) || count > KEYS_OF_A_CALL_MAX)
    throw new TomboloError("input.rows", "a task asks for rows by keys that are none");
  const all = asBuffer(bytes);
  return Array.from({ length: count }, (_, i) => all.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES));
}

/** Clients put addresses and statements into messages: a code is all that goes on. */
function reasonOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (error instanceof Error && error.message === "late") return "it did not answer in time";
  return /^[A-Za-z0-9_]{1,40}$/.test(String(code ?? name)) ? String(code ?? name) : "unknown";
}

const away = (kind: OnlineStoreKind, reason: string): TomboloError =>
  new TomboloError("resource.online-store", `the online store (${kind}) is not there: ${reason}`, {
    remedy: "Check onlineStore.url (host, port, user, password, database) and that its server is up.",
  });
