/** Questions to a catalogue one by one, as callers of a service ask them. */
import { concat, TomboloError } from "@tombolo/base";
import { ID_DIGEST_BYTES, idDigests } from "@tombolo/crypto";
import { encodeIds } from "@tombolo/protocols/psi/ids";
import { idPrefix } from "@tombolo/protocols/psi/unbalanced";
import {
  type Answers,
  type Asking,
  accompaniedMessages,
  guest,
  host,
  messages,
} from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { authorisation, authorisationIn, authorisedFor, encodeReferences, givenSchema } from "../authorisation.ts";
import type { GivenReference, TaskContext } from "../component.ts";
import { field } from "../fields.ts";
import { type Clock, dayOf, type ItemRefusal, Renewal, RowsAhead, until } from "../service.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { type Answering, answering, type Consented } from "./answering.ts";
import { idsMax, openEntries, padTo } from "./asking.ts";
import { DistinctKeys, distinctPerDay } from "./distinct.ts";
import { type CatalogueKind, decodeStored, type StoredCatalogue } from "./stored.ts";

const keyParts = field(
  z.number().int().min(1).max(8).default(1),
  { en: "Parts of a key", zh: "键的组成数" },
  {
    en: "As many as the id columns of the catalogue: name, id number and phone are three.",
    zh: "与目录的标识列数相同：姓名、证件号、手机号为三。",
  },
);

export const drawnAhead = field(
  z.number().int().min(1).max(1000).default(1000),
  { en: "Ids drawn ahead", zh: "预占查询数" },
  {
    en: "Limits and budgets are drawn on for so many ids at once, written to disk before any of them is answered; what is left of them when the service ends or breaks off, or the day (UTC) is over, is lost.",
    zh: "限额与额度按此数量一次性预占，并在作答前落盘；服务结束、中断或当日（UTC）结束时剩余部分作废。",
  },
);

/** What a service of questions agrees on, beside the columns that it hands over. */
export const serviceOfQuestions = {
  until,
  keyParts,
  idsMax,
  padTo,
  drawnAhead,
  distinctPerDay,
  authorisation,
  authorisedFor,
};

interface Given {
  readonly padTo: number;
  readonly keyParts: number;
  readonly distinctPerDay: number | null;
  readonly authorisedFor: string | null;
}
export type AskingContext = TaskContext<Given, unknown>;
type Context = AskingContext;

const TEXT_MAX = 400;
const part = z.string().min(1).max(TEXT_MAX);
const itemSchema = z.object({
  id: z.union([part, z.array(part).min(1).max(8)]),
  authorisation: z.unknown().optional(),
});

/** Of one item: whether the table has its key, and the record's bytes if it holds records. */
export interface Found {
  readonly found: boolean;
  readonly record: Uint8Array;
}

