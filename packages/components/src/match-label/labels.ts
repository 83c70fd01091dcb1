/** Columns as labels of one width: a number takes 8 bytes, a text its length and as many bytes as agreed. */
import { type Column, TomboloError, takeRows, utf8 } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";
import { type Handed, LENGTH_BYTES, labelWidth, widthOf } from "./parameters.ts";

const MISSING = 0xffff;

/** Of `rows` of the table, in that order. Throws `input.columns`, `input.labels`. */
export function encodeLabels(table: TaskTable, rows: ArrayLike<number>, handed: readonly Handed[]): Uint8Array {
  const width = labelWidth(handed);
  const out = new Uint8Array(rows.length * width);
  let offset = 0;
  for (const each of handed) {
    const column = takeRows(columnNamed(table, each.column), rows);
    if (column.kind !== each.kind)
      throw new TomboloError("input.columns", `${each.column} holds ${column.kind}s`, {
        remedy: `Name it as ${column.kind} in the task.`,
      });
    if (column.kind === "number") writeNumbers(column.values, out, offset, width);
    else writeTexts(column, each, out, offset, width);
    offset += widthOf(each);
  }
  return out;
}

function writeNumbers(values: Float64Array, out: Uint8Array, offset: number, width: number): void {
  const view = new DataView(out.buffer, out.byteOffset);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * width + offset, values[i]!, true);
}

function writeTexts(
  { codes, categories }: Extract<Column, { kind: "text" }>,
  { column, bytes }: Handed,
  out: Uint8Array,
  offset: number,
  width: number,
): void {
  const view = new DataView(out.buffer, out.byteOffset);
  const texts = categories.map((text) => utf8(text));
  for (let i = 0; i < codes.length; i++) {
    const at = i * width + offset;
    const text = texts[codes[i]!];
    if (text !== undefined && text.length > bytes)
      throw new TomboloError("input.labels", `a value of ${column} takes more than ${bytes} bytes`, {
        remedy: "Allow more bytes for the column, or leave it out.",
      });
    view.setUint16(at, text === undefined ? MISSING : text.length, true);
    if (text !== undefined) out.set(text, at + LENGTH_BYTES);
  }
}

/** `name` says what a handed column is called here. Throws `protocol.malformed`. */
export function decodeLabels(
  labels: Uint8Array,
  handed: readonly Handed[],
  name: (column: string) => string,
  blame: string,
): Column[] {
  const width = labelWidth(handed);
  let offset = 0;
  return handed.map((each) => {
    const from = { labels, offset, width, count: labels.length / width };
    offset += widthOf(each);
    return each.kind === "number"
      ? { kind: "number", name: name(each.column), values: readNumbers(from) }
      : { kind: "text", name: name(each.column), ...readTexts(from, each.bytes, blame) };
  });
}

interface Strip {
  readonly labels: Uint8Array;
  readonly offset: number;
  readonly width: number;
  readonly count: number;
}

function readNumbers({ labels, offset, width, count }: Strip): Float64Array {
  const view = new DataView(labels.buffer, labels.byteOffset);
  const values = Float64Array.from({ length: count }, (_, i) => view.getFloat64(i * width + offset, true));
  // A partner may send what no table has.
  return values.map((value) => (Number.isFinite(value) ? value : Number.NaN));
}

function readTexts({ labels, offset, width, count }: Strip, most: number, blame: string) {
  const view = new DataView(labels.buffer, labels.byteOffset);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const known = new Map<string, number>();
  const codes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * width + offset;
    const length = view.getUint16(at, true);
    if (length === MISSING) {
      codes[i] = -1;
      continue;
    }
    const text =
      length > most ? undefined : decoded(decoder, labels.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
    if (text === undefined) throw new TomboloError("protocol.malformed", "a handed-over text is malformed", { blame });
    const code = known.get(text) ?? known.size;
    known.set(text, code);
    codes[i] = code;
  }
  return { codes, categories: [...known.keys()] };
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
