import { describe, expect, it } from "vitest";
import { parametersOf } from "./parameters.ts";
import { attacksOn, relativeDistance, SAMPLE_COUNTS, SECURITY_BITS } from "./security.ts";

describe("parameters of VOLE", () => {
  it("cost every known attack 128 bits at every size", { timeout: 120_000 }, () => {
    for (const count of SAMPLE_COUNTS)
      for (const { name, bits } of attacksOn(count))
        expect(bits, `${name} on ${count}`).toBeGreaterThanOrEqual(SECURITY_BITS);
  });

  it("would not with a quarter of the noise: the bound is not vacuous", () => {
    const { trees } = parametersOf(2 ** 23, "malicious");
    expect((-trees / 4) * Math.log2(1 - relativeDistance(2 ** 23))).toBeLessThan(SECURITY_BITS);
    expect(relativeDistance(2 ** 23)).toBeGreaterThan(0.05);
  });
});
