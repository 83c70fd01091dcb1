/** Who has the table: goal, messages and guarantees are in guest.ts. */
import { equalBytes } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, retrieval, ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import type { Table } from "../../pir/simple/index.ts";
import { type AnswerOptions, checkOpened, type messages as keyword } from "../keyword/index.ts";
import { refused, STAGE } from "./guest.ts";
import type { messages } from "./messages.ts";

export interface HiddenAnswerOptions extends AnswerOptions {
  readonly table: Table;
  /** Where the asker keeps no hint: what comes before each row. */
  readonly hints?: { answer(): Promise<void> };
}

/** Answers until the guest has asked its last; returns how many ids were asked about, padding included. */
export async function host(peer: Peer<typeof messages, "host">, options: HiddenAnswerOptions): Promise<number> {
  const { table, hints } = options;
  if (!equalBytes(await peer.receive("rowOpen"), table.description.id))
    throw refused("version", "the partner asks of another database", peer.party);
  return answerByTable(peer, options, {
    answer: async () => {
      await hints?.answer();
      await answerRow(peer, table);
    },
    end: async () => {
      if ((await peer.receive("rowQuery")).length > 0) throw wrongWidth(peer.party);
    },
  });
}

interface Rows {
  /** Of one id of a question. */
  answer(): Promise<void>;
  end(): Promise<void>;
}

/** Questions as in query/keyword, after each of which so many rows are answered. */
export async function answerByTable(
  peer: Peer<typeof keyword, "host">,
  options: AnswerOptions,
  rows: Rows,
): Promise<number> {
  const { key, admit, companion, progress } = options;
  checkOpened(await peer.receive("open"), options, peer.party); // 1
  for (let done = 0; ; ) {
    const question = await peer.receive("question"); // 2
    const count = question.length / POINT_BYTES;
    if (count > 0) await admit(count, await companion?.());
    if (count > 0)
      await peer.send("answer", await onPoints(STAGE, peer.party, done, () => ristretto255.multiply(question, key))); // 3
    for (let i = 0; i < count; i++) await rows.answer();
    if (count === 0) {
      await rows.end();
      return done;
    }
    done += count;
    progress?.(done);
  }
}

async function answerRow(peer: Peer<typeof messages, "host">, { description, cells }: Table): Promise<void> {
  const query = await peer.receive("rowQuery"); // 4
  if (query.length !== description.columns) throw wrongWidth(peer.party);
  await peer.send("rowAnswer", await retrieval.pirAnswer(cells, query)); // 5
}

const wrongWidth = (party: string) => refused("size", "the partner's query is not as wide as the database", party);
