/**
 * Checkpoint exchange, at each consent and each job's end (both ways):
 *
 *   A: offer  = own signed checkpoint + consistency proof from the size B is known to hold      -> B
 *   B: checks signature and that it extends what B held; stores it; cosigns the note            -> A
 *   A: stores the cosigned note: from now on A cannot shorten or rewrite its journal below that size unnoticed.
 *
 * B learns the size and root hash of A's journal, nothing of its entries.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { openNote, signNote } from "./checkpoint.ts";
import type { Journal } from "./journal.ts";
import { consistencyProof, emptyRoot, verifyConsistency } from "./merkle.ts";
import { nodeReader } from "./nodes.ts";

export const checkpointOffer = z.object({
  note: z.string().max(4096),
  /** Size of the older checkpoint that the proof starts from; 0: none. */
  since: z.number().int().min(0),
  proof: z.array(z.base64().length(44)).max(128),
});
export type CheckpointOffer = z.infer<typeof checkpointOffer>;
/** The same note with the receiver's signature added; or, when the proof starts elsewhere, the size it must start from. */
export const checkpointReceipt = z.union([
  z.object({ note: z.string().max(4096) }),
  z.object({ held: z.number().int().min(0) }),
]);
export type CheckpointReceipt = z.infer<typeof checkpointReceipt>;

/** The initiator's side: offers over `send`, once more if the partner holds another size than we know of (a lost receipt). */
export async function exchangeCheckpoint(
  journal: Journal,
  partner: string,
  publicKey: Uint8Array,
  send: (offer: CheckpointOffer) => Promise<CheckpointReceipt>,
): Promise<void> {
  let receipt = await send(await offerCheckpoint(journal, partner));
  if ("held" in receipt) receipt = await send(await offerCheckpoint(journal, partner, receipt.held));
  if ("held" in receipt) throw refused(partner, "the partner changed its mind about what it holds");
  await recordReceipt(journal, partner, publicKey, receipt.note);
}

export async function offerCheckpoint(journal: Journal, partner: string, from?: number): Promise<CheckpointOffer> {
  return journal.store.transaction(async (tx) => {
    const { note, size } = await journal.checkpoint();
    const since = from ?? (await latestWitness(journal, partner)) ?? 0;
    if (since > size)
      throw new TomboloError(
        "state.journal",
        `${partner} holds a longer journal of ours (${since}) than we have (${size})`,
        {
          remedy: "This node's database was restored from an old backup or shortened. Restore the newest backup.",
        },
      );
    const proof = await consistencyProof(since, size, nodeReader(tx));
    return { note, since, proof: proof.map((hash) => Buffer.from(hash).toString("base64")) };
  });
}

async function latestWitness(journal: Journal, partner: string): Promise<number | undefined> {
  const rows = journal.store.db.selectFrom("journal_witnesses").select("size").where("partner", "=", partner);
  return (await rows.orderBy("size", "desc").limit(1).executeTakeFirst())?.size;
}

/**
 * Checks and keeps a partner's checkpoint. `publicKey`: the raw signing key of the contract. Throws
 * `protocol.checkpoint` when it is forged, or does not extend the one held: the partner's journal was rewritten.
 */
export async function acceptCheckpoint(
  journal: Journal,
  partner: string,
  publicKey: Uint8Array,
  offer: CheckpointOffer,
): Promise<CheckpointReceipt> {
  const offered = openNote(offer.note, partner, publicKey);
  if (offered.party !== partner) throw refused(partner, "it speaks for another party");
  return journal.store.transaction(async (tx) => {
    const rows = tx.selectFrom("partner_checkpoints").selectAll().where("partner", "=", partner);
    const held = await rows.orderBy("size", "desc").limit(1).executeTakeFirst();
    // Only a proof from the latest one held excludes a rewrite in between.
    if (offer.since !== (held?.size ?? 0)) return { held: held?.size ?? 0 };
    const proof = offer.proof.map((each) => Buffer.from(each, "base64"));
    if (!verifyConsistency(offer.since, held?.root_hash ?? emptyRoot(), offered.size, offered.rootHash, proof))
      throw refused(partner, "it does not extend the checkpoint we hold");
    await tx
      .insertInto("partner_checkpoints")
      .values({ partner, size: offered.size, root_hash: offered.rootHash, note: offer.note, at: offered.at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { note: signNote(offer.note, journal.party, journal.key) };
  });
}

/** Keeps the partner's cosignature: the proof that it holds our checkpoint. */
async function recordReceipt(journal: Journal, partner: string, publicKey: Uint8Array, note: string): Promise<void> {
  const own = openNote(note, journal.party, journal.key.publicKey);
  const { size } = openNote(note, partner, publicKey);
  await journal.store.db
    .insertInto("journal_witnesses")
    .values({ partner, size, note, partner_key: publicKey, at: own.at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const refused = (partner: string, why: string): TomboloError =>
  new TomboloError("protocol.checkpoint", `the journal checkpoint of ${partner} was refused: ${why}`, {
    blame: partner,
    remedy:
      "Ask the partner to run `tombolo journal verify`; its journal may have been changed or restored from a backup.",
  });
