import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { BUCKET_ROWS_MAX, bucketBits, bucketCapacity } from "./capacity.ts";

/** log2 of P[X > c] for X of `rows` trials with chance 2^-bits each, by summing the tail exactly. */
function tailBits(rows: number, bits: number, c: number): number {
  const [p, logGamma] = [2 ** -bits, logFactorials(rows)];
  let sum = 0;
  for (let k = c + 1; k <= rows; k++) {
    const log = logGamma[rows]! - logGamma[k]! - logGamma[rows - k]! + k * Math.log(p) + (rows - k) * Math.log1p(-p);
    sum += Math.exp(log);
  }
  return Math.log2(sum);
}

function logFactorials(max: number): Float64Array {
  const out = new Float64Array(max + 1);
  for (let i = 1; i <= max; i++) out[i] = out[i - 1]! + Math.log(i);
  return out;
}

describe("buckets", () => {
  it("are one up to the limit, then hold a quarter to half of it", () => {
    expect([0, 1, BUCKET_ROWS_MAX].map((rows) => bucketBits(rows))).toEqual([0, 0, 0]);
    for (const rows of [BUCKET_ROWS_MAX + 1, 1e7, 1e8, 1e9, 2 ** 31]) {
      const expected = rows / 2 ** bucketBits(rows);
      expect(expected).toBeLessThanOrEqual(BUCKET_ROWS_MAX / 2);
      expect(expected).toBeGreaterThan(BUCKET_ROWS_MAX / 4);
    }
  });

  it("are smaller for more parties, and enough that each has one for its fillers", () => {
    for (const parties of [2, 3, 5, 20, 256]) {
      expect(bucketBits(2 ** 22 / (parties - 1), BUCKET_ROWS_MAX, parties)).toBe(0);
      const bits = bucketBits(2 ** 22, BUCKET_ROWS_MAX / 2, parties);
      expect(2 ** bits).toBeGreaterThan(parties);
      expect((2 ** 22 / 2 ** bits) * (parties - 1)).toBeLessThanOrEqual(BUCKET_ROWS_MAX / 4);
    }
    expect(bucketCapacity(1e6, 4, 3)).toBeGreaterThanOrEqual(bucketCapacity(1e6, 4));
  });

  it("of 2^11 rows and fewer, as the least setting makes, are padded by a third at most", () => {
    for (const rows of [5000, 1e5, 1e6, 6e7]) {
      const bits = bucketBits(rows, 2 ** 12);
      expect(2 ** bits * bucketCapacity(rows, bits)).toBeLessThan(1.34 * rows);
    }
    const tiny = bucketBits(1e5, 64);
    expect(2 ** tiny * bucketCapacity(1e5, tiny)).toBeGreaterThan(6 * 1e5);
  });

  it("overflow with less than 2^-41 over all buckets, by the exact tail", () => {
    for (const [rows, bits] of [
      [1000, 2],
      [20_000, 3],
      [60_000, 6],
      [3000, 10],
    ] as const) {
      const capacity = bucketCapacity(rows, bits);
      if (capacity < rows) expect(tailBits(rows, bits, capacity) + bits).toBeLessThan(-41);
      else expect(capacity).toBe(rows);
    }
  });

  it("cost little room when they are large", () => {
    expect(bucketCapacity(5_000_000, 0)).toBe(5_000_000);
    expect(bucketCapacity(1e8, bucketBits(1e8)) / (1e8 / 2 ** bucketBits(1e8))).toBeLessThan(1.01);
  });

  it("overflow no more often than said, measured where it happens", () => {
    // 2^-4 over both parties' buckets, so 2^-5 for one party's.
    const [rows, bits, runs, failureBits] = [8000, 4, 300, 4];
    const sampling = seededSampling(5);
    // Rounding up to whole steps would hide failures: the bound itself is measured.
    const capacity = bucketCapacity(rows, bits, 2, failureBits);
    const least = Array.from({ length: 256 }, (_, i) => capacity - i).findLast(
      (c) => rows * divergenceOf((c + 1) / rows, 2 ** -bits) >= failureBits + 1 + bits,
    )!;
    let overflows = 0;
    for (let run = 0; run < runs; run++) {
      const counts = new Uint32Array(2 ** bits);
      for (let row = 0; row < rows; row++) counts[sampling.below(2 ** bits)]! += 1;
      if (counts.some((count) => count > least)) overflows += 1;
    }
    expect(overflows / runs).toBeLessThan(2 ** -(failureBits + 1));
  });
});

const divergenceOf = (q: number, p: number): number => q * Math.log2(q / p) + (1 - q) * Math.log2((1 - q) / (1 - p));
