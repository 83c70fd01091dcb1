/** A CSV file that all readers take alike, as a plain table of text. */
import { type FileHandle, open } from "node:fs/promises";
import { tableKernels } from "@tombolo/kernels";
import { textColumn } from "./format.ts";
import { PlainWriter } from "./plain-file.ts";

const CHUNK_BYTES = 4 * 2 ** 20;
/** Half of a chunk is read at a time; a record of up to 2,000,000 bytes fits what is left. */
const REFILL_BYTES = 2 * 2 ** 20;
const GROUP_ROWS_MAX = 2 ** 17;
const HEADER_BYTES_MAX = 2 ** 20;
const LF = 10;

export interface TextTable {
  readonly columns: readonly string[];
  readonly rowCount: number;
}

/** Null, and `target` of no use, where the text is not that plain: the engine has to say what it means. */
export async function plainCsvTable(source: string, target: string, signal?: AbortSignal): Promise<TextTable | null> {
  if (tableKernels === null) return null;
  const file = await open(source, "r");
  try {
    const text = new CsvText(file);
    await text.fill();
    const columns = text.header();
    if (columns === null) return null;
    const writer = await PlainWriter.create(target, columns.map(textColumn));
    const whole = await copyRows(text, columns.length, writer, signal).catch(async (error: unknown) => {
      await writer.abandon();
      throw error;
    });
    if (!whole || writer.rowCount === 0) {
      await writer.abandon();
      return null;
    }
    await writer.finish({ sync: false });
    return { columns, rowCount: writer.rowCount };
  } finally {
    await file.close();
  }
}

async function copyRows(
  text: CsvText,
  columns: number,
  writer: PlainWriter,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // A value of one byte and its comma become five; levels take a bit a value, and some bytes a column.
  const rooms = [0, 1].map(() => new Uint8Array(3 * CHUNK_BYTES + 32 * columns));
  let written: Promise<void> = Promise.resolve();
  let lineEnd = 0;
  for (let turn = 0; ; turn++) {
    signal?.throwIfAborted();
    await text.fill();
    const { rest, last } = text;
    if (rest.length === 0) break;
    const room = rooms[turn % 2]!;
    const answer = await tableKernels!.csvPages(rest, columns, lineEnd, GROUP_ROWS_MAX, last, room);
    await written;
    const [consumed = 0, rows = 0] = answer;
    if (rows === 0) return false;
    lineEnd = answer[2]!;
    text.take(consumed);
    written = writer.group(rows, room, answer.subarray(3));
    written.catch(() => {}); // seen by the await of the next turn
  }
  await written;
  return true;
}

/** What of a file is in memory. */
class CsvText {
  readonly #file: FileHandle;
  readonly #room = new Uint8Array(CHUNK_BYTES);
  #start = 0;
  #end = 0;
  last = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get rest(): Uint8Array {
    return this.#room.subarray(this.#start, this.#end);
  }

  take(bytes: number): void {
    this.#start += bytes;
  }

  async fill(): Promise<void> {
    if (this.last || this.#end - this.#start >= REFILL_BYTES) return;
    this.#room.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    while (!this.last && this.#end < CHUNK_BYTES) {
      const { bytesRead } = await this.#file.read(this.#room, this.#end, CHUNK_BYTES - this.#end);
      this.#end += bytesRead;
      this.last = bytesRead === 0;
    }
  }

  /** Takes the first line; null where it is not plain. */
  header(): readonly string[] | null {
    const end = this.rest.indexOf(LF);
    if (end < 0 || end > HEADER_BYTES_MAX) return null;
    const names = plainNames(this.rest.subarray(0, end));
    this.take(end + 1);
    return names;
  }
}

function plainNames(line: Uint8Array): readonly string[] | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return null;
  }
  const names = text.replace(/\r$/, "").split(",");
  const plain = names.every((name) => /^[\p{L}\p{N}@_][\p{L}\p{N}\p{M}@_. -]*$/u.test(name) && name === name.trim());
  return plain && new Set(names.map((name) => name.toLowerCase())).size === names.length ? names : null;
}
