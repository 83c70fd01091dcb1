/** The sender's part of base oblivious transfer: goal, messages and guarantees are in receiver.ts. */
import { ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { type BaseOtOptions, randomScalars } from "./receiver.ts";
import { allSides, deriveKeys, halfOf, hashPoints, STAGE } from "./steps.ts";

export interface BaseOtSenderPeer {
  readonly party: string;
  readonly binding: Uint8Array;
  send(name: "baseOtKeys", value: Uint8Array): Promise<void>;
  receive(name: "baseOtChoices"): Promise<Uint8Array>;
}

/** 128 keys of 16 bytes for each side of the choice. */
export async function baseOtSender(
  peer: BaseOtSenderPeer,
  { session, secrets }: BaseOtOptions,
): Promise<readonly [Uint8Array, Uint8Array]> {
  const pairs = (await peer.receive("baseOtChoices")).slice(); // 1
  const exponents = randomScalars(secrets);
  const keys = await ristretto255.multiplyBase(exponents); // A = a·G
  const forSide = async (side: 0 | 1): Promise<Uint8Array> => {
    const [own, other] = [halfOf(pairs, allSides(side)), halfOf(pairs, allSides(side === 0 ? 1 : 0))];
    const sums = await ristretto255.add(own, await hashPoints(session, allSides(side), other)); // r_s + H_s(r_(1-s))
    const shared = await ristretto255.multiplyEach(sums, exponents);
    return deriveKeys(session, allSides(side), { pairs, keys }, shared);
  };
  const both = await onPoints(STAGE, peer.party, undefined, () => Promise.all([forSide(0), forSide(1)]));
  await peer.send("baseOtKeys", keys); // 2
  return both;
}
