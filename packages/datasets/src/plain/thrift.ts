/** Thrift's compact protocol, as far as Parquet's metadata needs it. */
import { fromUtf8, utf8 } from "@tombolo/base";

export type Value = number | boolean | Uint8Array | readonly Value[] | Struct;

export interface Struct {
  readonly fields: ReadonlyMap<number, Value>;
  /** As it was encoded, its stop byte included. */
  readonly bytes: Uint8Array;
}

const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, , STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const DEPTH_MAX = 16;
const LIST_MAX = 2 ** 24;

/** Throws RangeError for anything else. */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(depth = 0): Struct {
    if (depth > DEPTH_MAX) throw new RangeError("nested too deep");
    const start = this.at;
    const fields = new Map<number, Value>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return { fields, bytes: this.#bytes.subarray(start, this.at) };
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      const type = head & 15;
      fields.set(id, type === TRUE ? true : type === FALSE ? false : this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): Value {
    switch (type) {
      case TRUE:
      case FALSE:
        return this.#byte() === TRUE;
      case BYTE:
        return this.#byte();
      case I16:
      case I32:
      case I64:
        return this.#zigzag();
      case DOUBLE:
        return this.#take(8);
      case BINARY:
        return this.#take(this.#varint());
      case LIST:
      case SET:
        return this.#list(depth);
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError("an unknown type of field");
    }
  }

  #list(depth: number): readonly Value[] {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (count > LIST_MAX) throw new RangeError("too long a list");
    return Array.from({ length: count }, () => this.#value(head & 15, depth + 1));
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError("cut off");
    return byte;
  }

  #take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new RangeError("cut off");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError("a number beyond 2^53");
      if (byte < 0x80) return value;
    }
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Bytes of fields by ascending id, each made by a function below, and the stop byte. */
export function structOf(fields: readonly (readonly [id: number, Field])[]): number[] {
  const out: number[] = [];
  let before = 0;
  for (const [id, { type, bytes }] of fields) {
    out.push(((id - before) << 4) | type);
    for (const byte of bytes) out.push(byte);
    before = id;
  }
  out.push(0);
  return out;
}

export interface Field {
  readonly type: number;
  readonly bytes: readonly number[];
}

export const i32 = (value: number): Field => ({ type: I32!, bytes: varint(2 * value) });
export const i64 = (value: number): Field => ({ type: I64!, bytes: varint(2 * value) });
export const text = (value: string): Field => ({
  type: BINARY!,
  bytes: [...varint(utf8(value).length), ...utf8(value)],
});
export const struct = (bytes: readonly number[]): Field => ({ type: STRUCT!, bytes });
export const list = (elements: readonly Field[]): Field =>
  listOfBytes(
    elements[0]!.type,
    elements.map(({ bytes }) => bytes),
  );
export const structs = (elements: readonly Iterable<number>[]): Field => listOfBytes(STRUCT!, elements);

function listOfBytes(type: number, elements: readonly Iterable<number>[]): Field {
  const bytes = elements.length < 15 ? [(elements.length << 4) | type] : [0xf0 | type, ...varint(elements.length)];
  for (const element of elements) for (const byte of element) bytes.push(byte);
  return { type: LIST!, bytes };
}

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
  return out;
}

export const textOf = (value: Value | undefined): string => (value instanceof Uint8Array ? fromUtf8(value) : "");
