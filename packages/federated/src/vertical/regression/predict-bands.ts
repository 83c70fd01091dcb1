/**
 * Bands of scores in place of scores: of each row the guest learns between which agreed bounds its score lies, and not the
 * host's total. For hosts of few columns, and wherever a decision is all that is needed.
 *
 * 1. As in prediction (predict.ts) the guest asks, and each side sums up its own contributions; the host's are rounded alike.
 * 2. Both enter theirs as whole numbers of a unit that follows from the bounds alone (secret-sharing/engine).
 * 3. For each row and bound: is the sum below the bound? Compared on shares; the guest alone is told.
 *
 * Learns: guest - for each row and bound, on which side the score is. host - the number of rows, and with which model.
 * Must not learn: guest - the total, but for what the band and its own part tell of it; with b bounds log2(b + 1) bits a row.
 * host - anything of a row. Adversary: semi-honest, one of the two.
 * Error: sums within 2^-24 of the largest bound of a bound, or 2^-50 of the guest's part, may fall to either side. The host's part is cut at 2^34
 * times the largest bound. A guest's own part beyond half of that ends the job at the guest, so that what is cut off decides nothing.
 * Rounds: those of one comparison a chunk of 8,192 rows.
 *
 * With several hosts guest and first host compare, and have shares of what the others have (predict-shared.ts). Nothing is cut then, since parts
 * of several hosts may be large and cancel: a host whose part is out of range ends the job by name.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { Engine, type Integers } from "@tombolo/protocols/secret-sharing/engine";
import { type TwoPartyPeer, twoParty, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { scalarFamilyOf } from "./families/index.ts";
import { type predictionMessages, UNIT_LEAST } from "./messages.ts";
import type { GuestModel } from "./model.ts";
import { PARTIES_MAX } from "./parameters.ts";
import {
  acceptRequest,
  type GuestPredictInput,
  type HostPredictInput,
  ownParts,
  requestRows,
  roundedTotals,
} from "./predict.ts";
import { partsForFirst, partsForGuest, type SharedParts, type SharingEnds, shareParts } from "./predict-shared.ts";
import type { EarlierHost } from "./predict-sum.ts";

export const BOUNDS_MAX = 16;
const UNIT_BITS = 24;
/** Half of the other with every bound: a part of the host that was cut outweighs the guest's as it did before. */
export const GUEST_MOST = 2 ** 57;
export const HOST_MOST = 2 ** 58;
/** Of several hosts: all together are within the same. */
const HOST_EACH = HOST_MOST / PARTIES_MAX;
/** Beyond every sum. */
export const NEVER_REACHED = 2 ** 60;

interface Banding {
  readonly secrets: Secrets;
}

/**
 * `below`: scores, rising. `take` has for each row the number of its band: how many bounds its score is not below. `further`: hosts after the
 * first.
 */
export async function bandsGuest(
  input: GuestPredictInput & Banding & { readonly below: readonly number[] },
  peer: Peer<typeof predictionMessages, "guest">,
  further: readonly Peer<typeof predictionMessages, "guest">[] = [],
): Promise<void> {
  const { model, below, take, first = 0, signal } = input;
  const { exponent, whole } = wholeBounds(model, below);
  await Promise.all([peer, ...further].map((each) => requestRows(input, each, { unit: exponent })));
  const parts = await partsForGuest(further);
  const me = await engineAt("first", peer, input);
  let done = first;
  for await (const mine of ownParts(input)) {
    signal?.throwIfAborted();
    const own = ownWhole(
      mine.map((part) => part + model.intercept),
      exponent,
    );
    const flags = (await compared(me, own, { bounds: whole, parts }))!;
    const reached = (row: number): number => whole.reduce((sum, _, b) => sum + 1 - flags[b * own.length + row]!, 0);
    await take(
      Float64Array.from(own, (_, row) => reached(row)),
      null,
    );
    done += mine.length;
    input.onProgress?.(done, input.rows.rowCount);
  }
}

/** `bounds`: how many of them. `further`: where this is the first of several hosts, the others. */
export async function bandsHost(
  input: HostPredictInput & Banding & { readonly bounds: number },
  peer: Peer<typeof predictionMessages, "host">,
  further: readonly EarlierHost[] = [],
): Promise<void> {
  const { request, unit } = await acceptBands(input, peer);
  const parts = await partsForFirst(further, request);
  const me = await engineAt("second", peer, input);
  const bounds = new Array<number>(input.bounds).fill(0);
  for await (const totals of roundedTotals(input, request.first, request.chunkRows)) {
    const own = further.length === 0 ? cutParts(totals, unit) : wholeParts(totals, unit);
    await compared(me, own, { bounds, parts });
  }
  await parts.end();
}

