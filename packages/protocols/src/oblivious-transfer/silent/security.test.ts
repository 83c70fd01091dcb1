import { describe, expect, it } from "vitest";
import { DEPTH_MAX, DEPTH_MIN, NOISE } from "./parameters.ts";
import { attacksOn, relativeDistance, SECURITY_BITS } from "./security.ts";

describe("parameters of silent transfers", () => {
  it("cost every known attack 128 bits in every batch", { timeout: 120_000 }, () => {
    for (let depth = DEPTH_MIN; depth <= DEPTH_MAX; depth++)
      for (const { name, bits } of attacksOn(depth))
        expect(bits, `${name} at depth ${depth}`).toBeGreaterThanOrEqual(SECURITY_BITS);
  });

  it("would not with half of the noise: the bound is not vacuous", { timeout: 120_000 }, () => {
    const distance = relativeDistance(DEPTH_MAX);
    expect(distance).toBeLessThan(0.11);
    expect((-NOISE / 2) * Math.log2(1 - 2 * distance)).toBeLessThan(SECURITY_BITS);
  });
});
