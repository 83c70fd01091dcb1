/**
 * The arbiter: a third party with a key and no rows. It decrypts sums over batches, which come under masks, and sends each back to the owner
 * that asked. Goal, papers and what each party learns: README.md.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import { generateHeKey, type HePrivateKey } from "@tombolo/crypto";
import { partsOf } from "../parts.ts";
import { ciphertextsOf, requireHeadroom, slotPlan } from "./masked-sums.ts";
import { agreementOf, requireBatches } from "./opening.ts";
import { type ArbiterParameters, checkArbiterParameters } from "./parameters.ts";
import { chunksOf, collected, type ToOwnerPeer } from "./peers.ts";

export interface ArbiterInput {
  readonly parameters: ArbiterParameters;
  readonly signal?: AbortSignal | undefined;
  /** After each answer: how many there were, to whom. */
  readonly onAnswer?: ((party: string, done: number) => void) | undefined;
}

/** `owners`: the guest first, then the hosts in their order. */
export async function arbitrate(
  input: ArbiterInput,
  owners: readonly ToOwnerPeer[],
  secrets: Secrets,
): Promise<{ readonly answers: number }> {
  const { parameters } = input;
  checkArbiterParameters(parameters);
  const agreement = await agreementOf(parameters);
  const openings = await Promise.all(owners.map((peer) => peer.receive("ownerOpening")));
  openings.forEach((opening, i) => {
    if (opening.agreement !== agreement)
      throw new TomboloError("protocol.agreement", "the parties have different parameters", {
        blame: owners[i]!.party,
      });
    if (opening.rows !== openings[0]!.rows)
      throw new TomboloError("protocol.rows", "the parties have different numbers of rows", {
        blame: owners[i]!.party,
      });
  });
  const rowCount = openings[0]!.rows;
  requireBatches(
    { parameters, rowCount },
    openings.map(({ terms }) => terms),
  );
  const key = await generateHeKey(parameters, secrets);
  await Promise.all(owners.map((peer) => peer.send("key", key.publicKey.toBytes())));
  const answered = await Promise.all(
    owners.map((peer, i) => {
      const columns = openings[i]!.terms + (i === 0 && parameters.intercept ? 1 : 0);
      return answer(input, { peer, columns, rowCount, parties: owners.length }, key);
    }),
  );
  return { answers: answered.reduce((sum, count) => sum + count) };
}

interface Asking {
  readonly peer: ToOwnerPeer;
  readonly columns: number;
  readonly rowCount: number;
  readonly parties: number;
}

/** No more answers than batches and epochs, of as many sums as there are columns. */
async function answer(
  { parameters, signal, onAnswer }: ArbiterInput,
  { peer, columns, rowCount, parties }: Asking,
  key: HePrivateKey,
): Promise<number> {
  const { epochs, batchRows } = parameters;
  const { publicKey } = key;
  const parts = partsOf(rowCount, batchRows);
  for (let done = 0; ; done++) {
    signal?.throwIfAborted();
    const { more } = await peer.receive("request");
    if (!more) return done;
    if (done === epochs * parts)
      throw new TomboloError("protocol.order", "more sums to decrypt than epochs have batches", { blame: peer.party });
    const part = done % parts;
    const rows = Math.ceil((rowCount - part) / parts);
    const count = ciphertextsOf(slotPlan(publicKey, rows, parties), columns);
    const ciphertexts = await collected(peer.receiveEach("sums"), count * publicKey.ciphertextBytes, peer.party);
    const plaintexts = await key.decrypt(ciphertexts);
    requireHeadroom(plaintexts, publicKey, peer.party);
    await peer.sendEach("plaintexts", chunksOf(plaintexts, publicKey.plaintextBytes));
    onAnswer?.(peer.party, done + 1);
  }
}
