/**
 * The plain form of a table: Parquet with flat columns, PLAIN values, no compression, no dictionaries, and one page per
 * column and row group. The engine reads it like any Parquet; kernels read its pages as they lie in the file.
 */
import { BIT_WIDTH, TEXT_WIDTH } from "@tombolo/kernels";
import {
  i32,
  i64,
  list,
  type Struct,
  struct,
  structOf,
  structs,
  ThriftReader,
  text,
  textOf,
  type Value,
} from "./thrift.ts";

export const MAGIC = new Uint8Array([0x50, 0x41, 0x52, 0x31]);

export interface PlainColumn {
  readonly name: string;
  /** Parquet's physical type. */
  readonly type: number;
  /** As kernels name it. */
  readonly width: number;
  readonly optional: boolean;
  readonly kind: "text" | "whole" | "other";
  /** Its schema element, as another file can take it over. */
  readonly element: Uint8Array;
}

export interface PlainChunk {
  readonly offset: number;
  readonly bytes: number;
}

export interface PlainGroup {
  readonly rows: number;
  /** One per column. */
  readonly chunks: readonly PlainChunk[];
}

export interface PlainFooter {
  readonly columns: readonly PlainColumn[];
  readonly groups: readonly PlainGroup[];
  readonly rowCount: number;
}

