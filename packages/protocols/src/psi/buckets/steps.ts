/** The computations of a match in buckets, without a network. */
import { concat, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { ID_DIGEST_BYTES, sha256, sha256Prefixed } from "@tombolo/crypto";
import type { Agreed, Bucket } from "./options.ts";

/** What separates the hashes from each other and from those of any other protocol. */
export const LABEL = {
  /** 32 bytes: with the joint key one block of SHA-256, which is then hashed once for all ids. */
  id: "tombolo/psi-buckets/1/id-digest\0",
  bucket: "tombolo/psi-buckets/1/bucket\0",
  agreed: "tombolo/psi-buckets/1/agreed\0",
  receipt: "tombolo/psi-buckets/1/receipt\0",
  round: "tombolo/psi-buckets/1/round\0",
} as const;

export const idPrefix = (jointKey: Uint8Array): Uint8Array => concat(utf8(LABEL.id), jointKey);

/** Of a later match in the same session. */
export const roundBinding = (binding: Uint8Array, round: number): Promise<Uint8Array> =>
  sha256(concat(utf8(LABEL.round), binding, u32(round)));

export const bucketBinding = (binding: Uint8Array, jointKey: Uint8Array, bucket: number): Promise<Uint8Array> =>
  sha256(concat(utf8(LABEL.bucket), binding, jointKey, u32(bucket)));

/** The same at all parties when they kept the same. */
export const agreedHash = ({ jointKey, rows, bits }: Agreed): Promise<Uint8Array> =>
  sha256(concat(utf8(LABEL.agreed), jointKey, ...rows.map(u32), u32(bits)));

/** Links the matched digests of one bucket to all before. */
export const nextReceipt = (receipt: Uint8Array, matched: Uint8Array): Promise<Uint8Array> =>
  sha256Prefixed(concat(utf8(LABEL.receipt), receipt), matched, Uint32Array.of(0, matched.length));

const u32 = (value: number): Uint8Array => {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
};

/**
 * The bucket's digests and fillers up to `capacity`. All digests of bucket b begin with the bits of b; the guest's
 * fillers begin with those of b + 1, a host's with those of b + 2 and on, otherwise random: no filler is any id's digest
 * or a partner's filler. One bucket for all has no bits to tell them apart: there only chance (2^-128 a pair) does.
 */
export function filled(
  { digests, rows }: Bucket,
  at: { readonly bucket: number; readonly bits: number; readonly place: number },
  capacity: number,
  secrets: Secrets,
): Uint8Array {
  if (rows.length > capacity)
    throw new TomboloError("state.bucket-overflow", "a bucket overflowed; this happens once in 2^40 runs", {
      stage: "psi/buckets",
      remedy: "Run the match again.",
    });
  if (rows.length === capacity) return digests;
  const out = new Uint8Array(capacity * ID_DIGEST_BYTES);
  out.set(digests);
  const fillers = out.subarray(digests.length);
  fillers.set(secrets.bytes(fillers.length));
  if (at.bits > 0) markFillers(fillers, at);
  return out;
}

function markFillers(fillers: Uint8Array, { bucket, bits, place }: Parameters<typeof filled>[1]): void {
  const domain = (bucket + 1 + place) % 2 ** bits;
  const rest = 16 - bits;
  for (let at = 0; at < fillers.length; at += ID_DIGEST_BYTES) {
    const leading = (domain << rest) | (((fillers[at]! << 8) | fillers[at + 1]!) & ((1 << rest) - 1));
    fillers[at] = leading >> 8;
    fillers[at + 1] = leading & 0xff;
  }
}

/** Ascending; refuses a position twice, or of a filler, and blames the only partner, if there is but one. */
export function checkedPositions(positions: Uint32Array, count: number, party: string | undefined): Uint32Array {
  // Most protocols give them in order: then nothing is sorted.
  const ascending = isAscending(positions) ? positions : positions.slice().sort();
  if (!isAscending(ascending) || (ascending.at(-1) ?? -1) >= count)
    throw new TomboloError("protocol.matched", "a partner has what only this party could make up", {
      stage: "psi/buckets",
      ...(party === undefined ? {} : { blame: party }),
    });
  return ascending;
}

/** Each above the one before. */
function isAscending(positions: Uint32Array): boolean {
  for (let i = 1; i < positions.length; i++) if (positions[i - 1]! >= positions[i]!) return false;
  return true;
}
