/**
 * 128 random oblivious transfers: the sender gets two keys of each, the receiver the one it chooses.
 *
 * Masny, Rindal, "Endemic Oblivious Transfer", CCS 2019, section 5 with Diffie-Hellman key agreement, over ristretto255.
 *
 * 1. receiver -> sender: of each transfer r_0, r_1 where r_c = b·G - H_c(r_(1-c)), r_(1-c) random, b secret.
 * 2. sender -> receiver: A = a·G, a fresh for each transfer.
 *    Keys of the sender: KDF(a·(r_s + H_s(r_(1-s)))) for s = 0, 1; of the receiver KDF(b·A), the same for s = c.
 *
 * The sender learns nothing about the choices (the pair is uniform whatever c is), the receiver nothing about the other
 * key: it cannot know the discrete logarithms of both sums. Adversary: malicious, universally composable, in the
 * random-oracle model under the computational Diffie-Hellman assumption (oracle Diffie-Hellman for the keys). It is
 * endemic: a malicious side may influence its own keys, so a user masks its own messages with them and never takes them
 * as uniform for a corrupt side. The session is in every hash; one message each way, 8192 and 4096 bytes, 2 rounds.
 */
import type { Secrets } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { BASE_COUNT } from "./messages.ts";
import { deriveKeys, hashPoints, pointAt, STAGE } from "./steps.ts";

export interface BaseOtReceiverPeer {
  readonly party: string;
  readonly binding: Uint8Array;
  send(name: "baseOtChoices", value: Uint8Array): Promise<void>;
  receive(name: "baseOtKeys"): Promise<Uint8Array>;
}

export interface BaseOtOptions {
  /** 32 bytes that belong to this run alone: the peer's binding, hashed with a label where a session has several runs. */
  readonly session: Uint8Array;
  readonly secrets: Secrets;
}

/** `choices`: 128 bits in 16 bytes. Returns 128 keys of 16 bytes. */
export async function baseOtReceiver(
  choices: Uint8Array,
  peer: BaseOtReceiverPeer,
  { session, secrets }: BaseOtOptions,
): Promise<Uint8Array> {
  if (choices.length !== BASE_COUNT / 8) throw new RangeError("one choice for each transfer");
  const chosen = Uint8Array.from({ length: BASE_COUNT }, (_, i) => (choices[i >> 3]! >> (i & 7)) & 1);
  const exponents = randomScalars(secrets);
  const [sums, others] = await Promise.all([
    ristretto255.multiplyBase(exponents), // b·G
    ristretto255.multiplyBase(randomScalars(secrets)), // r_(1-c)
  ]);
  const own = await ristretto255.subtract(sums, await hashPoints(session, chosen, others)); // r_c
  const pairs = interleave(chosen, own, others);
  await peer.send("baseOtChoices", pairs); // 1
  const keys = (await peer.receive("baseOtKeys")).slice(); // 2
  const shared = await onPoints(STAGE, peer.party, undefined, () => ristretto255.multiplyEach(keys, exponents)); // b·A
  return deriveKeys(session, chosen, { pairs, keys }, shared);
}

/** Own points at the chosen place of each pair, others at the other. */
function interleave(chosen: Uint8Array, own: Uint8Array, others: Uint8Array): Uint8Array {
  const pairs = new Uint8Array(own.length * 2);
  chosen.forEach((side, i) => {
    pairs.set(pointAt(own, i), 32 * (2 * i + side));
    pairs.set(pointAt(others, i), 32 * (2 * i + 1 - side));
  });
  return pairs;
}

export function randomScalars(secrets: Secrets): Uint8Array {
  const out = new Uint8Array(32 * BASE_COUNT);
  for (let i = 0; i < BASE_COUNT; i++) out.set(ristretto255.randomScalar(secrets), 32 * i);
  return out;
}
