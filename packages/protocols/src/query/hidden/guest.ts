/**
 * Hidden keyword query: the record of single keys from a table that stays with its owner, who does not learn the keys; the asker
 * learns nothing of other rows. It is query/keyword with pir/simple in place of the stored catalogue.
 *
 * Paper: Freedman, Ishai, Pinkas, Reingold, "Keyword search and oblivious pseudorandom functions", TCC 2005: retrieval made
 * symmetric by an oblivious function. Retrieval alone shows sums of entries; here they are sums of tags and sealed records, random to
 * whoever has not had the function evaluated at their ids.
 *
 * Offline: the host makes its entries as for a catalogue, and of them the table and hint of pir/simple; the guest takes the hint.
 * 1. guest -> host: which table, catalogue and version, once.
 * 2., 3. A question as in query/keyword.   4., 5. For each id of the question, padding included, a retrieval of the entry of its tag.
 * 2 to 5 go on until a question is empty. Questions wait for one another.
 *
 * Learns. Host: how many ids are asked about, rounded up to the guest's step, and when. Guest: of each id it asks about whether the table has it,
 * and its record; the table's size, rounded as its groups are.
 * Adversary: guest malicious (one-more gap Diffie-Hellman, random oracles); host semi-honest (learning with errors hides the tag from it, but a wrong
 * answer that makes the guest fail in its sight tells about the query).
 *
 * Rounds: 1 a question and 1 an id of it. Bytes: those of both.
 */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ID_DIGEST_BYTES } from "@tombolo/crypto";
import { KEY_BYTES, type Prepared, guest as retrieveRows, type Source } from "../../pir/simple/index.ts";
import { entryBytes } from "../../psi/unbalanced/index.ts";
import { plainNamed } from "../../renamed.ts";
import {
  type Asking,
  guest as askKeywords,
  type FoundEntries,
  type KeywordOptions,
  type messages as keyword,
} from "../keyword/index.ts";
import type { messages } from "./messages.ts";
import { keysOf } from "./steps.ts";

export const STAGE = "query/hidden";
/** Of one question: each costs the host a pass over its table. */
export const IDS_MAX_HIDDEN = 64;

export interface HiddenOptions extends Omit<KeywordOptions, "entries"> {
  readonly setup: Source;
  /** What was made ahead for this table, one for each id, if anything is left. */
  readonly prepared?: () => Prepared | undefined;
}

/** Opens the table at the host, lets `use` ask, and tells the host when it is done. */
export async function guest<T>(
  host: Peer<typeof messages, "guest">,
  options: HiddenOptions,
  use: (ask: Asking) => Promise<T>,
): Promise<T> {
  const { secrets, setup, prepared } = options;
  return retrieveRows(plainNamed("row", host), setup, secrets, (retrieve) =>
    askByRetrieval(host, options, (key) => retrieve(key, prepared?.()), use),
  );
}

/** Questions as in query/keyword, where `retrieve` brings the entry of a tag. */
export function askByRetrieval<T>(
  host: Peer<typeof keyword, "guest">,
  options: Omit<KeywordOptions, "entries">,
  retrieve: (key: Uint8Array) => Promise<Uint8Array | null>,
  use: (ask: Asking) => Promise<T>,
): Promise<T> {
  if (options.padTo > IDS_MAX_HIDDEN) throw new RangeError("padTo out of range");
  const entries = { lookUp: (tags: Uint8Array) => lookUp(tags, retrieve, options) };
  return askKeywords(host, { ...options, entries }, (ask) => use(oneByOne(ask)));
}

/** The host answers rows between one question and the next. */
function oneByOne(ask: Asking): Asking {
  let last: Promise<unknown> = Promise.resolve();
  return (digests, companion) => {
    if (digests.length > IDS_MAX_HIDDEN * ID_DIGEST_BYTES)
      throw new TomboloError("input.rows", `at most ${IDS_MAX_HIDDEN} ids are asked about at a time`, {
        stage: STAGE,
        remedy: "Ask in parts, or use a catalogue.",
      });
    const answers = last.then(() => ask(digests, companion));
    last = answers.catch(() => {});
    return answers;
  };
}

/** One after another; random keys where the question was padded. */
async function lookUp(
  tags: Uint8Array,
  retrieve: (key: Uint8Array) => Promise<Uint8Array | null>,
  { header, padTo, secrets }: Omit<KeywordOptions, "entries">,
): Promise<FoundEntries> {
  const count = tags.length / header.tagBytes;
  const restBytes = entryBytes(header) - header.tagBytes;
  const keys = keysOf(tags, header.tagBytes);
  const out = { found: new Uint8Array(count), rest: new Uint8Array(count * restBytes) };
  for (let i = 0; i < Math.ceil(count / padTo) * padTo; i++) {
    const key = i < count ? keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES) : secrets.bytes(KEY_BYTES);
    const rest = await retrieve(key);
    if (i >= count || rest === null) continue;
    out.found[i] = 1;
    out.rest.set(rest, i * restBytes);
  }
  return out;
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
