/** Plain tables read and written a row group at a time, in memory that is used again. */
import { type FileHandle, open } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import {
  footerOf,
  MAGIC,
  type PlainColumn,
  type PlainFooter,
  type PlainGroup,
  pageBody,
  pageHeader,
  parseFooter,
} from "./format.ts";

/** A row group's columns in memory at once. */
const GROUP_BYTES_MAX = 256 * 2 ** 20;
const FOOTER_BYTES_MAX = 256 * 2 ** 20;
const HEAD_BYTES_MAX = 2 ** 16;
/** Of one call to the system. */
const PARTS_MAX = 512;

/** Pages of one row group, for a kernel. */
export interface PlainRows {
  readonly firstRow: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
  /** Four numbers per column. */
  readonly columns: Uint32Array;
}

export class PlainTable {
  readonly footer: PlainFooter;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, footer: PlainFooter) {
    this.#file = file;
    this.footer = footer;
  }

  /** Null for a table of another form, or one with row groups too large to be held. */
  static async open(path: string): Promise<PlainTable | null> {
    const file = await open(path, "r");
    let table: PlainTable | null = null;
    try {
      const footer = await readFooter(file);
      if (footer !== null && (await isPlain(file, footer))) table = new PlainTable(file, footer);
    } finally {
      if (table === null) await file.close();
    }
    return table;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * Calls `use` with the row groups one after another; the next is read while one is in use. Throws `input.parquet` for
   * pages that are not what they say they are, here or in the kernels that `use` hands them to.
   */
  async each(columns: readonly number[], use: (rows: PlainRows) => Promise<void>): Promise<void> {
    try {
      await this.#each(columns, use);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TomboloError("input.parquet", "the table is damaged", {
        remedy: "Import it again from its source.",
        cause: error,
      });
    }
  }

  async #each(columns: readonly number[], use: (rows: PlainRows) => Promise<void>): Promise<void> {
    const { groups } = this.footer;
    const room = new Uint8Array(Math.max(0, ...groups.map((group) => bytesOf(group, columns))));
    const rooms = [room, new Uint8Array(room.length)];
    let firstRow = 0;
    let inUse: Promise<void> = Promise.resolve();
    for (const [i, group] of groups.entries()) {
      const read = this.#read(group, columns, firstRow, rooms[i % 2]!);
      const [rows] = await Promise.all([read, inUse]);
      inUse = use(rows);
      inUse.catch(() => {}); // seen by the await of the next turn
      firstRow += group.rows;
    }
    await inUse;
  }

  async #read(group: PlainGroup, columns: readonly number[], firstRow: number, room: Uint8Array): Promise<PlainRows> {
    const words = new Uint32Array(4 * columns.length);
    let at = 0;
    for (const [i, column] of columns.entries()) {
      const { offset, bytes } = group.chunks[column]!;
      const { width, optional } = this.footer.columns[column]!;
      const chunk = await readExactly(this.#file, room.subarray(at, at + bytes), offset);
      words.set([width, optional ? 1 : 0, at + pageBody(chunk, bytes, group.rows), at + bytes], 4 * i);
      at += bytes;
    }
    return { firstRow, rows: group.rows, bytes: room.subarray(0, at), columns: words };
  }
}

const bytesOf = ({ chunks }: PlainGroup, columns: readonly number[]): number =>
  columns.reduce((sum, column) => sum + chunks[column]!.bytes, 0);

async function readFooter(file: FileHandle): Promise<PlainFooter | null> {
  const { size } = await file.stat();
  if (size < 12) return null;
  const end = await readExactly(file, new Uint8Array(8), size - 8);
  const length = new DataView(end.buffer).getUint32(0, true);
  if (!MAGIC.every((byte, i) => end[4 + i] === byte) || length > Math.min(size - 12, FOOTER_BYTES_MAX)) return null;
  return parseFooter(await readExactly(file, new Uint8Array(length), size - 8 - length));
}

/** What the footer leaves open is seen at the first row group: whoever wrote that wrote the others alike. */
async function isPlain(file: FileHandle, { columns, groups }: PlainFooter): Promise<boolean> {
  const all = columns.map((_, i) => i);
  if (groups.some((group) => bytesOf(group, all) > GROUP_BYTES_MAX)) return false;
  const [first] = groups;
  if (first === undefined) return true;
  try {
    for (const { offset, bytes } of first.chunks)
      pageBody(await readExactly(file, new Uint8Array(Math.min(bytes, HEAD_BYTES_MAX)), offset), bytes, first.rows);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

async function readExactly(file: FileHandle, room: Uint8Array, offset: number): Promise<Uint8Array> {
  for (let at = 0; at < room.length; ) {
    const { bytesRead } = await file.read(room, at, room.length - at, offset + at);
    if (bytesRead === 0) throw new RangeError("the file is cut off");
    at += bytesRead;
  }
  return room;
}

async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  for (let at = 0; at < parts.length; at += PARTS_MAX) {
    const some = parts.slice(at, at + PARTS_MAX).filter((part) => part.length > 0);
    const bytes = some.reduce((sum, part) => sum + part.length, 0);
    const { bytesWritten } = await file.writev(some);
    if (bytesWritten < bytes) await file.writeFile(Buffer.concat(some).subarray(bytesWritten));
  }
}

/** Writes a new file; whoever uses it renames it into place once it is finished. */
export class PlainWriter {
  readonly #file: FileHandle;
  readonly #columns: readonly PlainColumn[];
  readonly #groups: PlainGroup[] = [];
  #at = MAGIC.length;
  #rowCount = 0;

  private constructor(file: FileHandle, columns: readonly PlainColumn[]) {
    this.#file = file;
    this.#columns = columns;
  }

  static async create(path: string, columns: readonly PlainColumn[]): Promise<PlainWriter> {
    const file = await open(path, "wx", 0o600);
    await file.write(MAGIC);
    return new PlainWriter(file, columns);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** `regions` as kernels give them: where in `bytes` each column's values and levels are. */
  async group(rows: number, bytes: Uint8Array, regions: Uint32Array): Promise<void> {
    const parts: Uint8Array[] = [];
    const chunks = this.#columns.map((_, i) => {
      const [valuesStart, valuesEnd, levelsStart, levelsEnd] = regions.subarray(4 * i, 4 * i + 4);
      const [levels, values] = [bytes.subarray(levelsStart, levelsEnd), bytes.subarray(valuesStart, valuesEnd)];
      const header = pageHeader(rows, levels.length + values.length);
      parts.push(header, levels, values);
      const chunk = { offset: this.#at, bytes: header.length + levels.length + values.length };
      this.#at += chunk.bytes;
      return chunk;
    });
    await writeAll(this.#file, parts);
    this.#groups.push({ rows, chunks });
    this.#rowCount += rows;
  }

  async finish(options: { readonly sync: boolean }): Promise<void> {
    const footer = footerOf({ columns: this.#columns, groups: this.#groups, rowCount: this.#rowCount });
    const end = new Uint8Array(8);
    new DataView(end.buffer).setUint32(0, footer.length, true);
    end.set(MAGIC, 4);
    await writeAll(this.#file, [footer, end]);
    if (options.sync) await this.#file.sync();
    await this.#file.close();
  }

  /** The file is left to whoever removes its folder. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }
}
