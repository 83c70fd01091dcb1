import { TomboloError, toHex } from "@tombolo/base";
import { ownSigningKeys } from "../config/keys.ts";
import type { NodeContext } from "../context.ts";
import { signatureOf } from "../journal/checkpoint.ts";
import { verifyJournal } from "../journal/verify.ts";
import type { Handlers } from "./handlers.ts";

export function journalApi(context: NodeContext): Handlers<"journal" | "verifyJournal"> {
  const { journal, keys, config } = context;
  return {
    journal: async ({ query }) => {
      const { size, rootHash, at, note } = await journal.checkpoint();
      const signature = signatureOf(note, config.party, keys.signing.publicKey);
      return {
        items: await journal.entries(query.limit, indexOf(query.before)),
        size,
        checkpoint: { size, rootHash: toHex(rootHash), at: at.toISOString(), signature },
      };
    },
    verifyJournal: () => verifyJournal(context.store, config.party, ownSigningKeys(keys)),
  };
}

function indexOf(before: string | undefined): number | undefined {
  if (before === undefined) return undefined;
  if (/^\d{1,15}$/.test(before)) return Number(before);
  throw new TomboloError("input.request", "`before` is the index of an entry");
}
