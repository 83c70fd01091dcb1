/** What a kind of online store has to do. */

/** Whose rows. */
export interface Place {
  readonly job: string;
  readonly task: string;
}

export interface Change {
  readonly put: readonly (readonly [key: Buffer, value: Buffer])[];
  readonly remove: readonly Buffer[];
  readonly mark: string | null;
}

/** What a store has to do. Rows of one party are apart from another's on the same server. */
export interface Backend {
  check(): Promise<void>;
  /** Null where the place has no mark. */
  get(place: Place, keys: readonly Buffer[]): Promise<readonly (Uint8Array | null)[] | null>;
  /** All of it or nothing; durable as the store is set up to be. A null mark leaves the one there is. */
  write(place: Place, change: Change): Promise<void>;
  mark(place: Place): Promise<string | null>;
  clear(place: Place): Promise<void>;
  removeJob(job: string): Promise<void>;
  jobs(): Promise<string[]>;
  close(): Promise<void>;
}
