/**
 * Scores of aligned rows where the host has bins and the guest what each of them adds: the host's total of a row is a sum of look-ups.
 *
 * With H the host's one-hot matrix of a chunk of rows and v what each bin adds, in whole units, H·v is a product of a matrix in the clear
 * with a vector that the guest has whole (protocols/matrix-product): the guest has H·v under a mask that the host drew.
 *
 *  1 guest -> host  request   number of rows, from which on, the model's id; for bands the unit
 *  2 guest -> host  a key; for each chunk v, encrypted
 *  3 host -> guest  H·v under a mask; for scores the mask, too. For bands the sum is compared with each bound on shares (predict-bands.ts)
 *
 * Learns: guest - of scores each row's total, in units of the model's `quantum`; of bands on which side of each bound the score is. host - the
 * number of rows, and with which model. Must not learn: guest - the bin of a row, but for what totals tell of it: it knows what every bin
 * adds, so totals of few columns tell the bins. components/regression-predict sees to it that there are many more sets of bins than
 * totals. host - what a bin adds.
 * Adversary: semi-honest, one of the two. A guest that takes finer units than its part has would be told more.
 */

import type { Secrets } from "@tombolo/base";
import { type Column, TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  KeyOwner,
  MatrixOwner,
  type ProductMessages,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { plainNamed } from "@tombolo/protocols/renamed";
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { ONE_HOT_BITS } from "../formats.ts";
import type { predictionMessages } from "../messages.ts";
import {
  acceptRequest,
  CHUNK_ROWS,
  type GuestPredictInput,
  type HostPredictInput,
  ownChunks,
  ownParts,
  requestRows,
  takeChunk,
} from "../predict.ts";
import { engineAt, GUEST_MOST, HOST_MOST, NEVER_REACHED, ownWhole, wholeBounds } from "../predict-bands.ts";
import { binsOfRows } from "./bins.ts";
import { type GuestBinsModel, type HostBinsModel, plainPart } from "./model.ts";

type GuestEnd = Peer<typeof predictionMessages, "guest">;
type HostEnd = Peer<typeof predictionMessages, "host">;

export interface GuestBinsInput extends Omit<GuestPredictInput, "model"> {
  readonly model: GuestBinsModel;
  readonly secrets: Secrets;
}
export interface HostBinsInput extends Omit<HostPredictInput, "model"> {
  readonly model: HostBinsModel;
  readonly secrets: Secrets;
}

export async function predictBinsGuest(given: GuestBinsInput, peer: GuestEnd): Promise<void> {
  const { lookups } = given.model;
  const input = { ...given, model: plainPart(given.model) };
  const { rows, first = 0 } = input;
  await requestRows(input, peer);
  const added = addedBy(lookups.columns, lookups.quantum, Number.MAX_SAFE_INTEGER);
  const lookUp = await openLookUps(added, rows.rowCount - first, peer, input.secrets);
  let done = first;
  for await (const chunk of ownChunks(input)) {
    const shares = await lookUp(chunk.own.length);
    const masks = await receiveMasks(peer, shares.length);
    const totals = Float64Array.from(
      shares,
      (share, row) => lookups.quantum * Number(BigInt.asIntN(64, share + masks[row]!)),
    );
    await takeChunk(input, chunk, totals);
    done += shares.length;
    input.onProgress?.(done, rows.rowCount);
  }
}

export async function predictBinsHost(input: HostBinsInput, peer: HostEnd): Promise<void> {
  const { first } = await acceptRequest(input, peer);
  for await (const masks of masksOf(input, first, peer))
    await peer.send("lookupMasks", new Uint8Array(masks.slice().buffer));
}

/** `below`: as of `bandsGuest`. */
export async function bandsBinsGuest(
  given: GuestBinsInput & { readonly below: readonly number[] },
  peer: GuestEnd,
): Promise<void> {
  const input = { ...given, model: plainPart(given.model) };
  const { rows, first = 0, below, take, model, secrets, signal } = input;
  const { exponent, whole } = wholeBounds(model, below);
  await requestRows(input, peer, { unit: exponent });
  const me = await engineAt("first", peer, input);
  const { columns } = given.model.lookups;
  const added = addedBy(columns, 2 ** exponent, HOST_MOST / Math.max(1, columns.length) / 2);
  const lookUp = await openLookUps(added, rows.rowCount - first, peer, secrets);
  let done = first;
  for await (const parts of ownParts(input)) {
    signal?.throwIfAborted();
    const own = ownWhole(
      parts.map((part) => part + model.intercept),
      exponent,
    );
    const shares = (await lookUp(own.length)).map((share, row) => share + BigInt(own[row]!));
    const words = whole.flatMap((bound) => Array.from(shares, (share) => share - BigInt(bound)));
    const flags = (await compared(me, BigUint64Array.from(words)))!;
    const reached = (row: number): number => whole.reduce((sum, _, b) => sum + 1 - flags[b * own.length + row]!, 0);
    await take(
      Float64Array.from(own, (_, row) => reached(row)),
      null,
    );
    done += own.length;
    input.onProgress?.(done, rows.rowCount);
  }
}

/** `bounds`: how many of them. */
export async function bandsBinsHost(input: HostBinsInput & { readonly bounds: number }, peer: HostEnd): Promise<void> {
  const { first, unit } = await acceptRequest(input, peer);
  if (unit === null) throw new TomboloError("protocol.malformed", "the guest asks for bands without a unit");
  const me = await engineAt("second", peer, input);
  for await (const masks of masksOf(input, first, peer)) {
    const words = new BigUint64Array(input.bounds * masks.length);
    for (let bound = 0; bound < input.bounds; bound++) words.set(masks, bound * masks.length);
    await compared(me, words);
  }
}

/** Whether each sum is below 0; to the guest. */
async function compared(me: Engine, shares: BigUint64Array): Promise<Uint8Array | null> {
  const sums = {
    kind: "integer",
    shape: [shares.length],
    bound: GUEST_MOST + HOST_MOST + NEVER_REACHED,
    words: wordsOfShares(shares),
  } as const;
  return me.openFlags(await me.less(sums, 0), "first");
}

/** What each bin of all columns adds, and what a row in none has, in whole units. */
export interface Added {
  readonly bins: BigUint64Array;
  readonly none: bigint;
}

export function addedBy(columns: GuestBinsModel["lookups"]["columns"], unit: number, most: number): Added {
  const whole = (value: number): bigint => BigInt(Math.round(Math.max(-most, Math.min(most, value / unit))));
  const none = columns.map(({ coefficient, mean }) => whole(-coefficient * mean));
  const bins = columns.flatMap(({ coefficient, mean, woe }, i) =>
    woe.map((weight) => whole(coefficient * (weight - mean)) - none[i]!),
  );
  return { bins: BigUint64Array.from(bins), none: none.reduce((sum, one) => sum + one, 0n) };
}

/** Own shares of the totals of the next rows, so many of them. */
async function openLookUps(
  { bins, none }: Added,
  rows: number,
  peer: GuestEnd,
  secrets: Secrets,
): Promise<(count: number) => Promise<BigUint64Array>> {
  const planned = plansFor(rows, bins.length);
  const messages = plainNamed("lookup", peer as never) as unknown as Peer<ProductMessages, "keyOwner">;
  const keys = await KeyOwner.open(planned.plans, messages, secrets);
  return async (count) => {
    const plan = planned.of(count);
    if (plan === undefined) return new BigUint64Array(count).fill(none);
    return (await keys.product(plan).multiply(bins)).map((share) => share + none);
  };
}

/** The host's part of as many products as there are chunks: what masks each row. */
async function* masksOf(
  { model, rows, secrets, signal, onProgress }: HostBinsInput,
  first: number,
  peer: HostEnd,
): AsyncIterable<BigUint64Array> {
  const bins = model.columns.reduce((sum, column) => sum + column.bins.length, 0);
  const planned = plansFor(rows.rowCount - first, bins);
  const messages = plainNamed("lookup", peer as never) as unknown as Peer<ProductMessages, "matrixOwner">;
  const budget = new ReleaseBudget(planned.releasedMax);
  const owner = await MatrixOwner.open(planned.plans, messages, { secrets, budget, cacheBytesMax: 0 });
  let done = first;
  for await (const columns of rows.chunks(first, CHUNK_ROWS)) {
    signal?.throwIfAborted();
    const count = Math.min(CHUNK_ROWS, rows.rowCount - done);
    const plan = planned.of(count);
    if (plan === undefined) yield new BigUint64Array(count);
    else yield await owner.product(plan, oneHot(model, columns, count)).multiply(null);
    done += count;
    onProgress?.(done, rows.rowCount);
  }
}

function oneHot({ columns: own }: HostBinsModel, columns: readonly Column[], count: number): Int32Array[] {
  return own.flatMap(({ column: name, bins }) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined)
      throw new TomboloError("input.columns", "a column of the model is missing", { detail: { column: name } });
    const made = bins.map(() => new Int32Array(count));
    binsOfRows(column, bins).forEach((bin, row) => {
      if (bin >= 0) made[bin]![row] = 1;
    });
    return made;
  });
}

