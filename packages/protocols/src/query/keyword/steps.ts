/** Entries of a catalogue with records, without a network: what is sealed under an id's own key, and how it is opened. */
import { concat, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, ID_DIGEST_BYTES, POINT_BYTES, sha256Truncated } from "@tombolo/crypto";
import { blind, CHUNK_ROWS, dummyTags, entryBytes, SEAL_BYTES, tagsOf } from "../../psi/unbalanced/index.ts";

const LABEL = {
  key: "tombolo/query-keyword/1/record-key\0",
  seal: "tombolo/query-keyword/1/seal\0",
  pad: "tombolo/query-keyword/1/pad\0",
  dummy: "tombolo/query-keyword/1/dummy\0",
} as const;
const NUMBER_BYTES = 4;

/** Widths of a catalogue's entries, as its header has them. */
export interface EntryShape {
  readonly tagBytes: number;
  readonly recordBytes: number;
}

/** One key a point: SHA-256(label ‖ catalogue ‖ k·H(id)). */
export const recordKeys = (points: Uint8Array, catalogue: Uint8Array): Promise<Uint8Array> =>
  sha256Truncated(concat(utf8(LABEL.key), catalogue), points, POINT_BYTES, DIGEST_BYTES);

/**
 * Records under keys of their own: t = SHA-256(label ‖ key ‖ record) cut to 16 bytes, then the record XORed with the stream
 * SHA-256(label ‖ key ‖ t ‖ i). It is the synthetic-IV construction (Rogaway, Shrimpton, EUROCRYPT 2006): the same record
 * of the same id gives the same bytes, another gives unrelated ones, and a changed one is noticed.
 */
export async function seal(keys: Uint8Array, records: Uint8Array, width: number): Promise<Uint8Array> {
  const marks = await marksOf(keys, records, width);
  const masked = exclusiveOr(records, await padsOf(keys, marks, width));
  return beside([marks, SEAL_BYTES], [masked, width]);
}

export interface Opened {
  readonly records: Uint8Array;
  /** For each 1 if it is what was sealed under this key, else 0. */
  readonly intact: Uint8Array;
}

export async function open(keys: Uint8Array, sealed: Uint8Array, width: number): Promise<Opened> {
  const [marks, masked] = [
    strip(sealed, 0, SEAL_BYTES, SEAL_BYTES + width),
    strip(sealed, SEAL_BYTES, width, SEAL_BYTES + width),
  ];
  const records = exclusiveOr(masked, await padsOf(keys, marks, width));
  const expected = await marksOf(keys, records, width);
  const intact = Uint8Array.from({ length: keys.length / DIGEST_BYTES }, (_, i) => {
    let difference = 0;
    for (let at = SEAL_BYTES * i; at < SEAL_BYTES * (i + 1); at++) difference |= marks[at]! ^ expected[at]!;
    return difference === 0 ? 1 : 0;
  });
  return { records, intact };
}

/**
 * The maker's own entries, chunk by chunk: the long part of the offline phase. `rows`: id digest and record of each, side
 * by side; digests alone where the shape has no records.
 */
export async function* catalogueEntries(
  rows: Uint8Array,
  key: Uint8Array,
  catalogue: Uint8Array,
  shape: EntryShape,
): AsyncGenerator<Uint8Array> {
  const { tagBytes, recordBytes } = shape;
  const width = ID_DIGEST_BYTES + recordBytes;
  for (let at = 0; at < rows.length; at += CHUNK_ROWS * width) {
    const part = rows.subarray(at, at + CHUNK_ROWS * width);
    const points = await blind(strip(part, 0, ID_DIGEST_BYTES, width), key, catalogue); // k·H(id)
    const tags = await tagsOf(points, catalogue, tagBytes);
    if (recordBytes === 0) yield tags;
    else {
      const sealed = await seal(
        await recordKeys(points, catalogue),
        strip(part, ID_DIGEST_BYTES, recordBytes, width),
        recordBytes,
      );
      yield beside([tags, tagBytes], [sealed, SEAL_BYTES + recordBytes]);
    }
  }
}

/** Entries that no id has, numbered: see `dummyTags`. What stands for their record is as random as a sealed one. */
export async function dummyEntries(
  key: Uint8Array,
  catalogue: Uint8Array,
  shape: EntryShape,
  from: number,
  count: number,
): Promise<Uint8Array> {
  const tags = await dummyTags(key, catalogue, shape.tagBytes, from, count);
  const rest = entryBytes(shape) - shape.tagBytes;
  if (rest === 0) return tags;
  const numbers = new Uint8Array(Float64Array.from({ length: count }, (_, i) => from + i).buffer);
  return beside(
    [tags, shape.tagBytes],
    [await stream(concat(utf8(LABEL.dummy), key, catalogue), numbers, 8, rest), rest],
  );
}

/** Bytes `from` to `from + width` of each string of `stride` bytes. */
export function strip(strings: Uint8Array, from: number, width: number, stride: number): Uint8Array {
  if (width === stride) return strings;
  const out = new Uint8Array((strings.length / stride) * width);
  for (let at = from, to = 0; to < out.length; at += stride, to += width)
    for (let i = 0; i < width; i++) out[to + i] = strings[at + i]!;
  return out;
}

const marksOf = (keys: Uint8Array, records: Uint8Array, width: number): Promise<Uint8Array> =>
  sha256Truncated(utf8(LABEL.seal), beside([keys, DIGEST_BYTES], [records, width]), DIGEST_BYTES + width, SEAL_BYTES);

const padsOf = (keys: Uint8Array, marks: Uint8Array, width: number): Promise<Uint8Array> =>
  stream(utf8(LABEL.pad), beside([keys, DIGEST_BYTES], [marks, SEAL_BYTES]), DIGEST_BYTES + SEAL_BYTES, width);

/** `width` bytes of SHA-256(prefix ‖ input ‖ 0), SHA-256(prefix ‖ input ‖ 1), ... for each input. */
async function stream(prefix: Uint8Array, inputs: Uint8Array, inputBytes: number, width: number): Promise<Uint8Array> {
  const blocks = Math.ceil(width / DIGEST_BYTES);
  const count = inputs.length / inputBytes;
  const numbered = new Uint8Array(count * blocks * (inputBytes + NUMBER_BYTES));
  const view = new DataView(numbered.buffer);
  for (let i = 0; i < count * blocks; i++) {
    const at = i * (inputBytes + NUMBER_BYTES);
    const input = Math.floor(i / blocks) * inputBytes;
    numbered.set(inputs.subarray(input, input + inputBytes), at);
    view.setUint32(at + inputBytes, i % blocks, true);
  }
  const whole = await sha256Truncated(prefix, numbered, inputBytes + NUMBER_BYTES, DIGEST_BYTES);
  return strip(whole, 0, width, blocks * DIGEST_BYTES);
}

type Strings = readonly [strings: Uint8Array, width: number];

/** One string of each list after the other. */
export function beside(...lists: readonly Strings[]): Uint8Array {
  const stride = lists.reduce((sum, [, width]) => sum + width, 0);
  const [first, firstWidth] = lists[0]!;
  const out = new Uint8Array((first.length / firstWidth) * stride);
  let offset = 0;
  for (const [strings, width] of lists) {
    for (let from = 0, to = offset; from < strings.length; from += width, to += stride)
      for (let i = 0; i < width; i++) out[to + i] = strings[from + i]!;
    offset += width;
  }
  return out;
}

function exclusiveOr(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i]! ^ b[i]!;
  return out;
}
