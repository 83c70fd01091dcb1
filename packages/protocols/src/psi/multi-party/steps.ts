/** The computations of a run, without a network. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, sha256 } from "@tombolo/crypto";
import { addBlocks, hintBytes, ITEMS_MAX, type OprfOptions, oprfBytes } from "../../opprf/index.ts";
import { asksOf as voleAsksOf } from "../vole/index.ts";
import type { MultiPartyOptions } from "./options.ts";

const LABEL = utf8("tombolo/psi-multi-party/1/function\0");

/** The guest at 0, then the hosts. */
export const GUEST = 0;
export const PARTIES_MAX = 256;

/** What one party knows of a run before it begins. */
export interface Run {
  readonly place: number;
  readonly options: MultiPartyOptions;
  /** Of each function and table, so that the run as a whole fails as seldom as asked for. */
  readonly failureBits: number;
}

export function startRun(items: Uint8Array, place: number, partners: number, options: MultiPartyOptions): Run {
  const { counts, receivers, failureBits = 40 } = options;
  if (counts.length !== partners + 1 || counts.length < 2 || counts.length > PARTIES_MAX)
    throw new TomboloError("input.parties", `matching takes the agreed parties, 2 to ${PARTIES_MAX}`);
  if (counts.some((count) => !Number.isInteger(count) || count < 0 || count > ITEMS_MAX))
    throw new TomboloError("input.rows", `one run matches at most ${ITEMS_MAX} rows`);
  if (items.length !== BLOCK_BYTES * counts[place]!)
    throw new RangeError("as many digests as the own count, 16 bytes each");
  if (receivers !== undefined && !receivers.includes(GUEST))
    throw new TomboloError("input.receivers", "the guest finds the matches, so it learns them");
  return { place, options, failureBits: bitsEach(counts.length, failureBits) };
}

/** There are hosts^2 functions and as many tables of hints as hosts. */
function bitsEach(parties: number, failureBits: number): number {
  const hosts = parties - 1;
  return failureBits + Math.ceil(Math.log2(hosts ** 2 + hosts));
}

/** What budgets count for a partner that declares `rows`: it could find ids that fit its table's slots besides. */
export const asksOf =
  (parties: number) =>
  (rows: number, failureBits: number): number =>
    voleAsksOf(rows, bitsEach(parties, failureBits));

export const learns = ({ options: { receivers } }: Run, place: number): boolean =>
  receivers === undefined || receivers.includes(place);

/** The function that the party at `sender` keeps the key of and the one at `receiver` gets values of. */
export async function functionOptions(run: Run, sender: number, receiver: number): Promise<OprfOptions> {
  const { secrets, binding } = run.options;
  const places = new Uint8Array(Uint16Array.of(sender, receiver).buffer);
  return { secrets, binding: await sha256(concat(LABEL, binding, places)), failureBits: run.failureBits };
}

/** Sums over GF(2^128), block by block, of arrays that come in any order. */
export class Sum {
  readonly #blocks: Uint8Array;
  #last: Promise<void> = Promise.resolve();

  constructor(blocks: Uint8Array) {
    this.#blocks = blocks;
  }

  add(values: Uint8Array): Promise<void> {
    this.#last = this.#last.then(() => addBlocks(this.#blocks, values));
    return this.#last;
  }
}

/** Positions of the blocks that are zero, ascending. */
export function zeros(blocks: Uint8Array): Uint32Array {
  const words = new Uint32Array(blocks.buffer, blocks.byteOffset, blocks.length / 4);
  const out = new Uint32Array(blocks.length / BLOCK_BYTES);
  let found = 0;
  for (let i = 0, at = 0; at < words.length; i++, at += 4)
    if ((words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0) out[found++] = i;
  return out.slice(0, found);
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "psi/multi-party", blame: party });

/** Payload bytes between the guest and the host at `place`, both ways. */
export function guestTraffic(counts: readonly number[], place: number, matched: number, failureBits = 40): number {
  const bits = bitsEach(counts.length, failureBits);
  return oprfBytes(counts[GUEST]!, bits) + hintBytes(counts[place]!, bits) + BLOCK_BYTES * matched;
}

/** Payload bytes between two hosts, both ways. */
export function hostTraffic(counts: readonly number[], one: number, other: number, failureBits = 40): number {
  const bits = bitsEach(counts.length, failureBits);
  return oprfBytes(counts[one]!, bits) + oprfBytes(counts[other]!, bits);
}
