/** Coin tossing without a network: commit, check, combine. */

import { concat, equalBytes, type Secrets, TomboloError, toHex, utf8 } from "@tombolo/base";
import { COMMITMENT_BYTES, commit, NONCE_BYTES, opensTo, sha256 } from "@tombolo/crypto";

export const COIN_BYTES = 32;
/** nonce ‖ coin */
export const OPENING_BYTES = NONCE_BYTES + COIN_BYTES;
export const PARTIES_MAX = 256;

const LABEL = { commit: "tombolo/coin-toss/1/commit", result: "tombolo/coin-toss/1/result\0" } as const;

export interface Coin {
  readonly commitment: Uint8Array;
  /** Secret until every commitment is there. */
  readonly opening: Uint8Array;
}

export async function makeCoin(binding: Uint8Array, secrets: Secrets): Promise<Coin> {
  const { commitment, opening } = await commit(label(binding), secrets.bytes(COIN_BYTES), secrets);
  return { commitment, opening: concat(opening.nonce, opening.value) };
}

/**
 * SHA-256(label ‖ binding ‖ commitments ‖ coins). Refuses an opening that does not fit its commitment, and two equal
 * commitments: a party that copied another's could not open it to anything else.
 */
export async function combineCoins(
  binding: Uint8Array,
  commitments: Uint8Array,
  openings: Uint8Array,
): Promise<Uint8Array> {
  const count = commitments.length / COMMITMENT_BYTES;
  if (openings.length !== count * OPENING_BYTES) throw refused("openings do not fit the commitments in number");
  const seen = new Set<string>();
  const coins: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const commitment = slice(commitments, COMMITMENT_BYTES, i);
    const opening = slice(openings, OPENING_BYTES, i);
    const [nonce, value] = [opening.subarray(0, NONCE_BYTES), opening.subarray(NONCE_BYTES)];
    if (!(await opensTo(commitment, label(binding), { nonce, value })))
      throw refused("a coin does not fit its commitment");
    if (seen.has(toHex(commitment))) throw refused("two parties committed to the same coin");
    seen.add(toHex(commitment));
    coins.push(value);
  }
  return sha256(concat(utf8(LABEL.result), binding, commitments, ...coins));
}

/** A leaf's check that the hub carries its own commitment or opening unchanged at its place. */
export function checkOwn(list: Uint8Array, own: Uint8Array, index: number): void {
  if (!equalBytes(slice(list, own.length, index), own)) throw refused("the own coin was replaced on its way");
}

const label = (binding: Uint8Array): string => `${LABEL.commit}/${toHex(binding)}`;
const slice = (list: Uint8Array, width: number, i: number): Uint8Array => list.subarray(i * width, (i + 1) * width);
const refused = (what: string): TomboloError => new TomboloError("protocol.coin", what, { stage: "coin-toss" });
