/** The plan's bounds against distributions counted out, noise measured, and sizes that tables have. */
import { systemSecrets } from "@tombolo/base";
import { sumRings } from "@tombolo/crypto";
import { describe, expect, test } from "vitest";
import { type LinearShape, OUTPUTS_MAX, planSums, ROUGHNESS } from "./plan.ts";
import { VectorSource } from "./vectors.ts";

const SHAPE: LinearShape = {
  rows: 100_000,
  columns: 300,
  outputs: 9_900,
  passes: 2 * 50 * 57 * 20,
  termsMax: 5,
  setMax: 33,
};

/** Probabilities of the sum of three numbers uniform below `spread`, with a zero on either side. */
function threeUniform(spread: number): Float64Array {
  let out = Float64Array.of(1);
  for (let time = 0; time < 3; time++) {
    const next = new Float64Array(out.length + spread - 1);
    out.forEach((p, i) => {
      for (let j = 0; j < spread; j++) next[i + j]! += p / spread;
    });
    out = next;
  }
  return Float64Array.from([0, ...out, 0]);
}

/** 1 - sum of sqrt(p(x)·p(x - by)). */
function hellinger(p: Float64Array, by: number): number {
  let overlap = 0;
  for (let x = by; x < p.length; x++) overlap += Math.sqrt(p[x]! * p[x - by]!);
  return 1 - overlap;
}

describe("noise", () => {
  test("is as smooth as its bound says, the smoother the wider, also for shifts by more than one", () => {
    const bound = Number(ROUGHNESS[0]) / Number(ROUGHNESS[1]);
    let before = Infinity;
    for (const spread of [32, 64, 128, 256]) {
      const p = threeUniform(spread);
      const rough = 2 * hellinger(p, 1) * spread ** 2;
      expect(rough).toBeLessThan(bound);
      expect(rough).toBeLessThan(before);
      before = rough;
      for (const by of [3, 10]) expect(2 * hellinger(p, by) * spread ** 2).toBeLessThan(bound * by ** 2);
    }
    // The limit, 4.56 / 4, is below it too.
    expect(before).toBeGreaterThan(1.1);
  });

  test("hides what it is added to within 2^-40 a job, by the bound's own terms", () => {
    const { spread } = planSums(SHAPE);
    const squares = 10.5 * (300 * 100_000 + (9_900 * 4 * 4096) / 3) * SHAPE.passes;
    const distance = Math.sqrt((1.25 * squares) / Number(spread) ** 2);
    expect(distance).toBeLessThanOrEqual(2 ** -40);
    expect(distance).toBeGreaterThan(2 ** -40 * (1 - 1e-9));
  });

  test("is what it is taken for: errors over a set of rows, masks and secrets have the variance planned", async () => {
    const { wide, size, primes } = sumRings();
    const source = new VectorSource(size, systemSecrets());
    const batch = source.batch({ count: 1, fill() {} }, 1n, 1);
    const secret = await wide.ternary(batch.secretSeed, 1);
    const a = await wide.uniform(source.seed, 1);
    const phase = await wide.inverse(await wide.products(await wide.forward(secret), a, 1, 1, false));
    const errors = await wide.subtract(await wide.unpack(await batch.block(0)), phase);
    const signed = Array.from(errors.subarray(0, size), (x) => Number(x > primes[0] / 2n ? x - primes[0] : x));
    const variance = signed.reduce((sum, x) => sum + x * x, 0) / size;
    expect(variance).toBeGreaterThan(10.5 * 0.85);
    expect(variance).toBeLessThan(10.5 * 1.15);
  });
});

describe("plans", () => {
  test("leave room for the sums of a million rows, and say when there is none", () => {
    expect(planSums(SHAPE).rangeMax).toBeGreaterThan(100_000n * 2n ** 16n);
    expect(planSums({ ...SHAPE, rows: 10 ** 7, columns: 20, outputs: 660 }).rangeMax).toBeGreaterThan(
      10n ** 7n * 2n ** 7n,
    );
    const hopeless = { ...SHAPE, rows: 10 ** 8, columns: 8000, outputs: OUTPUTS_MAX, passes: 2 ** 90 };
    expect(() => planSums(hopeless)).toThrow(/cannot be hidden/);
  });

  test("refuse more outputs than hints are held of", () => {
    expect(planSums({ ...SHAPE, outputs: OUTPUTS_MAX }).rangeMax).toBeGreaterThan(0n);
    const refused = expect.objectContaining({ code: "input.linear-shape", remedy: expect.any(String) });
    expect(() => planSums({ ...SHAPE, outputs: OUTPUTS_MAX + 1 })).toThrow(refused);
  });
});
