import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { discreteGaussian, discreteLaplace, EPSILON_MILLI_MAX, planNoise } from "./index.ts";

const SAMPLES = 20_000;
const samples = (draw: () => bigint): number[] => Array.from({ length: SAMPLES }, () => Number(draw()));

/** Chi-square of the counts of -reach..reach against `weight`; everything beyond is one cell. */
function chiSquare(values: readonly number[], weight: (x: number) => number, reach: number): number {
  let total = 0;
  for (let x = -2000; x <= 2000; x++) total += weight(x);
  let statistic = 0;
  let inside = 0;
  let expectedInside = 0;
  for (let x = -reach; x <= reach; x++) {
    const expected = (weight(x) / total) * values.length;
    const seen = values.filter((value) => value === x).length;
    statistic += (seen - expected) ** 2 / expected;
    inside += seen;
    expectedInside += expected;
  }
  const outside = values.length - expectedInside;
  return statistic + (values.length - inside - outside) ** 2 / outside;
}

describe("exact noise", () => {
  it("is discrete Laplace", () => {
    const secrets = seededSecrets(1, "laplace");
    const values = samples(() => discreteLaplace({ numerator: 7n, denominator: 3n }, secrets));
    // 9 degrees of freedom: above 40 with probability 10^-5; the seed is fixed.
    expect(chiSquare(values, (x) => Math.exp((-3 * Math.abs(x)) / 7), 4)).toBeLessThan(40);
    expect(chiSquare(values, (x) => Math.exp((-3.5 * Math.abs(x)) / 7), 4)).toBeGreaterThan(100);
  });

  it("is discrete Gaussian", () => {
    const secrets = seededSecrets(2, "gaussian");
    const values = samples(() => discreteGaussian({ numerator: 9n, denominator: 2n }, secrets));
    expect(chiSquare(values, (x) => Math.exp((-x * x) / 9), 4)).toBeLessThan(40);
    expect(chiSquare(values, (x) => Math.exp((-x * x) / 11), 4)).toBeGreaterThan(100);
  });
});

describe("a plan", () => {
  it("grows with sensitivity and the number of figures, and shrinks with epsilon", () => {
    for (const kind of ["laplace", "gaussian"] as const) {
      const bound = (epsilon: number, sensitivities: bigint[]): bigint =>
        planNoise(kind, epsilon, sensitivities)[0]!.bound;
      expect(bound(1000, [10n])).toBeGreaterThan(bound(1000, [1n]));
      expect(bound(1000, [1n, 1n])).toBeGreaterThan(bound(1000, [1n]));
      expect(bound(500, [1n])).toBeGreaterThan(bound(1000, [1n]));
    }
  });

  it("gives Laplace noise of scale figures·sensitivity/epsilon, within its bound", () => {
    const secrets = seededSecrets(3, "plan");
    const [source] = planNoise("laplace", 500, [3n, 1n]);
    const values = Array.from({ length: 4000 }, () => Number(source!.draw(secrets)));
    const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
    expect(mean).toBeGreaterThan(11);
    expect(mean).toBeLessThan(13); // scale 12
    for (const value of values) expect(Math.abs(value)).toBeLessThanOrEqual(Number(source!.bound));
  });

  it("gives Gaussian noise of the deviation that zCDP asks for", () => {
    const secrets = seededSecrets(4, "plan");
    const [source] = planNoise("gaussian", 1000, [1000n]);
    const values = Array.from({ length: 2000 }, () => Number(source!.draw(secrets)));
    const tail = 30 * Math.LN2;
    const rho = (Math.sqrt(tail + 1) - Math.sqrt(tail)) ** 2;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation / (1000 / Math.sqrt(2 * rho))).toBeCloseTo(1, 1);
  });

  it("adds nothing when there is to be none, and refuses what has no meaning", () => {
    expect(planNoise("none", 0, [5n])[0]!.draw(seededSecrets(1, "none"))).toBe(0n);
    for (const epsilon of [0, 0.5, -1, EPSILON_MILLI_MAX + 1, Number.NaN])
      expect(() => planNoise("laplace", epsilon, [1n])).toThrow(/epsilon/);
    expect(() => planNoise("laplace", 1000, [0n])).toThrow(/bound/);
  });
});