const [BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const WIDTHS: Readonly<Record<number, number>> = {
  [BOOLEAN]: BIT_WIDTH,
  [INT32]: 4,
  [INT64]: 8,
  [INT96]: 12,
  [FLOAT]: 4,
  [DOUBLE]: 8,
  [BYTE_ARRAY]: TEXT_WIDTH,
};
const UTF8 = 0;
const SIGNED_64 = 18;
const OPTIONAL = 1;
const [PLAIN, RLE] = [0, 3] as const;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;
/** Ids of fields in Parquet's Thrift definition. */
const FILE = { version: 1, schema: 2, rows: 3, groups: 4, createdBy: 6 } as const;
const ELEMENT = { type: 1, length: 2, repetition: 3, name: 4, children: 5, converted: 6 } as const;
const GROUP = { columns: 1, bytes: 2, rows: 3 } as const;
const CHUNK = { offset: 2, meta: 3 } as const;
const META = {
  type: 1,
  encodings: 2,
  path: 3,
  codec: 4,
  values: 5,
  bytesPlain: 6,
  bytes: 7,
  page: 9,
  dictionary: 11,
} as const;
const PAGE = { type: 1, bytesPlain: 2, bytes: 3, data: 5 } as const;
const DATA = { values: 1, encoding: 2, levels: 3, repetitions: 4 } as const;

/** Null: a table of another form. */
export function parseFooter(bytes: Uint8Array): PlainFooter | null {
  try {
    const file = new ThriftReader(bytes).struct();
    const [root, ...elements] = listOf(file, FILE.schema) as readonly Struct[];
    const columns = elements.map(columnOf);
    if (number(root!, ELEMENT.children) !== columns.length || columns.length === 0) return null;
    const groups = (listOf(file, FILE.groups) as readonly Struct[]).map((group) => groupOf(group, columns));
    return { columns, groups, rowCount: number(file, FILE.rows) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function columnOf(element: Struct): PlainColumn {
  const type = number(element, ELEMENT.type);
  const converted = element.fields.get(ELEMENT.converted);
  const repetition = number(element, ELEMENT.repetition);
  const width = type === FIXED ? number(element, ELEMENT.length) : WIDTHS[type];
  if (element.fields.has(ELEMENT.children) || repetition > OPTIONAL) throw new RangeError("a nested column");
  if (width === undefined || width < 0 || (type === FIXED && (width === 0 || width >= BIT_WIDTH)))
    throw new RangeError("an unknown type of column");
  const whole = type === INT64 && (converted === undefined || converted === SIGNED_64);
  return {
    name: textOf(element.fields.get(ELEMENT.name)),
    type,
    width,
    optional: repetition === OPTIONAL,
    kind: type === BYTE_ARRAY && converted === UTF8 ? "text" : whole ? "whole" : "other",
    element: element.bytes.slice(),
  };
}

function groupOf(group: Struct, columns: readonly PlainColumn[]): PlainGroup {
  const rows = number(group, GROUP.rows);
  const chunks = (listOf(group, GROUP.columns) as readonly Struct[]).map((chunk) => {
    const meta = chunk.fields.get(CHUNK.meta) as Struct;
    const encodings = listOf(meta, META.encodings);
    const plain = encodings.every((encoding) => encoding === PLAIN || encoding === RLE);
    if (!plain || number(meta, META.codec) !== UNCOMPRESSED || meta.fields.has(META.dictionary))
      throw new RangeError("a packed column");
    if (number(meta, META.values) !== rows) throw new RangeError("a nested column");
    return { offset: number(meta, META.page), bytes: number(meta, META.bytes) };
  });
  if (chunks.length !== columns.length) throw new RangeError("columns are missing");
  return { rows, chunks };
}

/** Where the body starts of the only page of a chunk of `bytes`, of which `head` is the start. Throws RangeError. */
export function pageBody(head: Uint8Array, bytes: number, rows: number): number {
  const reader = new ThriftReader(head);
  const page = reader.struct();
  const data = page.fields.get(PAGE.data);
  if (number(page, PAGE.type) !== DATA_PAGE || typeof data !== "object" || !("fields" in data))
    throw new RangeError("another kind of page");
  const whole = number(page, PAGE.bytes) === bytes - reader.at && number(data, DATA.values) === rows;
  if (!whole || number(data, DATA.encoding) !== PLAIN || number(data, DATA.levels) !== RLE)
    throw new RangeError("several pages");
  return reader.at;
}

export const pageHeader = (rows: number, bytes: number): Uint8Array =>
  Uint8Array.from(
    structOf([
      [PAGE.type, i32(DATA_PAGE)],
      [PAGE.bytesPlain, i32(bytes)],
      [PAGE.bytes, i32(bytes)],
      [
        PAGE.data,
        struct(
          structOf([
            [DATA.values, i32(rows)],
            [DATA.encoding, i32(PLAIN)],
            [DATA.levels, i32(RLE)],
            [DATA.repetitions, i32(RLE)],
          ]),
        ),
      ],
    ]),
  );

/** A column of text whose values may be missing. */
export const textElement = (name: string): Uint8Array =>
  Uint8Array.from(
    structOf([
      [ELEMENT.type, i32(BYTE_ARRAY)],
      [ELEMENT.repetition, i32(OPTIONAL)],
      [ELEMENT.name, text(name)],
      [ELEMENT.converted, i32(UTF8)],
    ]),
  );

export const textColumn = (name: string): PlainColumn => ({
  name,
  type: BYTE_ARRAY,
  width: TEXT_WIDTH,
  optional: true,
  kind: "text",
  element: textElement(name),
});

export function footerOf({ columns, groups, rowCount }: PlainFooter): Uint8Array {
  const root = structOf([
    [ELEMENT.repetition, i32(0)],
    [ELEMENT.name, text("table")],
    [ELEMENT.children, i32(columns.length)],
  ]);
  return Uint8Array.from(
    structOf([
      [FILE.version, i32(1)],
      [FILE.schema, structs([root, ...columns.map(({ element }) => element)])],
      [FILE.rows, i64(rowCount)],
      [FILE.groups, groups.length === 0 ? structs([]) : structs(groups.map((group) => groupBytes(group, columns)))],
      [FILE.createdBy, text("tombolo")],
    ]),
  );
}

function groupBytes({ rows, chunks }: PlainGroup, columns: readonly PlainColumn[]): number[] {
  const encoded = chunks.map((chunk, i) => chunkBytes(chunk, columns[i]!, rows));
  return structOf([
    [GROUP.columns, structs(encoded)],
    [GROUP.bytes, i64(chunks.reduce((sum, { bytes }) => sum + bytes, 0))],
    [GROUP.rows, i64(rows)],
  ]);
}

function chunkBytes({ offset, bytes }: PlainChunk, { type, name }: PlainColumn, rows: number): number[] {
  const meta = structOf([
    [META.type, i32(type)],
    [META.encodings, list([i32(PLAIN), i32(RLE)])],
    [META.path, list([text(name)])],
    [META.codec, i32(UNCOMPRESSED)],
    [META.values, i64(rows)],
    [META.bytesPlain, i64(bytes)],
    [META.bytes, i64(bytes)],
    [META.page, i64(offset)],
  ]);
  return structOf([
    [CHUNK.offset, i64(offset)],
    [CHUNK.meta, struct(meta)],
  ]);
}

function number(struct: Struct, id: number): number {
  const value = struct.fields.get(id);
  if (typeof value !== "number") throw new RangeError("a field is missing");
  return value;
}

function listOf(struct: Struct, id: number): readonly Value[] {
  const value = struct.fields.get(id);
  if (!Array.isArray(value)) throw new RangeError("a field is missing");
  return value;
}
