import { describe, expect, it } from "vitest";
import { choosePermit, permitState, type WantedUse } from "./permit-state.ts";
import type { PermitRow } from "./rows.ts";

const NOW = new Date("2026-11-21T09:00:00Z");
const HASH = "a".repeat(64);
const permit = (change: Partial<PermitRow> & { expiresAt?: string; use?: ("online" | "batch")[] } = {}): PermitRow => {
  const { expiresAt = "2026-12-21T09:00:00Z", use = ["batch"], ...row } = change;
  return {
    id: "permit-1",
    model_id: "job-1.train",
    manifest_hash: HASH,
    status: "ACTIVE",
    terms: { use, purpose: "review", rowsMax: 100, expiresAt },
    rows_left: 100,
    requested_party: "bank",
    requested_by: "ann",
    decided_by: "bob",
    reason: null,
    created_at: NOW,
    ...row,
  };
};
const wanted: WantedUse = { use: "batch", rows: 100, manifestHash: HASH, now: NOW };
const code = (permits: PermitRow[], want: Partial<WantedUse> = {}): string => {
  try {
    return choosePermit(permits, { ...wanted, ...want }, "telco")?.id ?? "none";
  } catch (error) {
    expect(error).toMatchObject({ blame: "telco" });
    return (error as { code: string }).code;
  }
};

describe("a use of a model", () => {
  it("needs no permit where nobody decided about one", () => {
    expect(code([])).toBe("none");
    expect(code([permit({ status: "REQUESTED" }), permit({ status: "REJECTED" })])).toBe("none");
  });

  it("draws on a permit that covers it", () => {
    expect(code([permit()])).toBe("permit-1");
    expect(code([permit({ rows_left: null })], { rows: 1e9 })).toBe("permit-1");
    expect(code([permit({ use: ["online"] }), permit({ id: "permit-2" })])).toBe("permit-2");
  });

  it("is refused by the rule's name", () => {
    expect(code([permit({ status: "WITHDRAWN" })])).toBe("consent.permit-withdrawn");
    expect(code([permit()], { manifestHash: "b".repeat(64) })).toBe("consent.permit-model");
    expect(code([permit()], { manifestHash: null })).toBe("consent.permit-model");
    expect(code([permit({ expiresAt: NOW.toISOString() })])).toBe("consent.permit-expired");
    expect(code([permit()], { use: "online" })).toBe("consent.permit-use");
    expect(code([permit()], { rows: 101 })).toBe("consent.permit-used-up");
    expect(code([permit({ rows_left: 0 })], { rows: 0 })).toBe("consent.permit-used-up");
  });

  it("is told of the permit that came closest", () => {
    const far = permit({ status: "WITHDRAWN" });
    expect(code([far, permit({ rows_left: 5 }), permit({ use: ["online"] })])).toBe("consent.permit-used-up");
  });
});

it("a permit is expired or used up by what it says, not by who looked", () => {
  expect(permitState(permit(), NOW)).toBe("ACTIVE");
  expect(permitState(permit({ rows_left: 0 }), NOW)).toBe("USED_UP");
  expect(permitState(permit({ expiresAt: NOW.toISOString() }), NOW)).toBe("EXPIRED");
  expect(permitState(permit({ status: "WITHDRAWN" }), NOW)).toBe("WITHDRAWN");
});
