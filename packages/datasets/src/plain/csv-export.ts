/** A plain table of text and whole numbers as CSV, byte for byte as the engine writes it. */
import { open } from "node:fs/promises";
import { tableKernels } from "@tombolo/kernels";
import { PlainTable } from "./plain-file.ts";

/** Beside twice the text: commas, quotes and line ends, and what a number takes more in digits. */
const VALUE_BYTES = 8;
const PLAIN_NAME = /^[\p{L}\p{N}_]+$/u;

/** False, with nothing done, for a table or columns of another form. */
export async function exportPlainCsv(
  source: string,
  target: string,
  chosen: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const table = tableKernels === null ? null : await PlainTable.open(source);
  if (table === null) return false;
  try {
    const { columns } = table.footer;
    const indices = (chosen ?? columns.map(({ name }) => name)).map((name) =>
      columns.findIndex((column) => column.name === name),
    );
    const plain = indices.map((index) => columns[index]);
    if (!plain.every((column) => column !== undefined && column.kind !== "other" && PLAIN_NAME.test(column.name)))
      return false;
    await write(table, target, indices, signal);
    return true;
  } finally {
    await table.close();
  }
}

async function write(
  table: PlainTable,
  target: string,
  columns: readonly number[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(target, "wx", 0o600);
  try {
    const names = columns.map((index) => table.footer.columns[index]!.name);
    await file.writeFile(`${names.join(",")}\n`);
    let room = new Uint8Array(0);
    await table.each(columns, async ({ bytes, rows, columns: pages }) => {
      signal?.throwIfAborted();
      const bytesMax = 2 * bytes.length + VALUE_BYTES * rows * columns.length;
      if (room.length < bytesMax) room = new Uint8Array(bytesMax);
      const [length] = await tableKernels!.csvText(bytes, pages, rows, room);
      await file.writeFile(room.subarray(0, length));
    });
  } finally {
    await file.close();
  }
}
