/** Journal checkpoints exchanged with a partner (SECURITY.md rule 21): at each consent and each job's end. */
import { TomboloError } from "@tombolo/base";
import {
  acceptCheckpoint,
  checkpointOffer,
  checkpointReceipt,
  exchangeCheckpoint as exchangeOver,
} from "../journal/exchange.ts";
import { callPartner } from "./calls.ts";
import { findKeys } from "./contract-rows.ts";
import type { Partner } from "./inbound.ts";
import type { Side } from "./side.ts";

export const CHECKPOINT_PATH = "/v1/interconn/journal/checkpoint";
export { checkpointOffer as checkpointBody };

const underWay = new WeakMap<Side, Map<string, Promise<void>>>();

/** In the background, one at a time per partner; a partner that is away gets the next one. */
export function exchangeCheckpoint(side: Side, party: string): void {
  const chains = underWay.get(side) ?? new Map<string, Promise<void>>();
  underWay.set(side, chains);
  const next = (chains.get(party) ?? Promise.resolve()).then(() => exchange(side, party));
  chains.set(
    party,
    next.catch((error: unknown) =>
      side.log.warn({ partner: party, err: error }, "the journal checkpoint was not exchanged"),
    ),
  );
}

async function exchange(side: Side, party: string): Promise<void> {
  const keys = await findKeys(side, party);
  if (keys === undefined) return;
  await exchangeOver(side.journal, party, keys.signingKey, (offer) =>
    callPartner(side, party, CHECKPOINT_PATH, offer, checkpointReceipt),
  );
}

export async function onCheckpoint(side: Side, caller: Partner, body: Parameters<typeof acceptCheckpoint>[3]) {
  try {
    return await acceptCheckpoint(side.journal, caller.party, caller.signingKey, body);
  } catch (error) {
    side.log.error({ partner: caller.party, err: error }, "the partner's journal checkpoint was refused");
    throw TomboloError.from(error);
  }
}
