import { describe, expect, it } from "vitest";
import { checkGrant, type GrantState, type IntendedUse } from "./rules.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const GRANT: GrantState = {
  id: "g",
  owner: "telco",
  status: "ACTIVE",
  usesLeft: 2,
  terms: {
    datasetId: "telco-credit",
    partners: ["bank"],
    projectId: "p1",
    components: ["boosting-train"],
    columns: ["phone", "x1", "x2"],
    filter: null,
    purpose: "credit scoring",
    use: ["train"],
    receivers: ["bank"],
    expiresAt: "2026-12-01T00:00:00Z",
    uses: 2,
    standing: false,
  },
};
const USE: IntendedUse = {
  initiator: "bank",
  projectId: "p1",
  datasetId: "telco-credit",
  columns: ["phone", "x1"],
  components: ["read-table", "psi", "boosting-train"],
  uses: ["train"],
  receivers: ["bank", "telco"],
  handing: [],
  naming: [],
  catalogues: [],
};

describe("checkGrant", () => {
  it("lets nothing through that waits to be confirmed after a restore", () => {
    expect(() => checkGrant({ ...GRANT, status: "SUSPENDED" }, USE, NOW)).toThrow(
      expect.objectContaining({ code: "consent.grant-suspended" }),
    );
  });

  it("lets through what the terms say", () => {
    expect(checkGrant(GRANT, USE, NOW)).toBeUndefined();
    expect(
      checkGrant({ ...GRANT, terms: { ...GRANT.terms, columns: [], components: [], projectId: null } }, USE, NOW),
    ).toBeUndefined();
    expect(checkGrant({ ...GRANT, usesLeft: 0, status: "USED_UP" }, USE, NOW, 0)).toBeUndefined();
  });

  const refused: [string, Partial<GrantState>, Partial<IntendedUse>, string][] = [
    ["revoked", { status: "REVOKED" }, {}, "consent.grant-revoked"],
    ["requested", { status: "REQUESTED" }, {}, "consent.grant-missing"],
    ["expired by status", { status: "EXPIRED" }, {}, "consent.grant-expired"],
    ["expired by time", { terms: { ...GRANT.terms, expiresAt: "2026-11-21T12:00:00Z" } }, {}, "consent.grant-expired"],
    ["used up", { usesLeft: 0 }, {}, "consent.grant-used-up"],
    ["of another dataset", {}, { datasetId: "other" }, "consent.dataset"],
    ["for another partner", {}, { initiator: "shop" }, "consent.partner"],
    ["in another project", {}, { projectId: "p2" }, "consent.project"],
    ["of fewer columns", {}, { columns: ["phone", "x3"] }, "consent.columns"],
    ["for other components", {}, { components: ["logistic-train"] }, "consent.components"],
    [
      "that lists no columns to hand over",
      { terms: { ...GRANT.terms, columns: [], components: [] } },
      { components: ["match-label"], handing: ["match-label"] },
      "consent.columns",
    ],
    ["that keeps columns masked", {}, { naming: ["boosting-train"] }, "consent.column-names"],
    ["for another use", {}, { uses: ["train", "score"] }, "consent.use"],
    ["with other receivers", {}, { receivers: ["bank", "shop"] }, "consent.receivers"],
  ];
  it.each(refused)("refuses a grant %s", (_, grant, use, code) => {
    expect(() => checkGrant({ ...GRANT, ...grant }, { ...USE, ...use }, NOW)).toThrow(
      expect.objectContaining({ code, blame: "telco" }),
    );
  });
});
