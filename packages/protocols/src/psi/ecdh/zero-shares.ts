/**
 * Shares of zero among the hosts, one set for each id that anyone could hold: any two hosts agree on a key by
 * Diffie-Hellman over ephemeral keys (carried by the guest), and a host's share of an id is the XOR of that id's hash
 * under each of its keys. Each key is in two hosts' shares, so all hosts' shares of one id add up to zero; the shares
 * of all hosts but one are uniformly random to whoever knows none of the keys between them.
 */
import { concat, type Secrets } from "@tombolo/base";
import { DIGEST_BYTES, POINT_BYTES, ristretto255, sha256, sha256Prefixed } from "@tombolo/crypto";
import type { EncodedIds } from "../ids/index.ts";
import { VALUE_WORDS } from "./band-table.ts";
import { hashPrefix, idRange, LABEL, ranges } from "./steps.ts";

export interface AgreementKey {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

const IDS_AT_ONCE = 2 ** 16;

export async function agreementKey(secrets: Secrets): Promise<AgreementKey> {
  const secret = ristretto255.randomScalar(secrets);
  return { secret, publicKey: await ristretto255.multiplyBase(secret) };
}

/** One key for each other host: SHA-256(label ‖ binding ‖ lower place's public key ‖ higher's ‖ shared point). */
export async function pairKeys(
  own: AgreementKey,
  place: number,
  publicKeys: Uint8Array,
  binding: Uint8Array,
): Promise<Uint8Array[]> {
  const shared = await ristretto255.multiply(publicKeys, own.secret);
  const keyAt = (i: number) => publicKeys.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES);
  const keys: Uint8Array[] = [];
  for (let other = 0; other < publicKeys.length / POINT_BYTES; other++) {
    if (other === place) continue;
    const [low, high] = [keyAt(Math.min(place, other)), keyAt(Math.max(place, other))];
    const point = shared.subarray(other * POINT_BYTES, (other + 1) * POINT_BYTES);
    keys.push(await sha256(concat(hashPrefix(LABEL.pair, binding), low, high, point)));
  }
  return keys;
}

/** VALUE_WORDS for each id. */
export async function zeroShares(
  ids: EncodedIds,
  keys: readonly Uint8Array[],
  binding: Uint8Array,
): Promise<Uint32Array> {
  const shares = new Uint32Array(ids.rows.length * VALUE_WORDS);
  for (const key of keys) {
    const prefix = hashPrefix(LABEL.share, binding, key);
    for (const [from, to] of ranges(ids.rows.length, IDS_AT_ONCE)) {
      const { messages, offsets } = idRange(ids, from, to);
      const digests = wordsOf(await sha256Prefixed(prefix, messages, offsets));
      for (let i = from; i < to; i++)
        for (let w = 0; w < VALUE_WORDS; w++)
          shares[i * VALUE_WORDS + w]! ^= digests[((i - from) * DIGEST_BYTES) / 4 + w]!;
    }
  }
  return shares;
}

/** A copy, since bytes from elsewhere are seldom aligned. */
export const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(bytes).buffer);
