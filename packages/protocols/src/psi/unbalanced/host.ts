/** The online part of who made a catalogue: goal, messages and guarantees are in guest.ts. */
import { equalBytes, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { type CatalogueHeader, refused, STAGE } from "./header.ts";
import type { messages } from "./messages.ts";

export interface AnswerOptions {
  readonly header: CatalogueHeader;
  /** k */
  readonly key: Uint8Array;
  /** By the own clock, in ms since 1970. */
  readonly now: number;
  /**
   * Awaited with the number of ids before any is answered: draws budgets and writes the ids down against the epoch's
   * `idsMax`, durably; rejects when too little is left.
   */
  readonly admit: (count: number) => Promise<void>;
  readonly progress?: (done: number, total: number) => void;
}

/** Returns how many ids were asked about. */
export async function host(peer: Peer<typeof messages, "host">, options: AnswerOptions): Promise<number> {
  const { header, key } = options;
  const { catalogue, version, count } = await peer.receive("ask"); // 1
  if (!equalBytes(catalogue, header.catalogue) || version !== header.version)
    throw refused("version", "the partner asks of another catalogue or version", peer.party);
  if (options.now >= header.expiresAt) throw epochOver("its days are over");
  await options.admit(count);
  await peer.sendEach("evaluated", evaluate(peer, key, count, options)); // 2, 3
  return count;
}

async function* evaluate(
  peer: Peer<typeof messages, "host">,
  key: Uint8Array,
  count: number,
  { progress }: AnswerOptions,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const blinded of peer.receiveEach("blinded")) {
    const from = done;
    done += blinded.length / POINT_BYTES;
    if (blinded.length === 0 || done > count) throw wrongCount(peer.party);
    yield await onPoints(STAGE, peer.party, from, () => ristretto255.multiply(blinded, key));
    progress?.(done, count);
  }
  if (done !== count) throw wrongCount(peer.party);
}

export const epochOver = (why: string): TomboloError =>
  new TomboloError("consent.epoch", `the catalogue's epoch has ended: ${why}`, {
    stage: "psi/unbalanced",
    remedy: "Make a new catalogue.",
  });

const wrongCount = (party: string): TomboloError =>
  refused("size", "the partner sent another number of ids than it declared", party);
