/** Names of a run and shares of zero among the hosts, without a network. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { blockStream, POINT_BYTES, sha256 } from "@tombolo/crypto";
import { trafficBytes as circuitBytes, shapeOf } from "../../psi/circuit/index.ts";

export const STAGE = "query/joint-count";
const LABEL = {
  run: utf8("tombolo/query-joint-count/2/run\0"),
  id: utf8("tombolo/query-joint-count/2/id\0"),
  circuit: utf8("tombolo/query-joint-count/2/circuit\0"),
  zero: utf8("tombolo/query-joint-count/2/zero\0"),
} as const;
export const TRANSFERS = "joint-count";
export const THRESHOLD_TRANSFERS = "joint-count-threshold";

/** Of every host's own fresh key: no party chooses it alone, and none meets it again in another session. */
export const runOf = (start: Uint8Array, keys: Uint8Array): Promise<Uint8Array> =>
  sha256(concat(LABEL.run, start, keys));

/** What ids of this run are digested with. */
export const idPrefix = (run: Uint8Array): Uint8Array => concat(LABEL.id, run);

/** The same for all hosts, so that an id has the same bin with each. */
export const circuitBinding = (run: Uint8Array): Promise<Uint8Array> => sha256(concat(LABEL.circuit, run));

/** One byte a bin: the sum over all hosts is zero modulo 256. `keys`: of each pair with another host, in the hosts' order. */
export async function sharesOfZero(keys: readonly Uint8Array[], place: number, bins: number): Promise<Uint8Array> {
  const out = new Uint8Array(bins);
  for (const [i, key] of keys.entries()) {
    const sign = i < place ? -1 : 1; // the i-th other host comes before this one
    const seed = (await sha256(concat(LABEL.zero, key))).slice(0, 16);
    const stream = await blockStream(seed, bins);
    for (let bin = 0; bin < bins; bin++) out[bin]! += sign * stream[bin]!;
  }
  return out;
}

/** Payload bytes in both directions together, for lists of these sizes. */
export function trafficBytes(receiverCount: number, lists: readonly number[], threshold = false): number {
  return lists.reduce((sum, senderCount, place) => {
    const circuit = { receiverCount, senderCount, payloadWords: 0 };
    const { bins } = shapeOf(circuit);
    const transfers = 16_384 + 496 * Math.ceil(bins / 128);
    const own = 36 + 36 + 1 + POINT_BYTES * lists.length + Math.ceil(bins / 8) + 2 * bins;
    const picked =
      threshold && place === 0 ? 16_384 + 496 * Math.ceil((4 * bins) / 128) + Math.ceil(bins / 2) + 2 * bins : 0;
    return sum + circuitBytes(circuit) + transfers + own + picked;
  }, 0);
}

/** The last four bits of a sum hold no larger count. */
export const HOSTS_MAX_THRESHOLD = 15;

/** Throws `input.threshold`. */
export function requireThreshold(least: number, lists: number): void {
  if (Number.isInteger(least) && least >= 1 && least <= lists && lists <= HOSTS_MAX_THRESHOLD) return;
  throw new TomboloError(
    "input.threshold",
    `a threshold is from 1 to the number of lists, ${HOSTS_MAX_THRESHOLD} at most`,
    {
      stage: STAGE,
      remedy: "Choose another threshold, or ask fewer lists.",
    },
  );
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
