import { describe, expect, it } from "vitest";
import { estimateMatch, fitsParties, MATCH_PROTOCOLS, planMatch } from "./plan.ts";

const size = (guestRows: number | null, hostRows: number | null, parties = 2) => ({ parties, guestRows, hostRows });

describe("planMatch", () => {
  it("chooses by size and number of parties, and says why", () => {
    expect(planMatch(size(500, 9_999), null).protocol).toBe("ecdh");
    expect(planMatch(size(500, 10_000), null).protocol).toBe("vole");
    expect(planMatch(size(null, null), null).protocol).toBe("vole");
    expect(planMatch(size(1_000_000, 1_000_000, 3), null).protocol).toBe("multi-party");
    expect(planMatch(size(null, null, 5), null).protocol).toBe("multi-party");
    expect(planMatch(size(100, 5_000, 3), null).protocol).toBe("ecdh");
    for (const rows of [10, 100_000]) expect(planMatch(size(rows, rows), null).why.zh).not.toBe("");
  });
  it("has vole where partners may depart from the protocol, which costs more", () => {
    const malicious = { ...size(500, 500), security: "malicious" as const };
    expect(planMatch(malicious, null).protocol).toBe("vole");
    expect(planMatch(malicious, null).why.zh).not.toBe(planMatch(size(1e6, 1e6), null).why.zh);
    const of = (security: "semi-honest" | "malicious") => estimateMatch({ ...size(1e6, 1e6), security }, "vole")!;
    expect(of("malicious").seconds).toBeGreaterThan(of("semi-honest").seconds);
    expect(of("malicious").bytesIn).toBeGreaterThan(of("semi-honest").bytesIn);
  });
  it("has ecdh where the flow asks for SM2, which costs more", () => {
    const national = { ...size(1e6, 1e6), suite: "sm2" as const };
    const plan = planMatch(national, null);
    expect(plan.protocol).toBe("ecdh");
    expect(plan.why.zh).toContain("SM2");
    const plain = estimateMatch(size(1e6, 1e6), "ecdh")!;
    expect(plan.estimate!.seconds).toBeGreaterThan(plain.seconds);
    expect(plan.estimate!.bytesIn).toBeGreaterThan(plain.bytesIn);
  });
  it("never chooses what does not fit the number of parties", () => {
    for (const parties of [2, 3, 8])
      for (const rows of [null, 10, 1e6])
        expect(fitsParties(planMatch(size(rows, rows, parties), null).protocol, parties)).toBe(true);
    expect(fitsParties("vole", 3)).toBe(false);
  });
  it("leaves a named protocol alone", () => {
    expect(planMatch(size(10, 10), "vole").protocol).toBe("vole");
  });
  it("estimates nothing from sizes it does not know", () => {
    expect(planMatch(size(10, null), null).estimate).toBeNull();
  });
});

describe("estimateMatch", () => {
  it("grows with either side's rows and with the hosts", () => {
    for (const protocol of MATCH_PROTOCOLS) {
      const base = estimateMatch(size(1e6, 1e6), protocol)!;
      for (const more of [size(2e6, 1e6), size(1e6, 2e6), size(1e6, 1e6, 3)]) {
        const grown = estimateMatch(more, protocol)!;
        expect(grown.seconds).toBeGreaterThan(base.seconds);
        expect(grown.bytesOut + grown.bytesIn).toBeGreaterThan(base.bytesOut + base.bytesIn);
      }
    }
  });
});
