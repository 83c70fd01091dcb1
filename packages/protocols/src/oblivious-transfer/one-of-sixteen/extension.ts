/**
 * Random oblivious transfers of one in sixteen short entries, any number of them, from 240 random ones of one in two.
 *
 * Kolesnikov, Kumaresan, "Improved OT Extension for Transferring Short Secrets", CRYPTO 2013, with the code on VOLE over small fields as in Roy,
 * "SoftSpokenOT", CRYPTO 2022 (section 2.3, figures 5 to 8). Delta has sixty symbols of GF(16). Of each there is a tree of sixteen
 * seeds, of which the receiver knows all and the sender all but the one at that symbol: with u = sum of the seeds' streams the receiver has t, the
 * sender t + symbol·u. The receiver corrects all u to be words C(x) of a code, four simplex codes [15, 4, 8] side by side, x its choice of
 * four bits; then
 *
 *   q = t + delta·C(x)        key of choice y:  H(q + delta·C(y)) = H(t + delta·C(x + y))        the receiver's, of x: H(t)
 *
 * 1. receiver -> sender: sums of both sides of each tree level under the keys of the 240 transfers, in which the sender's choices are
 *    the complement of delta.   2. receiver -> sender: u + C(x) of each tree but those four whose u are x, a batch at a time.
 *
 * The sender learns all sixteen keys, nothing of x; the receiver that of x: of every other, delta at 32 symbols, 128 bits, is in the
 * way. Adversary: semi-honest. Assumptions: AES as ideal cipher (streams of seeds; H is correlation robust, as in `softspoken`), those of
 * the transfers. Constant-time but for what the sizes tell.
 *
 * Deviations: H takes a block, of 240 bits made 128 by an MDS matrix on each simplex code's symbols, so that the 128 bits of delta in
 * any difference of words stay 128 (kernels, `reference/sixteen.ts`). Seven bytes a transfer where four of one in two take 15.5.
 *
 * Pure steps: messages belong to the protocol that uses them.
 */
import { concat, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations, sha256 } from "@tombolo/crypto";
import type { BulkReceived, RandomReceived, RandomSent } from "../softspoken/index.ts";

const LEVELS = 4;
const TREES = 60;
/** Trees whose correction is sent. */
const CORRECTED = TREES - LEVELS;
/** Transfers of one in two that it begins with. */
export const SEED_TRANSFERS = LEVELS * TREES;
export const TREES_BYTES = 2 * BLOCK_BYTES * SEED_TRANSFERS;
/** Of one run: numbers of hashed blocks stay far from where repeats are likely. */
const TOTAL_MAX = 2 ** 33;

const LABEL = {
  trees: utf8("tombolo/oblivious-transfer/one-of-sixteen/1/trees\0"),
  hash: utf8("tombolo/oblivious-transfer/one-of-sixteen/1/hash\0"),
} as const;

/** Of so many transfers. */
export const correctionBytes = (count: number): number => CORRECTED * BLOCK_BYTES * Math.ceil(count / 128);

/** Transfers in multiples of eight, of entries of so many bits; none has anything of an earlier one. */
export interface SixteenReceiver {
  make(count: number, planes: number): Promise<BulkReceived & { readonly corrections: Uint8Array }>;
}

export interface SixteenSender {
  /** The partner's corrections, of the size that belongs to the count. */
  make(count: number, planes: number, corrections: Uint8Array): Promise<Uint8Array>;
}

/** Trees of fresh seeds, and what the sender opens its part of them with. `session` belongs to this run alone. */
export async function plant(
  { zero, one }: RandomSent,
  session: Uint8Array,
  secrets: Secrets,
): Promise<{ readonly receiver: SixteenReceiver; readonly trees: Uint8Array }> {
  const seeds = secrets.bytes(BLOCK_BYTES * TREES);
  const { leaves, sums } = await correlations.ggmExpand(seeds, LEVELS, await saltOf(LABEL.trees, session));
  const trees = sums.slice();
  for (let i = 0; i < SEED_TRANSFERS; i++) {
    addInto(blockAt(trees, 2 * i), blockAt(zero, i));
    addInto(blockAt(trees, 2 * i + 1), blockAt(one, i));
  }
  const [salt, next] = [await saltOf(LABEL.hash, session), places()];
  const receiver: SixteenReceiver = {
    make: async (count, planes) => {
      const { corrections, choices, kept } = await correlations.sixteenReceived({
        leaves,
        first: next(count),
        count,
        salt,
        planes,
      });
      // Copies: what is left of the array is much larger, and gone once it is sent.
      return { corrections, choices: choices.slice(), kept: kept.slice() };
    },
  };
  return { receiver, trees };
}

/** All leaves but the one of each tree at delta's symbol. */
export async function prune(
  { choices, keys }: RandomReceived,
  trees: Uint8Array,
  session: Uint8Array,
): Promise<SixteenSender> {
  if (trees.length !== TREES_BYTES) throw new RangeError("seeds of another number");
  const others = keys.slice(0, BLOCK_BYTES * SEED_TRANSFERS);
  const positions = new Uint32Array(TREES);
  for (let i = 0; i < SEED_TRANSFERS; i++) {
    const side = (choices[i >> 3]! >> (i & 7)) & 1;
    addInto(blockAt(others, i), blockAt(trees, 2 * i + side));
    positions[Math.floor(i / LEVELS)]! |= (1 - side) << (i % LEVELS);
  }
  const leaves = await correlations.ggmPuncture(others, positions, LEVELS, await saltOf(LABEL.trees, session));
  const [salt, next] = [await saltOf(LABEL.hash, session), places()];
  return {
    make: (count, planes, corrections) =>
      correlations.sixteenSent({ leaves, first: next(count), count, salt, planes }, positions, corrections),
  };
}

/** Where the streams of the next so many transfers begin. */
function places(): (count: number) => number {
  let [first, taken] = [0, 0];
  return (count) => {
    taken += count;
    if (taken > TOTAL_MAX)
      throw new TomboloError("resource.transfers", "this run has used up its oblivious transfers", {
        remedy: "Start another run, which begins with new keys.",
      });
    const here = first;
    first += Math.ceil(count / 128);
    return here;
  };
}

const saltOf = async (label: Uint8Array, session: Uint8Array): Promise<Uint8Array> =>
  (await sha256(concat(label, session))).slice(0, BLOCK_BYTES);

const blockAt = (blocks: Uint8Array, i: number): Uint8Array => blocks.subarray(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1));

function addInto(to: Uint8Array, from: Uint8Array): void {
  for (let i = 0; i < to.length; i++) to[i]! ^= from[i]!;
}
