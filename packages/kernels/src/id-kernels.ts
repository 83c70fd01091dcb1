/** Kernels that take a table's ids to buckets. A record is a digest of 16 bytes and a row, four little-endian bytes. */

/** What bulk normalisation needs of the rules of `psi/ids`: for plain ASCII the Unicode forms change nothing. */
export interface AsciiRules {
  /** Drop tab to carriage return and space at both ends. */
  readonly trim: boolean;
  readonly case: "keep" | "lower" | "upper";
  readonly phone: {
    readonly format: "digits" | "international";
    readonly countryCode: string;
    readonly nationalLength: number | null;
  } | null;
}

/** Rows of the batch, counted from 0, ascending in each list. */
export interface NormalisedIds {
  /** Id i is `messages[offsets[i] .. offsets[i + 1]]`, for row `rows[i]`: for each field its length, ":" and text. */
  readonly messages: Uint8Array;
  readonly offsets: Uint32Array;
  readonly rows: Uint32Array;
  /** Rows with a field of which nothing usable is left. */
  readonly empty: Uint32Array;
  /** Rows with a field that is not ASCII: the caller applies the full rules. */
  readonly beyondAscii: Uint32Array;
}

export interface GroupedRecords {
  readonly records: Uint8Array;
  /** Bucket b holds records offsets[b] to offsets[b + 1]. */
  readonly offsets: Uint32Array;
}

export interface SortedRecords {
  /** Ascending, each once. */
  readonly digests: Uint8Array;
  /** The lowest row of each digest. */
  readonly rows: Uint32Array;
  /** Rows whose digest has a lower row too, ascending. */
  readonly repeated: Uint32Array;
  /** Which of `digests` each of those has. */
  readonly repeatedOf: Uint32Array;
}

export interface IdKernels {
  /** Field f of row r is message f·rows + r and goes by `rules[f]`; empty: missing. */
  normaliseIds(messages: Uint8Array, offsets: Uint32Array, rules: readonly AsciiRules[]): Promise<NormalisedIds>;
  /** Records of 16-byte digests by their leading `bits` (0 to 16), in the given order within each bucket. */
  groupRecords(digests: Uint8Array, rows: Uint32Array, bits: number): Promise<GroupedRecords>;
  /**
   * One bucket's records by ascending digest; all share their leading `bits`. The result lies in `out`, digests before
   * rows, which has the length of the records and starts at a multiple of four bytes.
   */
  sortRecords(records: Uint8Array, bits: number, out?: Uint8Array): Promise<SortedRecords>;
}

export const DIGEST_BYTES = 16;
export const RECORD_BYTES = DIGEST_BYTES + 4;
export const GROUP_BITS_MAX = 16;

/**
 * `normaliseIds` for strings that are still in the memory of the database engine, so native only: `strings` holds the
 * `duckdb_string_t` of field f of row r at f·rows + r, a length of 0 for a missing value. The engine's chunks must stay
 * alive until the promise settles.
 */
export type NormaliseStrings = (strings: Uint8Array, rules: readonly AsciiRules[]) => Promise<NormalisedIds>;
export const STRING_BYTES = 16;
