/**
 * Rows of a table in a new order, without the table in memory: places sorted by row are laid beside the table as it is
 * read, and the engine sorts by them, on disk where memory ends.
 */
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBDataChunk, UINTEGER } from "@duckdb/node-api";
import engineBindings from "@duckdb/node-bindings";
import { toHex } from "@tombolo/base";
import { NOWHERE } from "@tombolo/kernels";
import { engineIn, literal, withEngine } from "../engine.ts";
import { makeWhole } from "../make-whole.ts";
import { alignPlain } from "../plain/align.ts";
import { syncPath, type WriteOptions } from "../write-table.ts";
import { BucketFiles } from "./bucket-files.ts";

const RANGE_BITS = 24;
const RANGE_ROWS = 2 ** RANGE_BITS;
/** Row, place, copies. */
const ENTRY_WORDS = 3;
const CHUNK_ROWS = 2048;

export interface Places {
  /** Of each row of a range, or NOWHERE. */
  readonly places: Uint32Array;
  /** How often the row comes there; null: once. */
  readonly copies: Uint32Array | null;
}

/**
 * Which row of the table comes at which place: written in the order of places, read in the order of rows. In memory up
 * to a size, else in files by ranges of rows.
 */
export class RowOrder {
  readonly #folder: string;
  readonly #files: BucketFiles;
  readonly #rowCount: number;
  /** Where one range holds all rows. */
  readonly #only: Uint32Array | null;
  #copies: Uint32Array | null = null;
  #entries = 0;
  #length = 0;

  private constructor(folder: string, files: BucketFiles, rowCount: number) {
    this.#folder = folder;
    this.#files = files;
    this.#rowCount = rowCount;
    this.#only = rowCount <= RANGE_ROWS ? new Uint32Array(rowCount).fill(NOWHERE) : null;
  }

  /** For a table of `rowCount` rows; in a folder of its own. */
  static async create(folder: string, rowCount: number): Promise<RowOrder> {
    const ranges = Math.max(1, Math.ceil(rowCount / RANGE_ROWS));
    return new RowOrder(folder, await BucketFiles.create(folder, ranges), rowCount);
  }

  /** Rows in all, each as often as it comes. */
  get length(): number {
    return this.#length;
  }

  /** Whether any row comes more than once. */
  get repeats(): boolean {
    return this.#length > this.#entries;
  }

