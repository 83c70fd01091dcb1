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
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type Engine, largest } from "@tombolo/protocols/secret-sharing/engine";
import type { predictionMessages } from "../messages.ts";
import { requestRows } from "../predict.ts";
import { engineAt } from "../predict-bands.ts";
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
): Promise<void> {
  const { model, rows, first = 0, take, onProgress } = input;
  const classes = model.intercepts.length;
  await requestRows(input, peer, { unit: UNIT, chunkRows: chunkRowsOf(classes) });
  const me = await engineAt("first", peer, input);
  let done = first;
  for await (const own of ownPredictors(input)) {
    await take((await likeliest(me, own, classes))!);
    done += own.length / classes;
    onProgress?.(done, rows.rowCount);
  }
}

export async function decideHost(
  input: HostClassInput & Deciding,
  peer: Peer<typeof predictionMessages, "host">,
): Promise<void> {
  const { first } = await acceptClassRequest(input, peer, UNIT);
  const me = await engineAt("second", peer, input);
  for await (const totals of hostTotals(input, first)) await likeliest(me, totals, input.model.classes);
}

/** Null at the host. */
async function likeliest(me: Engine, parts: Float64Array, classes: number): Promise<Float64Array | null> {
  const options = { shape: [parts.length / classes, classes], bound: BEHIND_MOST };
  const behind = wholeBehind(parts, classes);
  const mine = (role: string): Float64Array | undefined => (me.self === role ? behind : undefined);
  const first = await me.integers("first", options, mine("first"));
  const second = await me.integers("second", options, mine("second"));
  const { argmax } = await largest(me, me.add(first, second));
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
