/** Who made a catalogue, when it is asked: that it may answer, and what is counted before it does. */
import { TomboloError } from "@tombolo/base";
import { type CatalogueHeader, epochOver } from "@tombolo/protocols/psi/unbalanced";
import { host, messages } from "@tombolo/protocols/query/keyword";
import { decodeReferences } from "../authorisation.ts";
import type { TaskContext } from "../component.ts";
import { guestOf, guestPeer } from "../tables.ts";
import {
  askedSoFar,
  decodeStored,
  forgetKey,
  loadKey,
  noteAsked,
  refuseSuperseded,
  type StoredCatalogue,
} from "./stored.ts";

type Context = TaskContext<unknown, unknown>;

export interface Answering {
  readonly stored: StoredCatalogue;
  readonly header: CatalogueHeader;
  readonly key: Uint8Array;
  readonly now: number;
  /** See the protocols' `AnswerOptions`. */
  admit(count: number, references?: Uint8Array): Promise<void>;
  /** Ids asked about in the epoch so far. */
  readonly inEpoch: number;
  /** Of this task so far. */
  readonly asked: number;
  /** Rejects once the epoch's days are over. */
  stillOpen(): Promise<void>;
}

/**
 * What the consent says stands in the records: the names of columns, of a table that stays among them, or what a part of a
 * model comes to.
 */
export type Consented = readonly string[] | { readonly staying: readonly string[] } | { readonly digest: string };

/** `most`: ids in all of an attempt, or of all attempts of a task whose counts are kept in the folder `counted`. */
export async function answering(
  context: Context,
  most: number,
  consented: Consented,
  counted?: string,
): Promise<Answering> {
  const folder = await context.inputs.modelFolder("catalogue");
  const stored = await storedAs(context, consented);
  const { header } = stored;
  await refuseSuperseded(folder);
  const stillOpen = async (): Promise<void> => {
    if (context.clock.now() < header.expiresAt) return;
    await forgetKey(folder);
    throw epochOver("its days are over");
  };
  await stillOpen();
  const partner = guestOf(context).party;
  const answers = {
    ...{ stored, header, key: await loadKey(folder), now: context.startedAtMs, stillOpen },
    inEpoch: await askedSoFar(folder),
    asked: counted === undefined ? 0 : await askedSoFar(counted),
    async admit(count: number, references?: Uint8Array): Promise<void> {
      await stillOpen();
      if (answers.asked + count > most)
        throw new TomboloError("consent.rows", "more ids are asked about than agreed", { blame: partner });
      await context.draw(partner, count, ...(references === undefined ? [] : [decodeReferences(references, partner)]));
      answers.asked = counted === undefined ? answers.asked + count : await noteAsked(counted, count);
      answers.inEpoch = await noteAsked(folder, count);
      await refuseSuperseded(folder); // by a version that was made since, from a count without these
      if (answers.inEpoch <= header.idsMax) return;
      await forgetKey(folder);
      throw epochOver("all its ids are asked");
    },
  };
  return answers;
}

async function storedAs({ inputs }: Context, consented: Consented): Promise<StoredCatalogue> {
  const value = await inputs.model("catalogue");
  if ("digest" in consented) {
    const stored = decodeStored(value, "scores");
    checkPart(consented.digest, stored);
    return stored;
  }
  const stays = "staying" in consented;
  const stored = decodeStored(value, stays ? "retrieval" : "columns");
  checkColumns(stays ? consented.staying : consented, stored.columns);
  return stored;
}

/** That a catalogue was made of this part of this model. */
export function checkPart(digest: string, { scores }: StoredCatalogue): void {
  if (scores?.digest === digest) return;
  throw new TomboloError("input.model", "the catalogue was made with another model", {
    remedy: "Score with the model that the catalogue was made with.",
  });
}

/** The consent names what is handed over: the catalogue must hold that, in that order. */
export function checkColumns(named: readonly string[], held: readonly { readonly column: string }[]): void {
  const names = held.map(({ column }) => column);
  if (JSON.stringify(names) === JSON.stringify(named)) return;
  throw new TomboloError("consent.changed", "the catalogue's records hold other columns than those consented to", {
    remedy: "Name the columns that the catalogue was made with, in their order, or make another catalogue.",
  });
}

export async function reportAnswers(
  context: Context,
  { header, inEpoch }: Answering,
  asked: number,
  kind: string,
): Promise<void> {
  const { idsMax, expiresAt } = header;
  await context.outputs.report("report", {
    kind,
    title: { en: "Ids asked about", zh: "被查询标识数" },
    data: { asked, inEpoch, idsMax, expiresAt: new Date(expiresAt).toISOString() },
  });
}

/** The host's whole part of a task that asks about keys. `kind` of the report. */
export async function answerAboutTable(
  context: TaskContext<{ readonly idsMax: number }, unknown>,
  consented: Consented,
  kind: string,
): Promise<void> {
  const { idsMax: total } = context.parameters;
  const answers = await answering(context, total, consented);
  const peer = await guestPeer(context, messages);
  const asked = await host(peer, {
    ...answers,
    progress: (done) => context.progress({ stage: "answer", done, total }),
  });
  await reportAnswers(context, answers, asked, kind);
}
