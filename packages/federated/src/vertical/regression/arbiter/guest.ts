/**
 * The guest of training with an arbiter: has the labels, adds up the parts of residuals, and says when training ends. Goal, papers and
 * what each party learns: README.md.
 */
import type { Secrets } from "@tombolo/base";
import type { HePublicKey } from "@tombolo/crypto";
import { partRows } from "../parts.ts";
import { joined } from "./contributions.ts";
import { labelPart, ownLabels } from "./loss.ts";
import { openAtGuest } from "./opening.ts";
import { type ArbiterOwnerInput, type ArbiterTrained, OwnerTraining, ownSizes } from "./owner.ts";
import { type ArbiterGuestPeer, chunksOf, collected, type ToArbiterPeer } from "./peers.ts";

export interface ArbiterGuestInput extends ArbiterOwnerInput {
  readonly labels: Float64Array;
}

/** `hosts`: in the same order everywhere. */
export async function trainWithArbiterGuest(
  input: ArbiterGuestInput,
  peers: { readonly hosts: readonly ArbiterGuestPeer[]; readonly arbiter: ToArbiterPeer },
  secrets: Secrets,
): Promise<ArbiterTrained> {
  const { parameters, rowCount } = input;
  const { matrix, ...sizes } = await ownSizes(input, "guest");
  const { labels, exponent, centre } = ownLabels(input.labels, parameters);
  const opened = await openAtGuest(sizes, exponent, peers, secrets);
  const training = new OwnerTraining(input, matrix, opened, peers.arbiter, secrets);
  const labelParts = training.parts.map((part) =>
    Float64Array.from(partRows(rowCount, parameters.batchRows, part), (row) =>
      labelPart(parameters.family, labels[row]!),
    ),
  );
  let settled = false;
  while (training.epochs < parameters.epochs && !settled) {
    for (const part of training.parts) {
      const residuals = await encryptedResiduals(training, part, labelParts[part]!, opened.key, peers.hosts);
      const { ciphertextBytes } = opened.key;
      await Promise.all([
        ...peers.hosts.map((peer) => peer.sendEach("residuals", chunksOf(residuals, ciphertextBytes))),
        training.step(part, residuals),
      ]);
    }
    const own = training.endEpoch();
    const theirs = await Promise.all(peers.hosts.map((peer) => peer.receive("settled")));
    settled = own && theirs.every((one) => one.settled);
    await training.keep();
    const more = training.epochs < parameters.epochs && !settled;
    await Promise.all(peers.hosts.map((peer) => peer.send("goOn", { more })));
  }
  return training.end(settled, centre);
}

/** Own encryptions are fresh, so a host that knows the randomness of its own learns nothing from the sum. */
async function encryptedResiduals(
  training: OwnerTraining,
  part: number,
  labels: Float64Array,
  key: HePublicKey,
  hosts: readonly ArbiterGuestPeer[],
): Promise<Uint8Array> {
  const length = training.rowsOf(part) * key.ciphertextBytes;
  const theirs = async (peer: ArbiterGuestPeer): Promise<Uint8Array> => {
    const parts = await collected(peer.receiveEach("parts"), length, peer.party);
    await key.validate(parts);
    return parts;
  };
  const [own, ...others] = await Promise.all([joined(training.encrypted(part, labels)), ...hosts.map(theirs)]);
  let sum = own!;
  for (const other of others) sum = await key.add(sum, other);
  return sum;
}
