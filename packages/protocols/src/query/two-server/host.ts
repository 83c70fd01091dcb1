/** Who owns the table: goal, messages and guarantees are in guest.ts. */

import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { Table } from "../../pir/simple/index.ts";
import { answerTo } from "../../pir/two-server/index.ts";
import { answerByTable } from "../hidden/index.ts";
import type { AnswerOptions } from "../keyword/index.ts";
import { CELLS_CHUNK_BYTES, type messages } from "./messages.ts";

export interface OwnerOptions extends AnswerOptions {
  readonly table: Table;
}

/** Hands the sealed table to who keeps the copy. */
export async function sendCopy({ description, cells }: Table, keeper: Peer<typeof messages, "host">): Promise<void> {
  await keeper.send("copyDescription", description);
  await keeper.sendEach("copyCells", chunksOf(cells));
}

function* chunksOf(cells: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < cells.length; at += CELLS_CHUNK_BYTES) yield cells.subarray(at, at + CELLS_CHUNK_BYTES);
}

/** Answers until the guest has asked its last; returns how many ids were asked about, padding included. */
export async function host(peer: Peer<typeof messages, "host">, options: OwnerOptions): Promise<number> {
  const { table } = options;
  await peer.receive("rowOpen");
  await peer.send("rowDescription", table.description);
  return answerByTable(peer, options, {
    answer: async () => peer.send("rowAnswer", await answerTo(await peer.receive("rowQuery"), table, peer.party)),
    end: async () => {
      if ((await peer.receive("rowQuery")).length > 0)
        throw refused("size", "the partner asks for a row after its last question", peer.party);
    },
  });
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "query/two-server", blame: party });
