/**
 * Kernels on tables in their plain form: Parquet without compression or dictionaries, one page per column and row group.
 * Native only: without them the database engine does the same, on tables of any form, several times slower.
 *
 * Columns are given as four numbers each: the width of a value (see below), 1 where it may be missing, and where its
 * page's body starts and ends. `out` is memory of the caller, left alone until the promise settles.
 */
import type { AsciiRules } from "./id-kernels.ts";

/** Width of text; other widths are bytes, and of bits the largest. */
export const TEXT_WIDTH = 0;
export const BIT_WIDTH = 0x1_0001;
/** A row that has no place in the new table. */
export const NOWHERE = 0xffff_ffff;

export interface SpreadIds {
  /** Bucket b's records are offsets[b] to offsets[b + 1] in `out`. */
  readonly offsets: Uint32Array;
  /** Rows of the group without a usable id, ascending. */
  readonly empty: Uint32Array;
  /** Of each row with text beyond ASCII: the row, and for each column where its text starts and ends. */
  readonly beyondAscii: Uint32Array;
}

/** How digests are made and grouped: hashed after `prefix`, by their leading `bits`, with rows counted from `firstRow`. */
export interface SpreadBuckets {
  readonly prefix: Uint8Array;
  readonly bits: number;
  readonly firstRow: number;
}

export interface TableKernels {
  /**
   * Comma-separated records from the start of `bytes`, all values text, to pages; an empty value is missing. `lineEnd`:
   * 1 where records ended with LF so far, 2 with CR and LF, 0 not known; `last`: the final record may lack it.
   * Gives bytes taken, rows, line end, then for each column start and end of values and of levels in `out`; nothing at
   * all where readers could differ over the text: ragged or blank records, quotes within values, `#`, broken UTF-8.
   */
  csvPages(
    bytes: Uint8Array,
    columns: number,
    lineEnd: number,
    rowsMax: number,
    last: boolean,
    out: Uint8Array,
  ): Promise<Uint32Array>;
  /** `normaliseIds`, `idDigests` and `groupRecords` of a row group's id columns in one, `rules` one per column. */
  spreadIds(
    bytes: Uint8Array,
    columns: Uint32Array,
    rows: number,
    rules: readonly AsciiRules[],
    buckets: SpreadBuckets,
    out: Uint8Array,
  ): Promise<SpreadIds>;
  /** Rows that have a place, as records, by place / 2^shift; where each part starts in `out`, and the end. */
  scatterRows(
    bytes: Uint8Array,
    columns: Uint32Array,
    places: Uint32Array,
    parts: number,
    shift: number,
    out: Uint8Array,
  ): Promise<Uint32Array>;
  /** One part's records to pages in order of place; for each column start and end of values and of levels in `out`. */
  gatherRows(
    records: Uint8Array,
    columns: Uint32Array,
    firstPlace: number,
    rows: number,
    out: Uint8Array,
  ): Promise<Uint32Array>;
  /** Text and whole numbers as comma-separated text, byte for byte as the engine writes it; one number, its length. */
  csvText(bytes: Uint8Array, columns: Uint32Array, rows: number, out: Uint8Array): Promise<Uint32Array>;
}