  /** The rows that come next, in order, each once in the whole order; `copies[i]`: row i comes so often, at least once. */
  async append(rows: Uint32Array, copies?: Uint32Array): Promise<void> {
    const first = this.#entries;
    this.#entries += rows.length;
    this.#length += copies === undefined ? rows.length : copies.reduce((sum, times) => sum + times, 0);
    if (this.#only !== null) return this.#place(this.#only, rows, first, copies);
    const { entries, starts } = entriesByRange(rows, copies, first, this.#files.sizes.length);
    for (let range = 0; range + 1 < starts.length; range++) {
      const part = entries.subarray(ENTRY_WORDS * starts[range]!, ENTRY_WORDS * starts[range + 1]!);
      if (part.length > 0)
        await this.#files.append(range, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }

  #place(places: Uint32Array, rows: Uint32Array, first: number, copies: Uint32Array | undefined): void {
    for (let i = 0; i < rows.length; i++) places[rows[i]!] = first + i;
    if (copies === undefined) return;
    this.#copies ??= new Uint32Array(places.length).fill(1);
    for (let i = 0; i < rows.length; i++) this.#copies[rows[i]!] = copies[i]!;
  }

  /** One range of rows after another. */
  async *places(): AsyncGenerator<Places> {
    if (this.#only !== null) return yield { places: this.#only, copies: this.#copies };
    await this.#files.finish();
    for (let range = 0; range * RANGE_ROWS < this.#rowCount; range++) {
      const bytes = await BucketFiles.read(this.#folder, range);
      const entries = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      const first = range * RANGE_ROWS;
      const places = new Uint32Array(Math.min(RANGE_ROWS, this.#rowCount - first)).fill(NOWHERE);
      const copies = this.repeats ? new Uint32Array(places.length) : null;
      for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
        places[entries[at]! - first] = entries[at + 1]!;
        if (copies !== null) copies[entries[at]! - first] = entries[at + 2]!;
      }
      yield { places, copies };
    }
  }

  remove(): Promise<void> {
    return BucketFiles.remove(this.#folder);
  }
}

/** Rows beside their places and copies, grouped by range of rows; where each range starts, and the end. */
function entriesByRange(rows: Uint32Array, copies: Uint32Array | undefined, first: number, ranges: number) {
  const starts = new Uint32Array(ranges + 1);
  for (let i = 0; i < rows.length; i++) starts[(rows[i]! >>> RANGE_BITS) + 1]! += 1;
  for (let range = 0; range < ranges; range++) starts[range + 1]! += starts[range]!;
  const next = starts.slice();
  const entries = new Uint32Array(rows.length * ENTRY_WORDS);
  for (let i = 0; i < rows.length; i++) {
    const at = ENTRY_WORDS * next[rows[i]! >>> RANGE_BITS]!++;
    entries[at] = rows[i]!;
    entries[at + 1] = first + i;
    entries[at + 2] = copies === undefined ? 1 : copies[i]!;
  }
  return { entries, starts };
}

export interface AlignOptions extends WriteOptions {
  /** The rows that have no place come last, in an order that only this key tells; without it they are left out. */
  readonly restKey?: Uint8Array;
  /** So many rows without any value come last. */
  readonly emptyRows?: number;
}

/** The rows of the table at `source` that `order` names, in its order, as a table at `target`, whole or not at all. */
export async function alignTable(
  source: string,
  target: string,
  order: RowOrder,
  options: AlignOptions = {},
): Promise<void> {
  const { signal, restKey, emptyRows = 0 } = options;
  const failure = { code: "resource.disk", message: "the aligned table could not be written", signal } as const;
  await makeWhole(target, failure, async (made) => {
    const once = restKey === undefined && emptyRows === 0 && !order.repeats;
    if (once && (await alignPlain(source, made, order, join(dirname(made), "parts"), signal))) return;
    await engineAlign(source, made, order, options);
    await syncPath(made);
  });
}

/** The same by the database engine, for tables of any form and all options. */
export async function engineAlign(
  source: string,
  target: string,
  order: RowOrder,
  options: AlignOptions = {},
): Promise<void> {
  await withEngine(engineIn(dirname(target), options, [dirname(source)]), async (engine) => {
    await loadPlaces(engine, order);
    await engine.run(
      `COPY (${alignedRows(source, order, options)}) TO ${literal(target)} (FORMAT parquet, COMPRESSION snappy)`,
    );
  });
}

/** No column of a table begins with @ but the engine's own and that of row ids. */
function alignedRows(source: string, { repeats }: RowOrder, { restKey, emptyRows = 0 }: AlignOptions): string {
  const rows = `read_parquet(${literal(source)}) rows POSITIONAL JOIN places`;
  if (restKey !== undefined) {
    const last = `CASE WHEN place = ${NOWHERE} THEN sha256(${literal(toHex(restKey))} || places.rowid) END`;
    return `SELECT rows.* FROM ${rows} ORDER BY place, ${last}`;
  }
  if (!repeats && emptyRows === 0) return `SELECT rows.* FROM ${rows} WHERE place <> ${NOWHERE} ORDER BY place`;
  const placed = `SELECT rows.*, place::BIGINT AS "@place", unnest(range(copies)) AS "@copy" FROM ${rows}
    WHERE place <> ${NOWHERE}`;
  const empty = `SELECT place AS "@place" FROM range(${NOWHERE}, ${NOWHERE + emptyRows}) missing(place)`;
  return `SELECT * EXCLUDE ("@place", "@copy") FROM (${placed} UNION ALL BY NAME ${empty}) ORDER BY "@place"`;
}

async function loadPlaces(engine: DuckDBConnection, order: RowOrder): Promise<void> {
  await engine.run("CREATE TABLE places (place UINTEGER, copies UINTEGER)");
  const appender = await engine.createAppender("places");
  const chunk = DuckDBDataChunk.create([UINTEGER, UINTEGER]);
  const ones = new Uint32Array(CHUNK_ROWS).fill(1);
  for await (const { places, copies } of order.places()) {
    for (let at = 0; at < places.length; at += CHUNK_ROWS) {
      chunk.rowCount = Math.min(CHUNK_ROWS, places.length - at);
      const columns = [places.subarray(at), copies?.subarray(at) ?? ones];
      for (const [index, column] of columns.entries()) {
        const part = column.subarray(0, chunk.rowCount);
        const vector = engineBindings.data_chunk_get_vector(chunk.chunk, index);
        engineBindings.copy_data_to_vector(vector, 0, part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
      }
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}