/** How questions reach the partner. */
export interface Line {
  /** Of its session; see `Peer.wear`. */
  readonly wear: number;
  /** Keys that may be under way at once, so that none waits longer than a caller does; null: no matter how many. */
  readonly keysMax: number | null;
  /** Lets `use` ask. */
  questions<T>(use: (ask: Asking) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface LineForm {
  /** The kind of catalogue that is asked so. */
  readonly of: CatalogueKind;
  open(context: Context, stored: StoredCatalogue): Promise<Line>;
}

/** By sealed entries that this party keeps. */
const byEntries: LineForm = {
  of: "columns",
  async open(context, stored) {
    const peer = await context.peer(accompaniedMessages, "guest", "host", hostsOf(context)[0]!.party);
    const entries = await openEntries(context, stored);
    const accompany = (references: Uint8Array): Promise<void> => peer.send("companion", references);
    const { secrets, parameters } = context;
    const options = { secrets, header: stored.header, entries, padTo: parameters.padTo, accompany };
    return {
      get wear() {
        return peer.wear;
      },
      keysMax: null,
      questions: (use) => guest(peer, options, use),
      close: () => entries.close(),
    };
  },
};

/** Serves until the node ends it; `tell` makes the caller's answer of what was found. */
export async function serveQuestions(
  context: Context,
  check: (stored: StoredCatalogue) => void,
  tell: (found: Found, stored: StoredCatalogue) => unknown,
  form = byEntries,
): Promise<void> {
  const stored = decodeStored(await context.inputs.model("catalogue"), form.of);
  check(stored);
  const { secrets, parameters, clock } = context;
  const most = parameters.distinctPerDay;
  const distinct = most === null ? null : await DistinctKeys.open(await context.workFolder(), most, secrets);
  const admit: Admit = async (digests) => (distinct === null ? null : distinct.admit(digests, clock.now()));
  const reserved = new RowsAhead((needed) => context.reserveRows(needed));
  const line = await form.open(context, stored);
  const renewal = new Renewal(() => line.wear);
  let room = line.keysMax ?? Number.POSITIVE_INFINITY;
  try {
    const given = { parts: parameters.keyParts, referred: parameters.authorisedFor !== null };
    await line.questions((ask) => {
      const asking: Asking = async (digests, companion) => {
        await reserved.take(digests.length / ID_DIGEST_BYTES);
        return ask(digests, companion);
      };
      const work = async (batch: readonly unknown[]): Promise<unknown[]> => {
        const taken = Math.min(room, batch.length);
        room -= taken;
        try {
          const answered = batch.slice(0, taken);
          const answers = await answer(answered, stored, { ...given, now: clock.now() }, admit, asking, tell);
          return [...answers, ...Array.from(batch.slice(taken), () => tooMany)];
        } finally {
          room += taken;
        }
      };
      const serving = context.serve((batch) => renewal.run(() => work(batch)));
      return Promise.race([serving, renewal.due]);
    });
  } finally {
    await line.close();
  }
}

/** For each digest whether it may be asked about; null: all may. */
type Admit = (digests: Uint8Array) => Promise<boolean[] | null>;

interface Wanted {
  /** Of each key. */
  readonly parts: number;
  /** Each question names what its data subject authorised. */
  readonly referred: boolean;
  readonly now: number;
}

async function answer(
  batch: readonly unknown[],
  stored: StoredCatalogue,
  { parts, referred, now }: Wanted,
  admit: Admit,
  ask: Asking,
  tell: (found: Found, stored: StoredCatalogue) => unknown,
): Promise<unknown[]> {
  const references = batch.map((item) => (referred ? referenceOf(item, now) : null));
  const out: unknown[] = batch.map((item, i) =>
    referred && references[i] === null ? unauthorised : (keyOf(item, parts) ?? badKey(parts)),
  );
  const asked = out.flatMap((each, i) => (Array.isArray(each) ? [i] : []));
  const columns = Array.from({ length: parts }, (_, k) => asked.map((i) => (out[i] as string[])[k]!));
  const keys = columns.map((column) => ({ column, rules: stored.normalise }));
  const ids = encodeIds(keys, { duplicates: "keep", empty: "remove" });
  const digests = await idDigests(idPrefix(stored.header.catalogue), ids.messages, ids.offsets);
  const admitted = await admit(digests);
  const kept = Array.from(ids.rows.keys()).filter((i) => admitted?.[i] !== false);
  const named = kept.flatMap((i) => references[asked[ids.rows[i]!]!] ?? []);
  const answers = await ask(
    admitted === null ? digests : digestsAt(digests, kept),
    ...(referred ? [encodeReferences(named)] : []),
  );
  for (const i of asked) out[i] = badKey(parts);
  for (const row of ids.rows) out[asked[row]!] = overToday;
  kept.forEach((i, k) => {
    out[asked[ids.rows[i]!]!] = tell(foundAt(answers, k, stored.header.recordBytes), stored);
  });
  return out;
}

const digestsAt = (digests: Uint8Array, places: readonly number[]): Uint8Array =>
  concat(...places.map((i) => digests.subarray(i * ID_DIGEST_BYTES, (i + 1) * ID_DIGEST_BYTES)));

const overToday: ItemRefusal = {
  refusal: {
    code: "consent.distinct",
    message: "today's limit of different keys is reached; keys asked before are answered",
  },
};

const tooMany: ItemRefusal = {
  refusal: { code: "resource.busy", message: "as many keys are being asked as one after another can be; ask again" },
};

const unauthorised: ItemRefusal = {
  refusal: {
    code: "consent.authorisation",
    message: "each question here names an authorisation of its data subject: hash and end, which is not over",
  },
};

function referenceOf(item: unknown, now: number): GivenReference | null {
  const parsed = givenSchema.safeParse((item as { readonly authorisation?: unknown } | null)?.authorisation);
  if (!parsed.success) return null;
  const { hash, expires } = parsed.data;
  return Date.parse(expires) > now ? { hash, expires: Date.parse(expires) } : null;
}

function keyOf(item: unknown, parts: number): string[] | undefined {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) return undefined;
  const { id } = parsed.data;
  const key = typeof id === "string" ? [id] : id;
  return key.length === parts ? key : undefined;
}

const badKey = (parts: number): ItemRefusal => ({
  refusal: {
    code: "input.key",
    message: `a key has ${parts} part${parts === 1 ? "" : "s"}, and none of them is empty`,
  },
});

const foundAt = ({ found, records }: Answers, i: number, recordBytes: number): Found => ({
  found: found[i] === 1,
  record: records.subarray(i * recordBytes, (i + 1) * recordBytes),
});

export interface AnsweringService {
  readonly idsMax: number;
  readonly drawnAhead: number;
  /** Absent: such services take no references. */
  readonly authorisedFor?: string | null;
}

/** What stands behind each answer of the partner's part. */
export interface Counted {
  readonly answers: Answering;
  /** Awaited before a question is answered. */
  admit(count: number, references?: Uint8Array): Promise<void>;
  progress(done: number): void;
}

/** Every question counts against limits, budgets and permits; `onAsked` hears how many ids it has, before it is answered. */
export async function countedAnswers(
  context: TaskContext<AnsweringService, unknown>,
  consented: Consented,
  onAsked: (ids: number) => void = () => {},
): Promise<Counted> {
  const { idsMax, drawnAhead, authorisedFor } = context.parameters;
  // Attempts of a service are one service: what an earlier one answered counts.
  const answers = await answering(context, idsMax, consented, await context.workFolder());
  const progress = (done: number): void => context.progress({ stage: "serving", done, total: idsMax });
  progress(0);
  const reserved = new RowsAhead((needed) => context.reserveRows(needed));
  // Whether an authorisation still holds is asked with every draw.
  const block = authorisationIn(context.parameters) === null ? drawnAhead : 1;
  const ahead = inBlocks(answers, idsMax, block, context.clock);
  const admit = async (count: number, references?: Uint8Array): Promise<void> => {
    await reserved.take(count);
    onAsked(count);
    await (authorisedFor == null ? ahead(count) : answers.admit(count, references));
  };
  return { answers, admit, progress };
}

/** The partner's part, until its last question. */
export async function serveAnswers(
  context: TaskContext<AnsweringService, unknown>,
  consented: Consented,
  onAsked?: (ids: number) => void,
): Promise<void> {
  const { answers, ...counting } = await countedAnswers(context, consented, onAsked);
  const partner = guestOf(context).party;
  const { authorisedFor } = context.parameters;
  if (authorisedFor === undefined) {
    const peer = await context.peer(messages, "host", "guest", partner);
    await host(peer, { ...answers, ...counting });
    return;
  }
  const peer = await context.peer(accompaniedMessages, "host", "guest", partner);
  const companion = authorisedFor === null ? {} : { companion: () => peer.receive("companion") };
  await host(peer, { ...answers, ...counting, ...companion });
}

/** Draws ahead where there is room for it, else exactly: nothing is answered that was not drawn and written down, on its day. */
function inBlocks(answers: Answering, most: number, block: number, clock: Clock): (count: number) => Promise<void> {
  let [left, day] = [0, dayOf(clock.now())];
  const draw = async (count: number): Promise<void> => {
    await answers.admit(count);
    left += count;
  };
  return async (count) => {
    await answers.stillOpen();
    const today = dayOf(clock.now());
    if (today !== day) [left, day] = [0, today];
    if (left < count) {
      const room = Math.min(most - answers.asked, answers.header.idsMax - answers.inEpoch);
      const ahead = Math.min(block, room);
      if (ahead <= count - left) await draw(count - left);
      else
        await draw(ahead).catch(async (error: unknown) => {
          if (!(error instanceof TomboloError) || error.code !== "consent.budget") throw error;
          await draw(count - left);
        });
    }
    left -= count;
  };
}
