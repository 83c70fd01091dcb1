/**
 * Keyword query: who holds a catalogue of sealed records asks for the records of its keys, one question after another in
 * one session, each in one round. Without records it is verification: which of its keys are in the table, and no more.
 *
 * Paper: keyword search by an oblivious pseudorandom function (Freedman, Ishai, Pinkas, Reingold, TCC 2005, section 5),
 * the function and the offline phase those of psi/unbalanced: F_k(x) = k·H(x), of which one hash is the tag an entry is
 * found by and another the key its record is sealed under (steps.ts).
 *
 * 1. guest -> host: catalogue and version, once.
 * 2. guest -> host: a·H(x) of a question's distinct ids, shuffled in with as many random ones as fill the step; a is fresh.
 * 3. host -> guest: k·a·H(x), same order. The guest divides by a, looks the tag up, opens the record.
 * 2 and 3 go on until a question is empty. Questions may overlap; answers come in their order.
 *
 * Learns. Guest: of each id it asks about whether the table had it in that version, and its record; of other ids nothing
 * but their padded number. Host: how many ids are asked about, rounded up to the guest's step, and when; neither which,
 * nor how many are there, nor which come again in another question.
 * Adversary: malicious guest (one-more gap Diffie-Hellman, random oracles): it learns of as many ids as it asks about, which
 * may be guesses; hence budgets and epochs. Host semi-honest: with another key matches disappear, with other records it
 * lies; a record that was not sealed under the id's key ends the session.
 *
 * Rounds: 1 a question, of at most `IDS_MAX_ASKED` ids (more go in several at once). Bytes: 36, and 32 each way an id.
 */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { firstOccurrences, ID_DIGEST_BYTES, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { blind, type CatalogueHeader, entryBytes, tagsOf } from "../../psi/unbalanced/index.ts";
import { randomPermutation } from "../../shuffle.ts";
import { IDS_MAX_ASKED, type messages } from "./messages.ts";
import { open, recordKeys } from "./steps.ts";

export const STAGE = "query/keyword";
/** Steps that questions may be filled up to. */
export const PAD_MAX = IDS_MAX_ASKED;

export interface FoundEntries {
  /** For each tag 1 if it is in the catalogue, else 0. */
  readonly found: Uint8Array;
  /** What stands behind each tag in its entry; anything where it is not found. */
  readonly rest: Uint8Array;
}

/** The stored entries. */
export interface EntryReader {
  /** Of tags of `tagBytes` each. */
  lookUp(tags: Uint8Array): Promise<FoundEntries>;
}

export interface KeywordOptions {
  readonly secrets: Secrets;
  readonly header: CatalogueHeader;
  readonly entries: EntryReader;
  /** Questions have a multiple of so many ids; 1: as many as are asked. */
  readonly padTo: number;
  /** Sends what comes with a question. */
  readonly accompany?: (companion: Uint8Array) => Promise<void>;
}

export interface Answers {
  /** For each id asked about 1 if the table has it, else 0. */
  readonly found: Uint8Array;
  /** `recordBytes` for each; zeros where it is not found. */
  readonly records: Uint8Array;
}

/** 16-byte digests under `idPrefix` of the catalogue, in any order, repeated or not. */
export type Asking = (digests: Uint8Array, companion?: Uint8Array) => Promise<Answers>;

/** Opens the catalogue at the host, lets `use` ask, and tells the host when it is done. */
export async function guest<T>(
  host: Peer<typeof messages, "guest">,
  options: KeywordOptions,
  use: (ask: Asking) => Promise<T>,
): Promise<T> {
  const { header, padTo } = options;
  if (!Number.isInteger(padTo) || padTo < 1 || padTo > PAD_MAX) throw new RangeError("padTo out of range");
  await host.send("open", { catalogue: header.catalogue, version: header.version }); // 1
  const result = await use((digests, companion) => askAll(digests, host, options, companion));
  await host.send("question", new Uint8Array(0));
  return result;
}

async function askAll(
  digests: Uint8Array,
  host: Peer<typeof messages, "guest">,
  options: KeywordOptions,
  companion?: Uint8Array,
): Promise<Answers> {
  if (digests.length % ID_DIGEST_BYTES !== 0) throw new RangeError("digests of a wrong length");
  const count = digests.length / ID_DIGEST_BYTES;
  const { recordBytes } = options.header;
  const answers = { found: new Uint8Array(count), records: new Uint8Array(count * recordBytes) };
  if (count === 0) return answers;
  // An id that stood twice in one question would be seen to.
  const first = await firstOccurrences(digests, ID_DIGEST_BYTES);
  const distinct = first.filter((position, i) => position === i);
  const most = Math.floor(IDS_MAX_ASKED / options.padTo) * options.padTo;
  const parts = Array.from({ length: Math.ceil(distinct.length / most) }, (_, i) =>
    distinct.subarray(i * most, (i + 1) * most),
  );
  if (companion !== undefined && parts.length > 1) throw new RangeError("too many ids for one question");
  const behind = companion === undefined ? undefined : () => options.accompany!(companion);
  await Promise.all(parts.map((positions) => askPart(digests, positions, answers, host, options, behind)));
  for (let i = 0; i < count; i++) {
    if (first[i] === i) continue;
    answers.found[i] = answers.found[first[i]!]!;
    answers.records.copyWithin(i * recordBytes, first[i]! * recordBytes, (first[i]! + 1) * recordBytes);
  }
  return answers;
}

/** One question. */
async function askPart(
  digests: Uint8Array,
  positions: Uint32Array,
  answers: Answers,
  host: Peer<typeof messages, "guest">,
  { header, entries, padTo, secrets }: KeywordOptions,
  behind?: () => Promise<void>,
): Promise<void> {
  const asked = Math.ceil(positions.length / padTo) * padTo;
  const order = randomPermutation(asked, secrets);
  const points = await pointsOf(host, digests, positions, order, header.catalogue, secrets, behind);
  const own = Uint32Array.from(order.keys()).filter((i) => order[i]! < positions.length);
  const places = Uint32Array.from(own, (i) => positions[order[i]!]!);
  const kept = pick(points, own, POINT_BYTES);
  const { found, rest } = await entries.lookUp(await tagsOf(kept, header.catalogue, header.tagBytes));
  places.forEach((place, i) => {
    answers.found[place] = found[i]!;
  });
  const { recordBytes } = header;
  if (recordBytes === 0) return;
  const hits = Uint32Array.from(found.keys()).filter((i) => found[i] === 1);
  const sealed = pick(rest, hits, entryBytes(header) - header.tagBytes);
  const keys = await recordKeys(pick(kept, hits, POINT_BYTES), header.catalogue);
  const { records, intact } = await open(keys, sealed, recordBytes);
  if (intact.includes(0)) throw refused("record", "a record of the catalogue was not sealed for its id", host.party);
  hits.forEach((hit, i) => {
    answers.records.set(records.subarray(i * recordBytes, (i + 1) * recordBytes), places[hit]! * recordBytes);
  });
}

/** k·H(x) of the ids at `positions` and of random ones behind them, in the order given. */
async function pointsOf(
  host: Peer<typeof messages, "guest">,
  digests: Uint8Array,
  positions: Uint32Array,
  order: Uint32Array,
  catalogue: Uint8Array,
  secrets: Secrets,
  behind: () => Promise<void> = async () => {},
): Promise<Uint8Array> {
  const padding = secrets.bytes((order.length - positions.length) * ID_DIGEST_BYTES);
  const asked = concat(pick(digests, positions, ID_DIGEST_BYTES), padding);
  const a = ristretto255.randomScalar(secrets);
  const blinded = await blind(pick(asked, order, ID_DIGEST_BYTES), a, catalogue); // a·H(x)
  // Together, so that questions and answers of several that overlap stay in one order.
  const [answer] = await Promise.all([host.receive("answer"), host.send("question", blinded), behind()]); // 2, 3
  if (answer.length !== blinded.length)
    throw refused("size", "the partner answered another number of ids than it was asked about", host.party);
  return onPoints(STAGE, host.party, undefined, () => ristretto255.multiply(answer, ristretto255.invertScalar(a)));
}

/** The strings at `order`, side by side. */
function pick(strings: Uint8Array, order: Uint32Array, width: number): Uint8Array {
  const out = new Uint8Array(order.length * width);
  order.forEach((position, i) => {
    out.set(strings.subarray(position * width, (position + 1) * width), i * width);
  });
  return out;
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
