/** Tags of a catalogue, without a network. */
import { concat, utf8 } from "@tombolo/base";
import { ID_DIGEST_BYTES, POINT_BYTES, ristretto255, sha256Prefixed } from "@tombolo/crypto";
import { firstNotAscending, gather, sortedOrder } from "../ecdh/sorting.ts";
import { digestPoints, ranges, truncateInto } from "../ecdh/steps.ts";

const LABEL = {
  id: "tombolo/psi-unbalanced/1/id\0",
  group: "tombolo-psi-unbalanced-1-ristretto255_XMD:SHA-512_R255MAP_RO_",
  tag: "tombolo/psi-unbalanced/1/tag\0",
  dummy: "tombolo/psi-unbalanced/1/dummy\0",
} as const;

export const CHUNK_ROWS = 8192;

/** What ids are digested with: the same in all runs of an epoch, unlike in any other match. */
export const idPrefix = (catalogue: Uint8Array): Uint8Array => concat(utf8(LABEL.id), catalogue);

/** scalar·H(digest) of each 16-byte digest. */
export function blind(digests: Uint8Array, scalar: Uint8Array, catalogue: Uint8Array): Promise<Uint8Array> {
  const count = digests.length / ID_DIGEST_BYTES;
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * ID_DIGEST_BYTES);
  return ristretto255.hashAndMultiply(digests, offsets, concat(utf8(LABEL.group), catalogue), scalar);
}

/** SHA-256(k·H(id)), cut to `width` bytes. */
export async function tagsOf(points: Uint8Array, catalogue: Uint8Array, width: number): Promise<Uint8Array> {
  const out = new Uint8Array((points.length / POINT_BYTES) * width);
  truncateInto(out, 0, await digestPoints(concat(utf8(LABEL.tag), catalogue), points), width);
  return out;
}

/** The maker's own tags of `digests`, chunk by chunk: the long part of the offline phase. */
export async function* catalogueTags(
  digests: Uint8Array,
  key: Uint8Array,
  catalogue: Uint8Array,
  width: number,
): AsyncGenerator<Uint8Array> {
  for (const [from, to] of ranges(digests.length / ID_DIGEST_BYTES, CHUNK_ROWS)) {
    const part = digests.subarray(from * ID_DIGEST_BYTES, to * ID_DIGEST_BYTES);
    yield tagsOf(await blind(part, key, catalogue), catalogue, width);
  }
}

/** Tags that no id has, numbered: what pads a version, and can be taken out again by number. */
export async function dummyTags(
  key: Uint8Array,
  catalogue: Uint8Array,
  width: number,
  from: number,
  count: number,
): Promise<Uint8Array> {
  const numbers = Float64Array.from({ length: count }, (_, i) => from + i);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => 8 * i);
  const digests = await sha256Prefixed(
    concat(utf8(LABEL.dummy), key, catalogue),
    new Uint8Array(numbers.buffer),
    offsets,
  );
  const out = new Uint8Array(count * width);
  truncateInto(out, 0, digests, width);
  return out;
}

/** In ascending order: sent like this, entries tell nothing of the order of rows. */
export const sortTags = (entries: Uint8Array, width: number): Uint8Array =>
  gather(entries, width, sortedOrder(entries, width));

/** Whether entries of `width` bytes ascend strictly by their tags, and from above `last` (empty: from anywhere). */
export const ascends = (last: Uint8Array, entries: Uint8Array, width: number, tagBytes = width): boolean =>
  firstNotAscending(concat(last, entries), width, tagBytes) < 0;
