/** A table's ids on their way to buckets, for components and protocols that do not call kernels themselves. */
import { kernels, normaliseStrings, RECORD_BYTES, STRING_BYTES } from "@tombolo/kernels";

export type {
  AsciiRules,
  GroupedRecords,
  NormalisedIds,
  NormaliseStrings,
  SortedRecords,
} from "@tombolo/kernels";
export { normaliseStrings, RECORD_BYTES, STRING_BYTES };

/** By which ids are matched: fewer than 128 bits would collide by chance. */
export const ID_DIGEST_BYTES = 16;

export const { groupRecords, normaliseIds, sortRecords } = kernels;

/** The first 16 bytes of SHA-256(prefix || id) of each id. */
export async function idDigests(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array> {
  const whole = new BigUint64Array((await kernels.sha256Prefixed(prefix, messages, offsets)).buffer);
  const halves = new BigUint64Array(whole.length / 2);
  for (let i = 0; i < halves.length; i += 2) {
    halves[i] = whole[2 * i]!;
    halves[i + 1] = whole[2 * i + 1]!;
  }
  return new Uint8Array(halves.buffer);
}
