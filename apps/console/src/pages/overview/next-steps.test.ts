import { allows, type Permission, type Role } from "@tombolo/sdk";
import { describe, expect, test } from "vitest";
import { nextSteps, type Situation } from "./next-steps.ts";

const fresh = (...roles: Role[]): Situation => ({
  may: (permission: Permission) => allows(roles, permission),
  approvals: [],
  partners: [],
  datasets: [],
  projects: [],
  jobs: [],
  certificateDays: 900,
});
const partner = {
  contractId: "c1",
  partyId: "telco",
  name: "Telco",
  status: "APPLIED" as const,
  fingerprint: "12345",
  ownFingerprintConfirmed: false,
  partnerFingerprintConfirmed: false,
  direction: "both" as const,
  address: null,
  connection: null,
  suite: "s",
  createdAt: "2026-11-21T00:00:00Z",
  inviteExpiresAt: null,
  note: null,
};
const keys = (situation: Situation) => nextSteps(situation).map((step) => step.key);

describe("on a fresh node", () => {
  test("an operator connects a partner and uploads data", () =>
    expect(keys(fresh("operator"))).toEqual(["partner", "upload"]));
  test("an administrator also makes accounts", () =>
    expect(keys(fresh("admin"))).toEqual(["partner", "users", "journal"]));
  test("an auditor verifies the journal", () => expect(keys(fresh("auditor"))).toEqual(["journal"]));
  test("nobody is offered what the role may not do", () => expect(keys(fresh("analyst"))).toEqual(["upload"]));
});

test("an unconfirmed fingerprint comes before anything else of trust", () => {
  const steps = nextSteps({ ...fresh("operator"), partners: [partner] });
  expect(steps[0]).toEqual({ key: "confirm", to: "/partners/c1", name: "Telco" });
});

test("who runs the node is told in time that its certificate ends", () => {
  const ending = { ...fresh("operator"), certificateDays: 59 };
  expect(nextSteps(ending)[0]).toEqual({ key: "certificate", to: "/settings", count: 59 });
  expect(keys({ ...fresh("analyst"), certificateDays: 59 })).not.toContain("certificate");
  expect(keys({ ...fresh("operator"), certificateDays: 60 })).not.toContain("certificate");
});

test("only requests that this person may decide count", () => {
  const waiting = {
    id: "a1",
    kind: "job" as const,
    title: "Job",
    requestedBy: "ann",
    requestedParty: "telco",
    direction: "incoming" as const,
    status: "WAITING" as const,
    createdAt: "2026-11-21T00:00:00Z",
    expiresAt: "2026-11-22T00:00:00Z",
    decidedBy: null,
    decidedAt: null,
    reason: null,
    mayDecide: true,
    mayNotDecideBecause: null,
    jobId: null,
    grantId: null,
    projectId: null,
    scheduleId: null,
    permitId: null,
  };
  const own = { ...waiting, id: "a2", mayDecide: false };
  expect(nextSteps({ ...fresh("approver"), approvals: [waiting, own] })[0]).toEqual({
    key: "decide",
    to: "/approvals",
    count: 1,
  });
  expect(keys({ ...fresh("approver"), approvals: [own] })).toEqual(["journal"]);
});
