/**
 * Rows of a table in a new order, without the table in memory: places sorted by row are laid beside the table as it is
 * read, and the engine sorts by them, on disk where memory ends.
 */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBDataChunk, UINTEGER } from "@duckdb/node-api";
import engineBindings from "@duckdb/node-bindings";
import { literal, withEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import { defaultLimits } from "../types.ts";
import { syncPath, type WriteOptions } from "../write-table.ts";
import { BucketFiles } from "./bucket-files.ts";

const RANGE_ROWS = 2 ** 22;
const PAIR_WORDS = 2;
const CHUNK_ROWS = 2048;
/** Of a row that is left out. */
const NOWHERE = 0xffff_ffff;

/** Which row of the table comes at which place: written in the order of places, read in the order of rows. */
export class RowOrder {
  readonly #folder: string;
  readonly #files: BucketFiles;
  readonly #rowCount: number;
  #length = 0;

  private constructor(folder: string, files: BucketFiles, rowCount: number) {
    this.#folder = folder;
    this.#files = files;
    this.#rowCount = rowCount;
  }

  /** For a table of `rowCount` rows; in a folder of its own. */
  static async create(folder: string, rowCount: number): Promise<RowOrder> {
    const ranges = Math.max(1, Math.ceil(rowCount / RANGE_ROWS));
    return new RowOrder(folder, await BucketFiles.create(folder, ranges), rowCount);
  }

  get length(): number {
    return this.#length;
  }

  /** The rows that come next, in order. */
  async append(rows: Uint32Array): Promise<void> {
    const ranges = this.#files.sizes.length;
    const starts = new Uint32Array(ranges + 1);
    for (const row of rows) starts[Math.floor(row / RANGE_ROWS) + 1]! += 1;
    for (let range = 0; range < ranges; range++) starts[range + 1]! += starts[range]!;
    const next = starts.slice();
    const pairs = new Uint32Array(rows.length * PAIR_WORDS);
    for (let i = 0; i < rows.length; i++) {
      const at = PAIR_WORDS * next[Math.floor(rows[i]! / RANGE_ROWS)]!++;
      pairs[at] = rows[i]!;
      pairs[at + 1] = this.#length + i;
    }
    this.#length += rows.length;
    for (let range = 0; range < ranges; range++) {
      const part = pairs.subarray(PAIR_WORDS * starts[range]!, PAIR_WORDS * starts[range + 1]!);
      if (part.length > 0)
        await this.#files.append(range, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }

  /** The place of each row of the table, one range of rows after another. */
  async *places(): AsyncGenerator<Uint32Array> {
    await this.#files.finish();
    for (let range = 0; range * RANGE_ROWS < this.#rowCount; range++) {
      const bytes = await BucketFiles.read(this.#folder, range);
      const pairs = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      const places = new Uint32Array(Math.min(RANGE_ROWS, this.#rowCount - range * RANGE_ROWS)).fill(NOWHERE);
      for (let at = 0; at < pairs.length; at += PAIR_WORDS) places[pairs[at]! - range * RANGE_ROWS] = pairs[at + 1]!;
      yield places;
    }
  }

  remove(): Promise<void> {
    return BucketFiles.remove(this.#folder);
  }
}

/** The rows of the table at `source` that `order` names, in its order, as a table at `target`, whole or not at all. */
export async function alignTable(
  source: string,
  target: string,
  order: RowOrder,
  options: WriteOptions = {},
): Promise<void> {
  let work: string | undefined;
  try {
    work = await mkdtemp(join(dirname(target), ".align-"));
    const made = join(work, basename(target));
    const { memoryBytes, temporaryBytes, threads } = options.limits ?? defaultLimits;
    const engineOptions = {
      folders: [dirname(source), work],
      temporaryFolder: join(work, "spill"),
      memoryBytes,
      temporaryBytes,
      threads,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    await withEngine(engineOptions, async (engine) => {
      await loadPlaces(engine, order);
      await engine.run(
        `COPY (SELECT rows.* FROM read_parquet(${literal(source)}) rows POSITIONAL JOIN places
         WHERE place <> ${NOWHERE} ORDER BY place) TO ${literal(made)} (FORMAT parquet, COMPRESSION snappy)`,
      );
    });
    await syncPath(made);
    await rename(made, target);
  } catch (error) {
    throw storageError(error, "resource.disk", "the aligned table could not be written", options.signal);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

async function loadPlaces(engine: DuckDBConnection, order: RowOrder): Promise<void> {
  await engine.run("CREATE TABLE places (place UINTEGER)");
  const appender = await engine.createAppender("places");
  const chunk = DuckDBDataChunk.create([UINTEGER]);
  for await (const places of order.places()) {
    for (let at = 0; at < places.length; at += CHUNK_ROWS) {
      const part = places.subarray(at, at + CHUNK_ROWS);
      chunk.rowCount = part.length;
      const vector = engineBindings.data_chunk_get_vector(chunk.chunk, 0);
      engineBindings.copy_data_to_vector(vector, 0, part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}
