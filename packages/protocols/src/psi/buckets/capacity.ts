/** How many buckets, and how large: public functions of the row counts that both parties declare. */

/** Up to this many rows at the larger side one bucket holds all; above, a bucket expects a quarter to half of it. */
export const BUCKET_ROWS_MAX = 2 ** 22;
/** A run in which any bucket of any party overflows happens once in 2^40. */
const FAILURE_BITS = 40;
/** Rounded up to this, so that no last digit of a logarithm decides. */
const STEP = 256;

export const BUCKET_BITS_MAX = 16;

/**
 * Leading bits of a digest that name its bucket: 0, or so many that each party has a bucket of its own for fillers. Of
 * several parties each holds the same bucket for all others at once: the more there are, the smaller it is.
 */
export function bucketBits(rowsLarger: number, bucketRowsMax = BUCKET_ROWS_MAX, parties = 2): number {
  const rows = rowsLarger * (parties - 1);
  if (rows <= bucketRowsMax) return 0;
  const bits = Math.ceil(Math.log2(rows / (bucketRowsMax / 2)));
  return Math.min(BUCKET_BITS_MAX, Math.max(bits, Math.ceil(Math.log2(parties + 1))));
}

/**
 * Least c such that none of 2^bits buckets, which `rows` uniform digests fall into, holds more than c but with
 * probability 2^-failureBits / parties: for one bucket, Chernoff's bound P[X >= c] <= 2^(-rows·D(c/rows || 2^-bits)), over
 * all parties' buckets the sum.
 */
export function bucketCapacity(rows: number, bits: number, parties = 2, failureBits = FAILURE_BITS): number {
  if (bits === 0) return rows;
  const share = 2 ** -bits;
  const needed = failureBits + Math.ceil(Math.log2(parties)) + bits;
  let [low, high] = [Math.floor(rows * share), rows];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rows * divergence((middle + 1) / rows, share) >= needed) high = middle;
    else low = middle + 1;
  }
  return Math.min(rows, STEP * Math.ceil(low / STEP));
}

/** D(q || p) in bits, for q >= p; 0 below. */
export function divergence(q: number, p: number): number {
  if (q <= p) return 0;
  if (q >= 1) return -Math.log2(p);
  return q * Math.log2(q / p) + (1 - q) * Math.log2((1 - q) / (1 - p));
}
