import { seededSampling, TASK_ATTEMPTS_MAX } from "@tombolo/base";
import { runParties } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { crossPlan, crossShares, ENTRY_BITS } from "./cross-products.ts";
import { inflation } from "./inflation.ts";
import { correlationMessages } from "./messages.ts";
import { correlations, ranks, standardised } from "./standardise.ts";

const sampling = seededSampling(3);
const units = (rows: number, count: number): Float64Array[] =>
  Array.from({ length: count }, () => standardised(Float64Array.from({ length: rows }, () => sampling.next()))!);

describe("columns as unit vectors", () => {
  it("take large values, equal ranks and constants", () => {
    const large = standardised(Float64Array.of(1e300, -1e300, 5e299))!;
    expect(large.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 12);
    expect(large.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
    expect(standardised(Float64Array.of(0.1, 0.1, 0.1))).toBe(null);
    expect(standardised(new Float64Array(4))).toBe(null);
    expect([...ranks(Float64Array.of(7, -2, 7, 100, 7, -3))]).toEqual([4, 2, 4, 6, 4, 1]);
    expect([...correlations([large, large.map((value) => -value)], 4)]).toEqual([1, -1, -1, 1]);
  });
});

describe("products across", () => {
  it.each([
    [3, 5],
    [5, 2],
  ])("are right in parts and batches, for %i and %i columns", async (first, second) => {
    const sizes = { rows: 53, first, second };
    const [left, right] = [units(53, first), units(53, second)];
    const limits = { rows: 20, vectors: 2 };
    expect(crossPlan(sizes, limits)).toMatchObject({ parts: 3, batches: Math.ceil(Math.min(first, second) / 2) });
    const { results } = await runParties(
      { seed: 5 },
      [
        "bank",
        async (me) => {
          const peer = await me.peer(correlationMessages, "first", "telco", "second");
          return crossShares(left, { side: "first", peer }, sizes, { secrets: me.secrets, limits });
        },
      ],
      [
        "telco",
        async (me) => {
          const peer = await me.peer(correlationMessages, "second", "bank", "first");
          return crossShares(right, { side: "second", peer }, sizes, { secrets: me.secrets, limits });
        },
      ],
    );
    left.forEach((x, i) => {
      right.forEach((y, j) => {
        const sum = BigInt.asIntN(64, results[0][i * second + j]! + results[1][i * second + j]!);
        const wanted = x.reduce((all, value, row) => all + value * y[row]!, 0);
        expect(Number(sum) / 2 ** (2 * ENTRY_BITS)).toBeCloseTo(wanted, 6);
      });
    });
  });
});

describe("variance inflation", () => {
  it("is 1 / (1 - R²), and unknown where the rounded matrix does not determine it", () => {
    expect(inflation(Float64Array.of(1, 0.5, 0.5, 1), 4)).toEqual([expect.closeTo(4 / 3, 9), expect.closeTo(4 / 3, 9)]);
    // Of three columns that correlate by r each: 1 - R² = 1 - 2r² / (1 + r).
    const r = 0.6;
    const three = inflation(Float64Array.of(1, r, r, r, 1, r, r, r, 1), 4);
    for (const value of three) expect(value).toBeCloseTo(1 / (1 - (2 * r * r) / (1 + r)), 9);
    const twice = inflation(Float64Array.of(1, 1, 0.3, 1, 1, 0.3, 0.3, 0.3, 1), 4);
    expect(twice.slice(0, 2)).toEqual([null, null]);
    expect(twice[2]).toBeCloseTo(1 / (1 - 0.3 ** 2), 2);
  });
});

describe("plans of products", () => {
  it("flood for all attempts at a task, each with a budget of its own", () => {
    const { product, parts, batches } = crossPlan({ rows: 100_000, first: 30, second: 40 });
    const { released, noise, floodBits } = product.forward;
    const all = BigInt(TASK_ATTEMPTS_MAX * released * parts * batches);
    expect(noise * all * 2n ** 40n <= 2n ** BigInt(floodBits + 1)).toBe(true);
    expect(product.attempts).toBe(TASK_ATTEMPTS_MAX);
  });
});
