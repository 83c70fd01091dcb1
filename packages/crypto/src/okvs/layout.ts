/**
 * Shape of an oblivious key-value store for a failure probability per run.
 *
 * Paper: Raghuraman, Rindal, "Blazing Fast PSI from Improved OKVS and Subfield VOLE", CCS 2022, sections 3 and 4. With
 * three hashes a cluster of n keys in e·n sparse slots and g dense slots fails with probability 2^-s where
 *   s = slope(n)·(e - 1.223) - 9.2,  log2 slope(n) = 0.555·log2 n + 0.093·w^3 - 1.01·w^2 + 2.925·w - 0.133,  w = log2 3,
 *   g = s / log2(e·n)                                                             (cores of keys with the same slots).
 * Measured by crates/kernels/examples/okvs-failures.rs: failures of large clusters follow this line; those of small ones
 * a parabola that is up to three bits above it in the middle and below it from some 2^-40 on (README of psi/vole). Deviations: five bits
 * more than asked for, for that; clusters below 64 keys take the shape of 64, where the fit was made
 * for more; g is rounded up; and a cluster's capacity comes from Chernoff's bound on how many of all keys hash to it.
 */
import type { OkvsLayout } from "@tombolo/kernels";

export interface OkvsSettings {
  /** At most 2^-failureBits per table: half for clusters that overflow, half for those that cannot be solved. */
  readonly failureBits: number;
  /** Keys in a cluster, about. 2^14 keep a cluster in L2; larger ones need fewer slots and more time. */
  readonly clusterKeys: number;
}

export const OKVS_DEFAULTS: OkvsSettings = { failureBits: 40, clusterKeys: 2 ** 14 };

const LOG_W = Math.log2(3);
const THRESHOLD = 1.223;
const OFFSET_BITS = 9.2;
const MARGIN_BITS = 5;
const FITTED_KEYS_MIN = 64;
/** Slots of a cluster are rounded up to this, which also hides differences of floating point between machines. */
const SLOTS_STEP = 16;

/** For `count` keys at most. */
export function okvsLayout(count: number, settings: Partial<OkvsSettings> = {}): OkvsLayout {
  const { failureBits, clusterKeys } = { ...OKVS_DEFAULTS, ...settings };
  const clusters = Math.max(1, Math.round(count / clusterKeys));
  const bitsEach = failureBits + 1 + Math.log2(clusters);
  const capacity = clusters === 1 ? count : overflowCapacity(count, clusters, bitsEach);
  const { sparse, dense } = clusterSlots(capacity, bitsEach);
  return { clusters, capacity, sparse, dense };
}

export const okvsSlots = ({ clusters, sparse, dense }: OkvsLayout): number => clusters * (sparse + dense);

/** Expected -log2 of the probability that a cluster of `keys` in `ratio`·keys slots does not peel. */
export const peelingBits = (keys: number, ratio: number): number => slope(keys) * (ratio - THRESHOLD) - OFFSET_BITS;

const slope = (keys: number): number =>
  2 ** (0.555 * Math.log2(keys) + 0.093 * LOG_W ** 3 - 1.01 * LOG_W ** 2 + 2.925 * LOG_W - 0.133);

function clusterSlots(capacity: number, bits: number): { sparse: number; dense: number } {
  const keys = Math.max(capacity, FITTED_KEYS_MIN);
  const ratio = THRESHOLD + (bits + MARGIN_BITS + OFFSET_BITS) / slope(keys);
  const dense = Math.ceil(bits / Math.log2(ratio * keys));
  return { sparse: Math.ceil((ratio * keys + dense) / SLOTS_STEP) * SLOTS_STEP - dense, dense };
}

/**
 * The least c so that more than c of n keys fall into one of k clusters with probability at most 2^-bits:
 * P[Bin(n, 1/k) >= c] <= exp(-n·KL(c/n || 1/k)).
 */
export function overflowCapacity(count: number, clusters: number, bits: number): number {
  const p = 1 / clusters;
  const overflowBits = (c: number): number => {
    const share = c / count;
    if (share >= 1) return Number.POSITIVE_INFINITY;
    const divergence = share * Math.log(share / p) + (1 - share) * Math.log((1 - share) / (1 - p));
    return (count * divergence) / Math.LN2;
  };
  let [low, high] = [Math.ceil(count / clusters), count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // One more than the capacity must be that unlikely.
    if (overflowBits(middle + 1) >= bits) high = middle;
    else low = middle + 1;
  }
  return low;
}
