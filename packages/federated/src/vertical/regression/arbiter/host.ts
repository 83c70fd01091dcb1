/** A host of training with an arbiter: has columns, and learns its own gradients alone. Goal, papers and what each party learns: README.md. */
import type { Secrets } from "@tombolo/base";
import { openAtHost } from "./opening.ts";
import { type ArbiterOwnerInput, type ArbiterTrained, OwnerTraining, ownSizes } from "./owner.ts";
import { type ArbiterHostPeer, collected, type ToArbiterPeer } from "./peers.ts";

/** `place`: among the hosts. */
export async function trainWithArbiterHost(
  input: ArbiterOwnerInput,
  place: number,
  peers: { readonly guest: ArbiterHostPeer; readonly arbiter: ToArbiterPeer },
  secrets: Secrets,
): Promise<ArbiterTrained> {
  const { guest } = peers;
  const { matrix, ...sizes } = await ownSizes(input, "host");
  const opened = await openAtHost(sizes, peers, place);
  const { key } = opened;
  const training = new OwnerTraining(input, matrix, opened, peers.arbiter, secrets);
  let settled = false;
  for (let more = true; more; ) {
    for (const part of training.parts) {
      await guest.sendEach("parts", training.encrypted(part, null));
      const length = training.rowsOf(part) * key.ciphertextBytes;
      const residuals = await collected(guest.receiveEach("residuals"), length, guest.party);
      await key.validate(residuals);
      await training.step(part, residuals);
    }
    const own = training.endEpoch();
    await guest.send("settled", { settled: own });
    await training.keep();
    ({ more } = await guest.receive("goOn"));
    settled = own && !more;
  }
  return training.end(settled, 0);
}
