/** The computations of ECDH-PSI without a network: sizes, hashes, order. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, POINT_BYTES, sha256, sha256Prefixed } from "@tombolo/crypto";
import type { EncodedIds } from "../ids/index.ts";
import { slotCount, VALUE_WORDS } from "./band-table.ts";
import { gather, sortedOrder } from "./sorting.ts";

/** What separates the random oracles from each other and from those of any other protocol. */
export const LABEL = {
  group: "tombolo-psi-ecdh-1-ristretto255_XMD:SHA-512_R255MAP_RO_",
  sm2Group: "tombolo-psi-ecdh-1-SM2_XMD:SM3_SSWU_RO_",
  tag: "tombolo/psi-ecdh/1/tag\0",
  cell: "tombolo/psi-ecdh/1/cell\0",
  pair: "tombolo/psi-ecdh/1/pair\0",
  share: "tombolo/psi-ecdh/1/share\0",
  order: "tombolo/psi-ecdh/1/order\0",
  receipt: "tombolo/psi-ecdh/1/receipt\0",
} as const;

export const ROWS_MAX = 2 ** 27;

/** The session is in the domain separation tag of HashToGroup and before the input of every other hash. */
export const groupTag = (binding: Uint8Array, label: string = LABEL.group): Uint8Array => concat(utf8(label), binding);
export const hashPrefix = (label: string, ...context: readonly Uint8Array[]): Uint8Array =>
  concat(utf8(label), ...context);

/**
 * Bytes of a tag so that no two of all ids at the guest and one host share a tag by chance, at any of the hosts, but
 * with probability 2^-40: there are fewer than 2·max(n, m)^2 pairs, each colliding with 2^-bits.
 */
export function tagBytes(guestRows: number, hostRows: number, hostCount: number, failureBits = 40): number {
  const rows = Math.max(guestRows, hostRows, 1);
  return Math.ceil((failureBits + 1 + 2 * Math.log2(rows) + Math.log2(hostCount)) / 8);
}

/** Payload bytes between the guest and one host. */
export function trafficBytes(sizes: {
  readonly guestRows: number;
  readonly hostRows: number;
  readonly matched: number;
  readonly hostCount: number;
}): { readonly toGuest: number; readonly toHost: number } {
  const { guestRows, hostRows, matched, hostCount } = sizes;
  const tag = tagBytes(guestRows, hostRows, hostCount);
  const catalogue = 4 * VALUE_WORDS * slotCount(hostRows);
  return {
    toGuest: 32 * guestRows + catalogue + 164,
    toHost: 32 * guestRows + tag * matched + 128 * (hostCount + 1) - 16,
  };
}

/** Index ranges [from, to) of at most `size`. */
export function* ranges(count: number, size: number): Generator<readonly [number, number]> {
  for (let from = 0; from < count; from += size) yield [from, Math.min(count, from + size)];
}

/** Messages and offsets of the ids in [from, to). */
export function idRange(ids: EncodedIds, from: number, to: number): { messages: Uint8Array; offsets: Uint32Array } {
  const start = ids.offsets[from]!;
  const offsets = ids.offsets.slice(from, to + 1);
  for (let i = 0; i < offsets.length; i++) offsets[i]! -= start;
  return { messages: ids.messages.subarray(start, ids.offsets[to]), offsets };
}

/** Messages and offsets of the ids at `indices`. */
export function idsAt(ids: EncodedIds, indices: Uint32Array): { messages: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(indices.length + 1);
  indices.forEach((index, i) => {
    offsets[i + 1] = offsets[i]! + ids.offsets[index + 1]! - ids.offsets[index]!;
  });
  const messages = new Uint8Array(offsets[indices.length]!);
  indices.forEach((index, i) => {
    messages.set(ids.messages.subarray(ids.offsets[index], ids.offsets[index + 1]), offsets[i]!);
  });
  return { messages, offsets };
}

/** SHA-256(prefix ‖ point) of each point. */
export function digestPoints(prefix: Uint8Array, points: Uint8Array): Promise<Uint8Array> {
  const count = points.length / POINT_BYTES;
  return sha256Prefixed(
    prefix,
    points,
    Uint32Array.from({ length: count + 1 }, (_, i) => i * POINT_BYTES),
  );
}

/** The first `width` bytes of each digest or point, written to `out` from element `at` on. */
export function truncateInto(out: Uint8Array, at: number, digests: Uint8Array, width: number): void {
  const count = digests.length / DIGEST_BYTES;
  for (let i = 0; i < count; i++)
    out.set(digests.subarray(i * DIGEST_BYTES, i * DIGEST_BYTES + width), (at + i) * width);
}

export interface JointOrder {
  readonly rows: Uint32Array;
  /** Hash of the ordered digests: equal where the matched ids are. */
  readonly receipt: Uint8Array;
}

/**
 * Rows of the matched ids in the joint order: ascending SHA-256(label ‖ binding ‖ joint key ‖ id). All parties know
 * these ids and the key, nobody could choose the key, and it was unknown until all sets were fixed: the order tells
 * nothing about anyone's rows (SECURITY.md rule 7).
 */
export async function jointOrder(
  ids: EncodedIds,
  matched: Uint32Array,
  binding: Uint8Array,
  jointKey: Uint8Array,
): Promise<JointOrder> {
  const { messages, offsets } = idsAt(ids, matched);
  const digests = await sha256Prefixed(hashPrefix(LABEL.order, binding, jointKey), messages, offsets);
  const order = sortedOrder(digests, DIGEST_BYTES);
  const receipt = await sha256(concat(hashPrefix(LABEL.receipt, binding), gather(digests, DIGEST_BYTES, order)));
  return { rows: order.map((position) => ids.rows[matched[position]!]!), receipt };
}

export const refused = (code: string, what: string, party: string, detail?: Record<string, unknown>): TomboloError =>
  new TomboloError(`protocol.${code}`, what, {
    stage: "psi/ecdh",
    blame: party,
    ...(detail === undefined ? {} : { detail }),
  });
