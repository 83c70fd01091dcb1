/** The shape of tables. How often clusters cannot be solved is measured in crates/kernels/tests/okvs_failures.rs. */
import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { okvsLayout, okvsSlots, overflowCapacity, peelingBits } from "./layout.ts";

describe("clusters", () => {
  it("overflow less often than the bound says", () => {
    const [count, clusters, bits] = [1600, 16, 4];
    const capacity = overflowCapacity(count, clusters, bits);
    const sampling = seededSampling(3);
    let overflows = 0;
    for (let trial = 0; trial < 2000; trial++) {
      let first = 0;
      for (let key = 0; key < count; key++) if (sampling.below(clusters) === 0) first++;
      if (first > capacity) overflows++;
    }
    const measured = -Math.log2(overflows / 2000);
    expect(measured).toBeGreaterThan(bits);
    expect(measured).toBeLessThan(bits + 4);
  });
});

describe("a layout", () => {
  it("keeps the failure of all clusters together below 2^-40", () => {
    for (const count of [2 ** 10, 2 ** 14, 2 ** 16 + 1, 2 ** 20, 2 ** 22, 3_000_000]) {
      const { clusters, capacity, sparse, dense } = okvsLayout(count);
      const bits = peelingBits(Math.max(capacity, 64), sparse / Math.max(capacity, 64));
      expect(bits - Math.log2(clusters)).toBeGreaterThanOrEqual(40.9);
      // A core that g dense slots do not cover has at least g + 1 keys too many for its slots.
      expect(dense * Math.log2(sparse)).toBeGreaterThan(40 + Math.log2(clusters));
    }
  });

  it("costs what the README says", () => {
    const overhead = (count: number, clusterKeys: number): number =>
      okvsSlots(okvsLayout(count, { clusterKeys })) / count;
    expect(overhead(2 ** 20, 2 ** 14)).toBeCloseTo(1.36, 2);
    expect(overhead(2 ** 20, 2 ** 18)).toBeCloseTo(1.25, 2);
    expect(overhead(2 ** 14, 2 ** 14)).toBeCloseTo(1.27, 2);
  });

  it("grows with the keys and has room for none", () => {
    expect(okvsSlots(okvsLayout(0))).toBe(okvsSlots(okvsLayout(64)));
    const sizes = [1, 100, 1000, 2 ** 14, 2 ** 17, 2 ** 20].map((count) => okvsSlots(okvsLayout(count)));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });
});
