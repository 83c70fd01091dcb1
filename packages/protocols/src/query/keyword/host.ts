/** The online part of who made a catalogue: goal, messages and guarantees are in guest.ts. */
import { equalBytes } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { type CatalogueHeader, epochOver } from "../../psi/unbalanced/index.ts";
import { refused, STAGE } from "./guest.ts";
import type { messages, Which } from "./messages.ts";

export interface AnswerOptions {
  readonly header: CatalogueHeader;
  /** k */
  readonly key: Uint8Array;
  /** By the own clock, in ms since 1970. */
  readonly now: number;
  /**
   * Awaited with the number of ids of each question before any is answered: draws budgets and writes the ids down against
   * the epoch's `idsMax`, durably; rejects when too little is left, or the epoch is over.
   */
  readonly admit: (count: number, companion?: Uint8Array) => Promise<void>;
  /** Receives what comes with a question. */
  readonly companion?: () => Promise<Uint8Array>;
  readonly progress?: (done: number) => void;
}

/** Answers until the guest has asked its last; returns how many ids were asked about, padding included. */
export async function host(peer: Peer<typeof messages, "host">, options: AnswerOptions): Promise<number> {
  const { key, admit, companion, progress } = options;
  checkOpened(await peer.receive("open"), options, peer.party); // 1
  for (let done = 0; ; ) {
    const question = await peer.receive("question"); // 2
    const count = question.length / POINT_BYTES;
    if (count === 0) return done;
    await admit(count, await companion?.());
    const from = done;
    await peer.send("answer", await onPoints(STAGE, peer.party, from, () => ristretto255.multiply(question, key))); // 3
    done += count;
    progress?.(done);
  }
}

/** That it is this catalogue and version, and the epoch goes on. */
export function checkOpened(opened: Which, { header, now }: AnswerOptions, party: string): void {
  if (!equalBytes(opened.catalogue, header.catalogue) || opened.version !== header.version)
    throw refused("version", "the partner asks of another catalogue or version", party);
  if (now >= header.expiresAt) throw epochOver("its days are over");
}