/** The same at both: chunks of CHUNK_ROWS rows, and what is left. */
function plansFor(rows: number, bins: number) {
  const [whole, rest] = [Math.floor(rows / CHUNK_ROWS), rows % CHUNK_ROWS];
  const sizes = bins === 0 ? [] : [...(whole > 0 ? [CHUNK_ROWS] : []), ...(rest > 0 ? [rest] : [])];
  const releasedMax = 2 ** Math.ceil(Math.log2(RELEASED_FOR_EACH * CHUNK_ROWS * (whole + 1)));
  const plans = sizes.map((size) =>
    planProduct({
      ...{ rows: size, columns: bins, vectors: 1, entryBits: ONE_HOT_BITS, bits: 64 },
      ...{ releasedMax, attempts: TASK_ATTEMPTS_MAX },
    }),
  );
  return {
    plans,
    releasedMax,
    of: (count: number): ProductPlan | undefined => plans[sizes.indexOf(count)],
  };
}

/** Coefficients for each row, those of rows that are not there included. */
const RELEASED_FOR_EACH = 4;

async function receiveMasks(peer: GuestEnd, count: number): Promise<BigUint64Array> {
  const bytes = await peer.receive("lookupMasks");
  if (bytes.length === 8 * count) return new BigUint64Array(bytes.slice().buffer);
  throw new TomboloError("protocol.malformed", "the host's answer has a wrong length", { blame: peer.party });
}