/** A host after the first. */
export async function shareForBands(input: HostPredictInput, ends: SharingEnds): Promise<void> {
  const { request, unit } = await acceptBands(input, ends.peer);
  await shareParts(request, whole(), ends);

  async function* whole(): AsyncIterable<Float64Array> {
    for await (const totals of roundedTotals(input, request.first, request.chunkRows)) yield wholeParts(totals, unit);
  }
}

async function acceptBands(input: HostPredictInput, peer: Peer<typeof predictionMessages, "host">) {
  const request = await acceptRequest(input, peer);
  const { unit } = request;
  if (unit === null) throw new TomboloError("protocol.malformed", "the guest asks for bands without a unit");
  return { request, unit };
}

export async function engineAt(
  role: "first" | "second",
  peer: Peer<typeof predictionMessages, "guest"> | Peer<typeof predictionMessages, "host">,
  { secrets }: Banding,
): Promise<Engine> {
  // Roles go with the table, which messages.ts makes of the engine's by other names of the same roles.
  return new Engine(await twoParty({ role, peer } as unknown as TwoPartyPeer, { secrets }));
}

const cutParts = (parts: Float64Array, exponent: number): Float64Array =>
  parts.map((part) => Math.round(Math.max(-HOST_MOST, Math.min(HOST_MOST, part / 2 ** exponent))));

/** Of one host among several. Throws `input.range`. */
function wholeParts(parts: Float64Array, exponent: number): Float64Array {
  const whole = parts.map((part) => Math.round(part / 2 ** exponent));
  if (whole.every((part) => Math.abs(part) <= HOST_EACH)) return whole;
  throw tooNear();
}

/** The guest's. Throws `input.range` where what is cut off at the host could decide. */
export function ownWhole(parts: Float64Array, exponent: number): Float64Array {
  const whole = parts.map((part) => Math.round(part / 2 ** exponent));
  if (whole.every((part) => Math.abs(part) <= GUEST_MOST)) return whole;
  throw tooNear();
}

const tooNear = (): TomboloError =>
  new TomboloError("input.range", "all bounds are too near to 0 for scores of this size", {
    remedy: "Add a band with a bound of the size of the scores, or let scores be told.",
  });

interface Comparing {
  readonly bounds: readonly number[];
  /** Shares of what further hosts have. */
  readonly parts: SharedParts;
}

/** Whether each row's sum is below each bound, one bound after another: all of it is one comparison. Null at the host. */
async function compared(me: Engine, own: Float64Array, { bounds, parts }: Comparing): Promise<Uint8Array | null> {
  const shape = [bounds.length * own.length];
  const values = new Float64Array(shape[0]!);
  bounds.forEach((bound, b) => {
    values.set(me.self === "first" ? own.map((value) => value - bound) : own, b * own.length);
  });
  const mine = (role: string): Float64Array | undefined => (me.self === role ? values : undefined);
  const first = await me.integers("first", { shape, bound: GUEST_MOST + NEVER_REACHED }, mine("first"));
  const second = await me.integers("second", { shape, bound: HOST_MOST }, mine("second"));
  const others = await parts.next(own.length);
  const words = wordsOfShares(BigUint64Array.from({ length: shape[0]! }, (_, i) => others[i % own.length]!));
  const more: Integers = { kind: "integer", shape, bound: parts.hosts * HOST_EACH, words };
  return me.openFlags(await me.less(me.add(me.add(first, second), more), 0), "first");
}

/** Bounds of the linear predictor, as whole numbers of a power of two. Throws `input.parameters`. */
export function wholeBounds(model: GuestModel, below: readonly number[]) {
  const rising = below.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > below[i - 1]!));
  if (below.length === 0 || below.length > BOUNDS_MAX || !rising)
    throw new TomboloError("input.parameters", `bands need 1 to ${BOUNDS_MAX} bounds, each above the one before`);
  const bounds = below.map((score) => scalarFamilyOf(model).predictor(score));
  const largest = Math.max(...bounds.map((bound) => (Number.isFinite(bound) ? Math.abs(bound) : 0)));
  const exponent = Math.max(UNIT_LEAST, Math.ceil(Math.log2(largest === 0 ? 1 : largest)) - UNIT_BITS);
  const whole = bounds.map((bound) =>
    Number.isFinite(bound) ? Math.round(bound / 2 ** exponent) : Math.sign(bound) * NEVER_REACHED,
  );
  return { exponent, whole };
}
