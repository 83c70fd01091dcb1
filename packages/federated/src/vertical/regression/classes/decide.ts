/**
 * The likeliest class in place of probabilities: of each row the guest learns its number, and none of the host's totals.
 *
 * 1. As with probabilities (predict.ts) the guest asks, and each side sums up its own contributions for each class.
 * 2. Both enter theirs as whole numbers of 2^-20, less the largest of their own: that changes no order (secret-sharing/engine).
 * 3. The largest of each row's sums, by rounds of pairs on shares; its place is opened to the guest.
 *
 * Learns: guest - the class, log2 of the number of classes bits a row. host - the number of rows, and with which model.
 * Must not learn: guest - totals, probabilities, or the order of the other classes. host - anything of a row.
 * Adversary: semi-honest, one of the two.
 * Error: classes within 2^-20 of one another may change places, of equal ones the first wins; one that is 2^20 behind at a party by
 * itself counts as that far behind.
 * Rounds: ceil(log2(classes)) times those of a comparison and a choice, for a chunk of up to 8,192 rows.
 *
 * With several hosts guest and first host compare, and have shares of what the others have (../predict-shared.ts).
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type Engine, type Integers, largest } from "@tombolo/protocols/secret-sharing/engine";
import { wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { predictionMessages } from "../messages.ts";
import { requestRows } from "../predict.ts";
import { engineAt } from "../predict-bands.ts";
import { partsForFirst, partsForGuest, type SharedParts, type SharingEnds, shareParts } from "../predict-shared.ts";
import type { EarlierHost } from "../predict-sum.ts";
import {
  acceptClassRequest,
  chunkRowsOf,
  type GuestClassInput,
  type HostClassInput,
  hostTotals,
  ownPredictors,
} from "./predict.ts";

interface Deciding {
  readonly secrets: Secrets;
}

/** The exponent of what parts are whole numbers of. */
const UNIT = -20;
const BEHIND_MOST = 2 ** 40;

/** `take` has for each row the number of its class. */
export async function decideGuest(
  input: GuestClassInput & Deciding,
  peer: Peer<typeof predictionMessages, "guest">,
  further: readonly Peer<typeof predictionMessages, "guest">[] = [],
): Promise<void> {
  const { model, rows, first = 0, take, onProgress } = input;
  const classes = model.intercepts.length;
  const asked = { unit: UNIT, chunkRows: chunkRowsOf(classes) };
  await Promise.all([peer, ...further].map((each) => requestRows(input, each, asked)));
  const parts = await partsForGuest(further);
  const me = await engineAt("first", peer, input);
  let done = first;
  for await (const own of ownPredictors(input)) {
    await take((await likeliest(me, own, { classes, parts }))!);
    done += own.length / classes;
    onProgress?.(done, rows.rowCount);
  }
}

/** `further`: where this is the first of several hosts, the others. */
export async function decideHost(
  input: HostClassInput & Deciding,
  peer: Peer<typeof predictionMessages, "host">,
  further: readonly EarlierHost[] = [],
): Promise<void> {
  const request = await acceptClassRequest(input, peer, UNIT);
  const parts = await partsForFirst(further, request);
  const me = await engineAt("second", peer, input);
  const { classes } = input.model;
  for await (const totals of hostTotals(input, request.first)) await likeliest(me, totals, { classes, parts });
  await parts.end();
}

/** A host after the first. */
export async function shareForClass(input: HostClassInput, ends: SharingEnds): Promise<void> {
  const request = await acceptClassRequest(input, ends.peer, UNIT);
  await shareParts(request, behind(), ends);

  async function* behind(): AsyncIterable<Float64Array> {
    for await (const totals of hostTotals(input, request.first)) yield wholeBehind(totals, input.model.classes);
  }
}

interface Choosing {
  readonly classes: number;
  /** Shares of what further hosts have. */
  readonly parts: SharedParts;
}

/** Null at the host. */
async function likeliest(me: Engine, own: Float64Array, { classes, parts }: Choosing): Promise<Float64Array | null> {
  const options = { shape: [own.length / classes, classes], bound: BEHIND_MOST };
  const behind = wholeBehind(own, classes);
  const mine = (role: string): Float64Array | undefined => (me.self === role ? behind : undefined);
  const first = await me.integers("first", options, mine("first"));
  const second = await me.integers("second", options, mine("second"));
  const bound = parts.hosts * BEHIND_MOST;
  const words = wordsOfShares(await parts.next(own.length));
  const others: Integers = { kind: "integer", shape: options.shape, bound, words };
  const { argmax } = await largest(me, me.add(me.add(first, second), others));
  return me.open(argmax, "first");
}

/** Less the row's largest, in whole units. */
function wholeBehind(parts: Float64Array, classes: number): Float64Array {
  const out = new Float64Array(parts.length);
  for (let at = 0; at < parts.length; at += classes) {
    const own = parts.subarray(at, at + classes);
    const top = Math.max(...own);
    own.forEach((part, c) => {
      out[at + c] = Math.max(-BEHIND_MOST, Math.round((part - top) / 2 ** UNIT));
    });
  }
  return out;
}
