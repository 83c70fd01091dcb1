/**
 * Rows of a service in a store beside its runner: a key-value store or a database that the own node is told of by URL. A
 * runner reaches neither: it asks its node, a batch at a time.
 */

/** Of one task of one job. Every call rejects with `resource.online-store` while the store is away. */
export interface RowStore {
  /** Of each key, `KEY_BYTES` each; null for all where the rows are not, or no longer, all there: nothing marks them. */
  get(keys: Uint8Array): Promise<readonly (Uint8Array | null)[] | null>;
  /** All of it or nothing. `values` by key; null: the row is removed. With a `mark`, all rows are there from then on. */
  write(keys: Uint8Array, values: readonly (Uint8Array | null)[], mark: string | null): Promise<void>;
  mark(): Promise<string | null>;
  /** Of rows and mark. */
  clear(): Promise<void>;
}

export const KEY_BYTES = 16;
/** Of one call. */
export const KEYS_OF_A_CALL_MAX = 2_000;
