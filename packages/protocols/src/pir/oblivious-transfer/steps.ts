/** Keys of rows from keys of bits, without a network. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, sha256, sha256Prefixed, sha256Truncated } from "@tombolo/crypto";

export const STAGE = "pir/oblivious-transfer";
export const BIT_KEY_BYTES = 16;
const LABEL = {
  session: utf8("tombolo/pir-oblivious-transfer/1/session\0"),
  row: utf8("tombolo/pir-oblivious-transfer/1/row\0"),
  pad: utf8("tombolo/pir-oblivious-transfer/1/pad\0"),
} as const;
const NUMBER_BYTES = 4;

/** Bits that number `rows` rows. */
export const bitsFor = (rows: number): number => (rows <= 1 ? 0 : 32 - Math.clz32(rows - 1));

/** Of one run: what it draws and derives has nothing in common with another's. */
export const sessionOf = (binding: Uint8Array, run: number): Promise<Uint8Array> =>
  sha256(concat(LABEL.session, binding, new Uint8Array(Uint32Array.of(run).buffer)));

const bitOf = (row: number, bit: number): number => (row >>> bit) & 1;

/** Bit b of the row's number as choice of transfer b, of 128. */
export function choicesOf(row: number, rows: number): Uint8Array {
  const choices = new Uint8Array(16);
  for (let bit = 0; bit < bitsFor(rows); bit++) choices[bit >> 3]! |= bitOf(row, bit) << (bit & 7);
  return choices;
}

/** `keyAt(bit, side)`: 16 bytes. Key of a row: SHA-256(label ‖ session ‖ row ‖ its keys of all bits). */
export function rowKeys(
  numbers: Uint32Array,
  rows: number,
  session: Uint8Array,
  keyAt: (bit: number, side: number) => Uint8Array,
): Promise<Uint8Array> {
  const bits = bitsFor(rows);
  const width = NUMBER_BYTES + bits * BIT_KEY_BYTES;
  const inputs = new Uint8Array(numbers.length * width);
  const view = new DataView(inputs.buffer);
  numbers.forEach((row, i) => {
    view.setUint32(i * width, row, true);
    for (let bit = 0; bit < bits; bit++)
      inputs.set(keyAt(bit, bitOf(row, bit)), i * width + NUMBER_BYTES + bit * BIT_KEY_BYTES);
  });
  return sha256Truncated(concat(LABEL.row, session), inputs, width, DIGEST_BYTES);
}

/** Rows XORed with streams of their keys, each used once: sealing and opening are the same. */
export async function masked(rows: Uint8Array, width: number, keys: Uint8Array): Promise<Uint8Array> {
  const blocks = Math.ceil(width / DIGEST_BYTES);
  const count = rows.length / width;
  const stride = DIGEST_BYTES + NUMBER_BYTES;
  const inputs = new Uint8Array(count * blocks * stride);
  const view = new DataView(inputs.buffer);
  for (let i = 0; i < count * blocks; i++) {
    const row = Math.floor(i / blocks);
    inputs.set(keys.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES), i * stride);
    view.setUint32(i * stride + DIGEST_BYTES, i % blocks, true);
  }
  const offsets = Uint32Array.from({ length: count * blocks + 1 }, (_, i) => i * stride);
  const pads = await sha256Prefixed(LABEL.pad, inputs, offsets);
  const out = new Uint8Array(rows.length);
  for (let row = 0; row < count; row++) {
    const [at, pad] = [row * width, row * blocks * DIGEST_BYTES];
    for (let i = 0; i < width; i++) out[at + i] = rows[at + i]! ^ pads[pad + i]!;
  }
  return out;
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
