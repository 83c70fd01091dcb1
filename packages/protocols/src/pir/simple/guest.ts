/**
 * Hidden retrieval of single values by key: the host multiplies its whole table with an encrypted choice, and learns nothing
 * of which key it was. No copy of the table is at the asker; what it keeps, the hint, grows with the rows' width only.
 *
 * Papers: SimplePIR (Henzinger, Hong, Corrigan-Gibbs, Meiklejohn, Vaikuntanathan, USENIX Security 2023) over the keyword
 * index of ChalametPIR (Celi, Davidson, CCS 2024): a query with a one at each of a key's three cells brings their sum, which is
 * its entry. Deviations: keys are spread over groups that lie under one another, so that queries stay short; cells are bytes,
 * which leaves room for the larger error that 128 bits take (parameters.ts).
 *
 * Offline, once a database: 1. host -> guest: sizes and seeds.  2. host -> guest: hint H = D·A.
 * Ahead of time, for each query: fresh s, error e; A·s + e and H·s.
 * Online: 1. guest -> host: which database, once.  2. guest -> host: b = A·s + e + 2^24·u.  3. host -> guest: D·b.
 * The guest takes H·s away and rounds to bytes: D·b - H·s = 2^24·(D·u) + D·e. 2 and 3 go on until a query is empty.
 *
 * Learns. Host: how many queries, and when; not of which keys, nor whether they are there (learning with errors).
 * Guest: the value of its key or that there is none; BUT ALSO linear sums of all other entries, from the hint and the other
 * groups: it is hidden from the host what is asked, not from the guest what is there. Where it matters keys and values must be
 * outputs of an oblivious function and records sealed under them, as query/keyword makes them: README.md.
 * Adversary: guest any, in that sense. Host semi-honest: one that answers wrongly, and sees whether the guest then fails,
 * learns about the query.
 *
 * Rounds: 1 a query. Bytes: 4·columns to the host, 4·rows back. A byte comes out wrong with at most 2^-66 a query, an absent key
 * is taken for present with 2^-64.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { retrieval } from "@tombolo/crypto";
import type { Description } from "./database.ts";
import { addError } from "./error.ts";
import { digestsOf, entryBytes, groupOf, positionsOf, rowsOf, valueIn } from "./layout.ts";
import type { messages, setupMessages } from "./messages.ts";
import { CELL_BITS, DIMENSION, KEY_BYTES, SCALE_BITS } from "./parameters.ts";

export const STAGE = "pir/simple";

export interface Setup {
  readonly description: Description;
  readonly hint: Uint32Array;
}

/** What queries are prepared with: the hint, or whatever else prepares them. */
export type Source = Setup | { readonly description: Description; prepare(): Promise<Prepared> };

/** `rowsMax`: more rows of the database than this are refused before any of the hint is taken. */
export async function receiveSetup(peer: Peer<typeof setupMessages, "guest">, rowsMax: number): Promise<Setup> {
  const description = await peer.receive("description");
  const rows = rowsOf(description);
  if (rows > rowsMax) throw refused("size", "the database is larger than agreed", peer.party);
  const hint = new Uint32Array(rows * DIMENSION);
  const bytes = new Uint8Array(hint.buffer);
  let filled = 0;
  for await (const part of peer.receiveEach("hint")) {
    if (part.length === 0 || filled + part.length > bytes.length) throw wrongHint(peer.party);
    bytes.set(part, filled);
    filled += part.length;
  }
  if (filled !== bytes.length) throw wrongHint(peer.party);
  return { description, hint };
}

/** All of a query but the key: used once, for two of one secret would tell their difference. */
export class Prepared {
  readonly #words: Uint32Array;
  readonly #known: Uint32Array;
  #used = false;

  private constructor(words: Uint32Array, known: Uint32Array) {
    this.#words = words;
    this.#known = known;
  }

  static make({ description, hint }: Setup, secrets: Secrets): Promise<Prepared> {
    return Prepared.makeBy(description, async (secret) => times(hint, secret), secrets);
  }

  /** `product`: of the hint with a secret. */
  static async makeBy(
    description: Description,
    product: (secret: Uint32Array) => Promise<Uint32Array>,
    secrets: Secrets,
  ): Promise<Prepared> {
    const secret = new Uint32Array(secrets.bytes(4 * DIMENSION).slice().buffer);
    const words = await retrieval.pirMask(description.matrixSeed, description.columns, secret); // A·s
    addError(words, secrets);
    return new Prepared(words, await product(secret));
  }

  take(): { readonly words: Uint32Array; readonly known: Uint32Array } {
    if (this.#used) throw new Error("assertion failed: a prepared query is used once");
    this.#used = true;
    return { words: this.#words, known: this.#known };
  }

  toString(): string {
    return "Prepared";
  }
}

/** The value of a 16-byte key; null: there is none. `prepared`: what was made ahead for this database, if anything. */
export type Retrieve = (key: Uint8Array, prepared?: Prepared) => Promise<Uint8Array | null>;

/** Opens the database at the host, lets `use` ask, and tells the host when it is done. */
export async function guest<T>(
  peer: Peer<typeof messages, "guest">,
  source: Source,
  secrets: Secrets,
  use: (retrieve: Retrieve) => Promise<T>,
): Promise<T> {
  await peer.send("open", source.description.id); // 1
  const prepare = (): Promise<Prepared> => ("hint" in source ? Prepared.make(source, secrets) : source.prepare());
  const result = await use(async (key, prepared) => retrieveOne(key, prepared ?? (await prepare()), peer, source));
  await peer.send("query", new Uint32Array(0));
  return result;
}

async function retrieveOne(
  key: Uint8Array,
  prepared: Prepared,
  peer: Peer<typeof messages, "guest">,
  { description }: Pick<Source, "description">,
): Promise<Uint8Array | null> {
  if (key.length !== KEY_BYTES) throw new RangeError("a key of a wrong length");
  const digest = await digestsOf(key, description.hashSeed);
  const group = groupOf(digest, description);
  const { words, known } = prepared.take();
  for (const position of positionsOf(digest, description.salts[group]!, description))
    words[position]! += 2 ** SCALE_BITS;
  const [answer] = await Promise.all([peer.receive("answer"), peer.send("query", words)]); // 2, 3
  if (answer.length !== known.length) throw refused("size", "the partner's answer has another size", peer.party);
  const width = entryBytes(description);
  const entry = Uint8Array.from({ length: width }, (_, byte) => {
    const row = group * width + byte;
    return ((answer[row]! - known[row]! + 2 ** (SCALE_BITS - 1)) >>> SCALE_BITS) & (2 ** CELL_BITS - 1);
  });
  return valueIn(entry, digest);
}

/** H·s */
function times(hint: Uint32Array, secret: Uint32Array): Uint32Array {
  const out = new Uint32Array(hint.length / DIMENSION);
  for (let row = 0; row < out.length; row++) {
    const from = row * DIMENSION;
    let sum = 0;
    for (let k = 0; k < DIMENSION; k++) sum = (sum + Math.imul(hint[from + k]!, secret[k]!)) | 0;
    out[row] = sum;
  }
  return out;
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });

const wrongHint = (party: string): TomboloError => refused("size", "the partner's hint has another size", party);
