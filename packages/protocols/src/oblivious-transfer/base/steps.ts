/** The two random oracles of base oblivious transfer, on all 128 transfers at once. */
import { concat, utf8 } from "@tombolo/base";
import { POINT_BYTES, ristretto255, sha256Prefixed } from "@tombolo/crypto";
import { BASE_COUNT } from "./messages.ts";

export const STAGE = "oblivious-transfer";
export const KEY_BYTES = 16;

const LABEL = {
  group: utf8("tombolo/oblivious-transfer/base/1/group"),
  key: utf8("tombolo/oblivious-transfer/base/1/key\0"),
} as const;

/** What one side shows for one side of the choice. */
export interface Transcript {
  /** The pairs r_0, r_1. */
  readonly pairs: Uint8Array;
  /** The points A. */
  readonly keys: Uint8Array;
}

/** H_side(r) of each transfer; sides may differ from transfer to transfer. */
export function hashPoints(session: Uint8Array, sides: Uint8Array, points: Uint8Array): Promise<Uint8Array> {
  const messages = concat(
    ...Array.from(sides, (side, i) => concat(session, Uint8Array.of(side, i), pointAt(points, i))),
  );
  return ristretto255.hashToGroup(messages, offsetsOf(messages.length), LABEL.group);
}

/** The keys: 16 bytes of SHA-256 over session, place, side, all that was sent for it, and the shared point. */
export async function deriveKeys(
  session: Uint8Array,
  sides: Uint8Array,
  { pairs, keys }: Transcript,
  shared: Uint8Array,
): Promise<Uint8Array> {
  const messages = concat(
    ...Array.from(sides, (side, i) =>
      concat(
        Uint8Array.of(side, i),
        pairs.subarray(2 * POINT_BYTES * i, 2 * POINT_BYTES * (i + 1)),
        pointAt(keys, i),
        pointAt(shared, i),
      ),
    ),
  );
  const digests = await sha256Prefixed(concat(LABEL.key, session), messages, offsetsOf(messages.length));
  const out = new Uint8Array(KEY_BYTES * BASE_COUNT);
  for (let i = 0; i < BASE_COUNT; i++) out.set(digests.subarray(32 * i, 32 * i + KEY_BYTES), KEY_BYTES * i);
  return out;
}

export const pointAt = (points: Uint8Array, i: number): Uint8Array =>
  points.subarray(POINT_BYTES * i, POINT_BYTES * (i + 1));

/** The points r_side of each pair. */
export const halfOf = (pairs: Uint8Array, sides: Uint8Array): Uint8Array =>
  concat(...Array.from(sides, (side, i) => pointAt(pairs, 2 * i + side)));

export const allSides = (side: 0 | 1): Uint8Array => new Uint8Array(BASE_COUNT).fill(side);

/** Of BASE_COUNT messages of the same length. */
const offsetsOf = (length: number): Uint32Array =>
  Uint32Array.from({ length: BASE_COUNT + 1 }, (_, i) => (i * length) / BASE_COUNT);
