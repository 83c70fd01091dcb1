/** A bit a row from one party to another: which rows are meant. */
import { TomboloError } from "@tombolo/base";

/** A bit a row: 2^27 rows are what matching takes at most. */
export const MARKS_BYTES_MAX = 2 ** 24;

export function packBits(flags: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) out[i >> 3]! |= flags[i]! << (i & 7);
  return out;
}

/** Throws `protocol.rows` for bits of another number of rows. */
export function unpackBits(packed: Uint8Array, count: number, party: string): Uint8Array {
  const spare = 8 * packed.length - count;
  const clean = spare === 0 || (packed.at(-1) ?? 0) >> (8 - spare) === 0;
  if (packed.length !== Math.ceil(count / 8) || !clean)
    throw new TomboloError("protocol.rows", "the partner speaks of another number of rows", { blame: party });
  return Uint8Array.from({ length: count }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
}
