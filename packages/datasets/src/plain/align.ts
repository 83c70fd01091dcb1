/**
 * Rows of a plain table in a new order, in memory of fixed size: in file order they go to parts of the new table, each
 * part is put in order and becomes a row group. Everything is read and written front to back.
 */
import { tableKernels } from "@tombolo/kernels";
import { BucketFiles } from "../streaming/bucket-files.ts";
import { PlainTable, PlainWriter } from "./plain-file.ts";

/** About this much is put in order at a time: it should fit the processor's cache. */
const PART_BYTES = 4 * 2 ** 20;
const [SHIFT_MIN, SHIFT_MAX] = [6, 17];
const PARTS_MAX = 4096;
/** What a record holds besides values and their lengths. */
const HEAD_BYTES = 8;

export interface Placed {
  /** How many rows the new table has. */
  readonly length: number;
  /** Place of each row, or NOWHERE, one range of rows after another. */
  places(): AsyncIterable<{ readonly places: Uint32Array }>;
}

/** False, with nothing done, for a table of another form. `folder`: for what does not fit memory. */
export async function alignPlain(
  source: string,
  target: string,
  order: Placed,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const table = tableKernels === null ? null : await PlainTable.open(source);
  if (table === null) return false;
  try {
    const shift = shiftOf(table);
    const parts = Math.ceil(order.length / 2 ** shift);
    if (parts > PARTS_MAX) return false;
    const files = await BucketFiles.create(folder, parts);
    await scatter(table, order, files, shift, signal);
    await files.finish();
    await gather(table, target, order.length, { folder, shift, sizes: files.sizes }, signal);
    await BucketFiles.remove(folder);
    return true;
  } finally {
    await table.close();
  }
}

/** Rows of a part, as a power of two. */
function shiftOf({ footer }: PlainTable): number {
  const bytes = footer.groups.reduce((sum, { chunks }) => sum + chunks.reduce((all, chunk) => all + chunk.bytes, 0), 0);
  const recordBytes = bytes / Math.max(1, footer.rowCount) + HEAD_BYTES + footer.columns.length / 8;
  return Math.min(SHIFT_MAX, Math.max(SHIFT_MIN, Math.floor(Math.log2(PART_BYTES / recordBytes))));
}

async function scatter(
  table: PlainTable,
  order: Placed,
  files: BucketFiles,
  shift: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const places = new Places(order.places());
  const columns = table.footer.columns.map((_, i) => i);
  const parts = files.sizes.length;
  let room = new Uint8Array(0);
  await table.each(columns, async ({ bytes, rows, columns: pages }) => {
    signal?.throwIfAborted();
    // A bit becomes a byte, and levels of any length at most a bit a value.
    const bytesMax = 8 * bytes.length + rows * (HEAD_BYTES + Math.ceil(columns.length / 8));
    if (room.length < bytesMax) room = new Uint8Array(bytesMax);
    const offsets = await tableKernels!.scatterRows(bytes, pages, await places.next(rows), parts, shift, room);
    for (let part = 0; part < parts; part++)
      if (offsets[part + 1]! > offsets[part]!)
        await files.append(part, room.subarray(offsets[part], offsets[part + 1]));
  });
}

interface Parts {
  readonly folder: string;
  readonly shift: number;
  readonly sizes: readonly number[];
}

async function gather(
  { footer: { columns } }: PlainTable,
  target: string,
  rowCount: number,
  { folder, shift, sizes }: Parts,
  signal: AbortSignal | undefined,
): Promise<void> {
  const widths = Uint32Array.from(columns.flatMap(({ width, optional }) => [width, optional ? 1 : 0, 0, 0]));
  const writer = await PlainWriter.create(target, columns);
  try {
    const most = Math.max(0, ...sizes);
    const rooms = [0, 1].map(() => new Uint8Array(most + columns.length * (2 ** shift / 8 + 16)));
    let written: Promise<void> = Promise.resolve();
    for (let part = 0; part < sizes.length; part++) {
      signal?.throwIfAborted();
      const first = part * 2 ** shift;
      const rows = Math.min(2 ** shift, rowCount - first);
      const records = await BucketFiles.read(folder, part);
      const room = rooms[part % 2]!;
      const regions = await tableKernels!.gatherRows(records, widths, first, rows, room);
      await written;
      written = writer.group(rows, room, regions);
      written.catch(() => {}); // seen by the await of the next turn
    }
    await written;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.finish({ sync: true });
}

/** Ranges of places, taken in pieces of any length. */
class Places {
  readonly #ranges: AsyncIterator<{ readonly places: Uint32Array }>;
  #range = new Uint32Array(0);

  constructor(ranges: ReturnType<Placed["places"]>) {
    this.#ranges = ranges[Symbol.asyncIterator]();
  }

  async next(count: number): Promise<Uint32Array> {
    if (this.#range.length >= count) return this.#taken(count);
    const out = new Uint32Array(count);
    for (let at = 0; at < count; ) {
      if (this.#range.length === 0) {
        const next = await this.#ranges.next();
        if (next.done === true) throw new Error("assertion failed: a place for each row");
        this.#range = next.value.places as Uint32Array<ArrayBuffer>;
      }
      const part = this.#taken(Math.min(count - at, this.#range.length));
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #taken(count: number): Uint32Array {
    const part = this.#range.subarray(0, count);
    this.#range = this.#range.subarray(count);
    return part;
  }
}
