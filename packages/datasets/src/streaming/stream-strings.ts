/**
 * Text columns of a table in batches, as the engine's own strings: no JavaScript string is made, memory stays bounded.
 * The engine's C interface documents the layout (`duckdb_string_t`: length and twelve bytes of text, or length, prefix and
 * a pointer into the chunk), so a batch holds its chunks until its user is done.
 */
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import engineBindings from "@duckdb/node-bindings";
import { TomboloError } from "@tombolo/base";
import { identifier, literal, queryRow, queryRows, withEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import { type ReadOptions, readEngine } from "../read-columns.ts";

const STRING_BYTES = 16;
const BATCH_ROWS_DEFAULT = 2 ** 17;
const WHOLE_MAX = 2 ** 53 - 1;

export interface StringBatch {
  /** Row of the table at which the batch starts. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** The `duckdb_string_t` of column c of row r at c·rowCount + r; length 0: missing. */
  readonly strings: Uint8Array;
  /** One value, for the few that need JavaScript. */
  text(column: number, row: number): string;
}

export interface StreamOptions extends ReadOptions {
  readonly batchRows?: number;
}

/**
 * Calls `use` with one batch after another, in file order; the next is read while one is in use. Returns the number of
 * rows. Columns of other types are read as text; numbers must be whole. Throws `input.columns`, `input.id-number`.
 */
export async function streamStrings(
  path: string,
  columns: readonly string[],
  options: StreamOptions,
  use: (batch: StringBatch) => Promise<void>,
): Promise<number> {
  try {
    return await withEngine(readEngine(path, options), async (engine) => {
      const select = await textSelect(engine, path, columns);
      const reader = new BatchReader(columns.length, options.batchRows ?? BATCH_ROWS_DEFAULT);
      const result = await engine.stream(`SELECT ${select} FROM read_parquet(${literal(path)})`);
      let inUse: Promise<void> = Promise.resolve();
      for (;;) {
        const batch = await reader.next(() => result.fetchChunk());
        options.signal?.throwIfAborted();
        await inUse;
        if (batch === undefined) return reader.rowCount;
        inUse = use(batch);
        inUse.catch(() => {}); // seen by the await above
      }
    });
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", options.signal);
  }
}

async function textSelect(engine: DuckDBConnection, path: string, columns: readonly string[]): Promise<string> {
  const source = `read_parquet(${literal(path)})`;
  const types = new Map(
    (await queryRows(engine, `DESCRIBE SELECT * FROM ${source}`)).map(([name, type]) => [String(name), String(type)]),
  );
  const parts: string[] = [];
  for (const name of columns) {
    const type = types.get(name);
    if (type === undefined) throw new TomboloError("input.columns", `the table has no column "${name}"`);
    if (type === "DOUBLE" || type === "FLOAT") await checkWhole(engine, source, name);
    const column = identifier(name);
    parts.push(type === "VARCHAR" ? column : type === "DOUBLE" ? `${column}::BIGINT::VARCHAR` : `${column}::VARCHAR`);
  }
  return parts.join(", ");
}

async function checkWhole(engine: DuckDBConnection, source: string, name: string): Promise<void> {
  const column = identifier(name);
  const [broken] = await queryRow(
    engine,
    `SELECT count(*) FROM ${source} WHERE ${column} IS NOT NULL AND NOT (${column} = trunc(${column}) AND abs(${column}) <= ${WHOLE_MAX})`,
  );
  if (Number(broken) > 0)
    throw new TomboloError("input.id-number", "an id column of numbers holds one that is not whole", {
      remedy: "Import the id column as text.",
    });
}

/** Gathers chunks to batches, in two rooms in turn: one is filled while the other is in use. */
class BatchReader {
  rowCount = 0;
  readonly #columns: number;
  readonly #batchRows: number;
  readonly #rooms: [Uint8Array, Uint8Array];
  /** The engine's memory that `strings` points into must not be collected while native code reads it. */
  readonly #held: DuckDBDataChunk[][] = [[], []];
  #turn = 0;
  #ahead: DuckDBDataChunk | null | undefined;

  constructor(columns: number, batchRows: number) {
    this.#columns = columns;
    this.#batchRows = batchRows;
    const room = (): Uint8Array => new Uint8Array(columns * batchRows * STRING_BYTES);
    this.#rooms = [room(), room()];
  }

  async next(fetch: () => Promise<DuckDBDataChunk | null>): Promise<StringBatch | undefined> {
    const chunks: DuckDBDataChunk[] = [];
    let rows = 0;
    for (;;) {
      const chunk = this.#ahead === undefined ? await fetch() : this.#ahead;
      this.#ahead = chunk;
      if (chunk === null || chunk.rowCount === 0 || rows + chunk.rowCount > this.#batchRows) break;
      chunks.push(chunk);
      rows += chunk.rowCount;
      this.#ahead = undefined;
    }
    if (rows === 0) return undefined;
    const room = this.#rooms[this.#turn]!;
    this.#held[this.#turn] = chunks;
    this.#turn = 1 - this.#turn;
    const strings = room.subarray(0, this.#columns * rows * STRING_BYTES);
    fill(strings, chunks, this.#columns, rows);
    const firstRow = this.rowCount;
    this.rowCount += rows;
    return { firstRow, rowCount: rows, strings, text: (column, row) => textAt(chunks, column, row) };
  }
}

function fill(strings: Uint8Array, chunks: readonly DuckDBDataChunk[], columns: number, rows: number): void {
  for (let column = 0; column < columns; column++) {
    let at = column * rows * STRING_BYTES;
    for (const chunk of chunks) {
      const vector = engineBindings.data_chunk_get_vector(chunk.chunk, column);
      const part = strings.subarray(at, at + chunk.rowCount * STRING_BYTES);
      part.set(engineBindings.vector_get_data(vector, part.length));
      clearMissing(
        part,
        engineBindings.vector_get_validity(vector, 8 * Math.ceil(chunk.rowCount / 64)),
        chunk.rowCount,
      );
      at += part.length;
    }
  }
}

/** Missing values have any bytes in the engine's memory; the validity mask has a bit for each. */
function clearMissing(strings: Uint8Array, valid: Uint8Array | null, rows: number): void {
  if (valid === null) return;
  for (let row = 0; row < rows; row++) {
    if (row % 8 === 0 && valid[row / 8] === 0xff) row += 7;
    else if (((valid[row >> 3]! >> (row & 7)) & 1) === 0) strings.fill(0, row * STRING_BYTES, (row + 1) * STRING_BYTES);
  }
}

function textAt(chunks: readonly DuckDBDataChunk[], column: number, row: number): string {
  let left = row;
  for (const chunk of chunks) {
    if (left < chunk.rowCount) return (chunk.getColumnVector(column).getItem(left) as string | null) ?? "";
    left -= chunk.rowCount;
  }
  throw new Error("assertion failed: the row is in the batch");
}
