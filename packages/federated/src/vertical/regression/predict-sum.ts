/**
 * Scores with several hosts, of whose contributions the guest learns no more than the sum.
 *
 * Each two hosts have a key in common; what a host has of a row goes to the guest under masks that cancel in the sum of all
 * (Bonawitz et al., "Practical Secure Aggregation", CCS 2017, without dropouts). Masks hang on the request as each host got it:
 * of a guest that asks hosts for different rows, or under different models, they do not cancel.
 *
 * Learns: guest - of each row the sum of all hosts' totals, rounded to the coarsest host's unit; hence the score. hosts - the number of rows, with
 * which model, and between which powers of two the spread of each other's totals was in training.
 * Must not learn: guest - one host's total. **Together with all other hosts it learns the last one's**, as whoever knows a sum and all
 * parts of it but one. Adversary: semi-honest; any parties together but for that. Assumption: AES-128 as a pseudorandom permutation, SHA-256 as a
 * random oracle.
 *
 *  1 host <-> host  earlierMask, laterUnit    a key and both units
 *  2 guest -> host  request                   number of rows, from which on, the model's id
 *  3 host -> guest  maskedUnit, maskedTotals  the unit of all, eight bytes a row
 */
import { canonicalJson, concat, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { CommonStream, KEY_BYTES } from "@tombolo/protocols/secret-sharing/pairwise";
import type { maskMessages, PredictionRequest, predictionMessages } from "./messages.ts";
import {
  acceptRequest,
  type GuestPredictInput,
  type HostPredictInput,
  ownChunks,
  requestRows,
  takeChunk,
  totalsInChunks,
} from "./predict.ts";

type Messages = typeof predictionMessages;
export type EarlierHost = { readonly side: "earlier"; readonly peer: Peer<Messages, "earlier"> };
export type LaterHost = { readonly side: "later"; readonly peer: Peer<Messages, "later"> };
/** The own end of a session with another host: who comes first among the hosts is the earlier. */
export type HostPair = EarlierHost | LaterHost;

/** In units: sums of 15 hosts are exact numbers. */
const UNITS_MAX = 2 ** 49;

export async function predictSumGuest(
  input: GuestPredictInput,
  peers: readonly Peer<Messages, "guest">[],
): Promise<void> {
  const { rows, first = 0, onProgress } = input;
  await Promise.all(peers.map((peer) => requestRows(input, peer)));
  const sums = await receiveSums(peers);
  let done = first;
  for await (const chunk of ownChunks(input)) {
    await takeChunk(input, chunk, await sums.next(chunk.own.length));
    done += chunk.own.length;
    onProgress?.(done, rows.rowCount);
  }
  await sums.end();
}

/** Sums of what all hosts answer to requests that were sent. Throws `protocol.malformed` for more or fewer than are asked for. */
export async function receiveSums(peers: readonly Peer<Messages, "guest">[]) {
  const units = await Promise.all(peers.map(async (peer) => unitIn(await peer.receive("maskedUnit"), peer.party)));
  if (new Set(units).size > 1) throw new TomboloError("protocol.agreement", "hosts round their totals differently");
  const sums = new WordSums(peers.map((peer) => ({ party: peer.party, chunks: peer.receiveEach("maskedTotals") })));
  return {
    async next(count: number): Promise<Float64Array> {
      return Float64Array.from(await sums.next(count), (sum) => units[0]! * Number(BigInt.asIntN(64, sum)));
    },
    end: (): Promise<void> => sums.end(),
  };
}

export interface WordStream {
  readonly party: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Of streams of words that go chunk by chunk with one another, added up. Throws `protocol.malformed` for more words or fewer. */
export class WordSums {
  readonly #streams: readonly { readonly party: string; readonly chunks: AsyncIterator<Uint8Array> }[];

  constructor(streams: readonly WordStream[]) {
    this.#streams = streams.map(({ party, chunks }) => ({ party, chunks: chunks[Symbol.asyncIterator]() }));
  }

  async next(count: number): Promise<BigUint64Array> {
    const each = await Promise.all(this.#streams.map(({ party, chunks }) => nextChunk(chunks, count, party)));
    const sums = new BigUint64Array(count);
    for (const words of each) for (let i = 0; i < count; i++) sums[i] = sums[i]! + words[i]!;
    return sums;
  }

  async end(): Promise<void> {
    for (const { party, chunks } of this.#streams)
      if ((await chunks.next()).done !== true)
        throw new TomboloError("protocol.malformed", "a host answers for rows that were not asked", { blame: party });
  }
}

async function nextChunk(answer: AsyncIterator<Uint8Array>, count: number, party: string): Promise<BigUint64Array> {
  const next = await answer.next();
  if (next.done === true || next.value.length !== 8 * count)
    throw new TomboloError("protocol.malformed", "a host's answer has a wrong length", { blame: party });
  return new BigUint64Array(next.value.slice().buffer);
}

/** `others`: the sessions with all other hosts. */
export function predictSumHost(
  input: HostPredictInput,
  peer: Peer<Messages, "host">,
  others: readonly HostPair[],
  secrets: Secrets,
): Promise<void> {
  const asked = async () => {
    const request = await acceptRequest(input, peer);
    return { request, totals: totalsInChunks(input, request.first, request.chunkRows) };
  };
  return answerMasked({ quantum: input.model.quantum, asked }, { peer, others, secrets });
}

export interface Answered {
  readonly quantum: number;
  /** What is asked for, and the totals that answer it, in chunks. */
  readonly asked: () => Promise<{
    readonly request: PredictionRequest;
    readonly totals: AsyncIterable<Float64Array>;
  }>;
}

export interface SumEnds {
  readonly peer: Peer<Messages, "host">;
  readonly others: readonly HostPair[];
  readonly secrets: Secrets;
}

/** Totals that go to the guest in masks. */
export async function answerMasked({ quantum, asked }: Answered, { peer, others, secrets }: SumEnds): Promise<void> {
  const pairs = await Promise.all(others.map((other) => openPair(other, quantum, secrets)));
  const unit = Math.max(quantum, ...pairs.map((pair) => pair.unit));
  const { request, totals } = await asked();
  const masks = pairs.map((pair) => masksOf(pair, request));
  await peer.send("maskedUnit", Float64Array.of(unit));
  await peer.sendEach("maskedTotals", maskedTotals(totals, unit, masks));
}

export interface OpenedPair {
  readonly earlier: boolean;
  /** What the other's totals are rounded to. */
  readonly unit: number;
  readonly key: Uint8Array;
  /** Of the session that the key went through. */
  readonly binding: Uint8Array;
}

interface Masks {
  readonly earlier: boolean;
  readonly common: CommonStream;
}

const masksOf = ({ earlier, key, binding }: OpenedPair, request: PredictionRequest): Masks => ({
  earlier,
  common: new CommonStream(key, concat(binding, canonicalJson(request))),
});

/** Who masks: the own end of a session with another host, of whatever table has these messages. */
export type MaskingPair =
  | { readonly side: "earlier"; readonly peer: MaskingEnd<"earlier"> }
  | { readonly side: "later"; readonly peer: MaskingEnd<"later"> };
type MaskingEnd<Role extends string> = Pick<Peer<typeof maskMessages, Role>, "party" | "binding" | "exchange">;

export async function openPair(other: MaskingPair, quantum: number, secrets: Secrets): Promise<OpenedPair> {
  const { party, binding } = other.peer;
  if (other.side === "earlier") {
    const key = secrets.bytes(KEY_BYTES);
    const own = new Uint8Array(Float64Array.of(quantum).buffer);
    const theirs = await other.peer.exchange("earlierMask", concat(key, own), "laterUnit");
    return { earlier: true, unit: unitIn(theirs, party), key, binding };
  }
  const theirs = await other.peer.exchange("laterUnit", Float64Array.of(quantum), "earlierMask");
  if (theirs.length !== KEY_BYTES + 8) throw new TomboloError("protocol.size", "a key and a number", { blame: party });
  const unit = unitIn(new Float64Array(theirs.slice(KEY_BYTES).buffer), party);
  return { earlier: false, unit, key: theirs.slice(0, KEY_BYTES), binding };
}

/** A power of two. */
function unitIn(values: Float64Array, party: string): number {
  const [unit] = values;
  if (values.length === 1 && unit! > 0 && Number.isInteger(Math.log2(unit!))) return unit!;
  throw new TomboloError("protocol.range", "totals are rounded to a power of two", { blame: party });
}

/** As a word. */
export const inUnits = (total: number, unit: number): bigint =>
  BigInt.asUintN(64, BigInt(Math.round(Math.max(-UNITS_MAX, Math.min(UNITS_MAX, total / unit)))));

async function* maskedTotals(
  chunks: AsyncIterable<Float64Array>,
  unit: number,
  masks: readonly Masks[],
): AsyncIterable<Uint8Array> {
  for await (const totals of chunks) {
    const out = BigUint64Array.from(totals, (total) => inUnits(total, unit));
    for (const { earlier, common } of masks) {
      const words = await common.words(out.length);
      for (let row = 0; row < out.length; row++) out[row] = out[row]! + (earlier ? words[row]! : -words[row]!);
    }
    yield new Uint8Array(out.buffer);
  }
}
