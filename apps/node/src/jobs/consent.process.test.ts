/** What two real nodes refuse, whatever the other says: jobs without everybody's consent, and beyond what grants allow. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../testing/cluster.ts";
import { keysOf, send, signed } from "../testing/intruder.ts";
import {
  consentBoth,
  creditScene,
  endedAtBoth,
  matchFlow,
  type Scene,
  submitJoint,
  submitMatch,
  termsFor,
  untilTrains,
} from "../testing/joint-job.ts";
import { PATHS } from "./wire.ts";

const ROWS = 1000;
let scene: Scene;

beforeAll(async () => {
  scene = await creditScene(ROWS);
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

describe("consent", () => {
  it("is not given by who asked, on the initiator's side too", async () => {
    const both = await scene.cluster.node("bank").person("both", "analyst", "approver");
    const { id } = await both.call("submitJob", { body: { projectId: scene.projectId, flow: matchFlow(scene) } });
    const item = (await both.call("listApprovals", { query: {} })).items.find((each) => each.jobId === id);
    expect(item).toMatchObject({ mayDecide: false });
    const { consentHash } = await both.call("getApproval", { params: { id: item!.id } });
    await expect(both.call("approve", { params: { id: item!.id }, body: { consentHash } })).rejects.toMatchObject({
      code: "consent.four-eyes",
    });
    await scene.cluster.decide("bank", "job", id, "not needed");
    expect((await endedAtBoth(scene, id)).telco.status).toBe("REJECTED");
  });

  it("needs the hash that was shown", async () => {
    const id = await submitMatch(scene);
    const approver = await scene.cluster.node("telco").approver();
    const item = await until("telco is asked", async () =>
      (await approver.call("listApprovals", { query: {} })).items.find((each) => each.jobId === id),
    );
    const body = { consentHash: "0".repeat(64) };
    await expect(approver.call("approve", { params: { id: item.id }, body })).rejects.toMatchObject({
      code: "consent.changed",
    });
    await scene.cluster.decide("telco", "job", id, "columns too wide");
    const { bank } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "REJECTED", failure: { code: "consent.rejected", party: "telco" } });
    expect(bank.failure?.message).toContain("columns too wide");
  });

  it("shows in plain words what is learnt, and what changed since the last yes", async () => {
    const first = await submitMatch(scene);
    await consentBoth(scene, first);
    await endedAtBoth(scene, first);
    const second = await submitMatch(scene, ["age", "income"]);
    const approver = await scene.cluster.node("telco").approver();
    const item = await until("telco is asked", async () =>
      (await approver.call("listApprovals", { query: {} })).items.find((each) => each.jobId === second),
    );
    const detail = await approver.call("getApproval", { params: { id: item.id } });
    expect(detail.statements.some(({ en }) => en.includes("bank will learn"))).toBe(true);
    expect(detail.statements.some(({ zh }) => zh.includes("将得知"))).toBe(true);
    // Nobody may ask about many more rows than the data consented to have.
    expect(detail.statements.some(({ en }) => en.includes(`${2 ** Math.ceil(Math.log2(ROWS))} rows at most`))).toBe(
      true,
    );
    expect(detail.diff?.some(({ after }) => JSON.stringify(after).includes("income"))).toBe(true);
    await approver.call("comment", { params: { id: item.id }, body: { text: "Why income?" } });
    const bank = await scene.cluster.node("bank").approver();
    const theirs = (await bank.call("listApprovals", { query: {} })).items.find((each) => each.jobId === second)!;
    await until("bank reads the comment", async () =>
      (await bank.call("getApproval", { params: { id: theirs.id } })).comments.some(
        (each) => each.text === "Why income?",
      ),
    );
    await scene.cluster.decide("bank", "job", second, "withdrawn");
  });

  it("is asked for again by the partner's node itself: no task starts without it", async () => {
    const id = await submitMatch(scene);
    await scene.cluster.decide("bank", "job", id);
    const bank = await keysOf(scene.cluster.node("bank"));
    const telco = scene.cluster.node("telco");
    const order = { job_id: id, fence: 9, task: "read", attempt: 1, session_token: "s".repeat(43), upstream: [] };
    const start = { job_id: id, fence: 9, consents: [], away_seconds: 10 };
    expect(await send(telco, bank, signed(bank, telco, PATHS.jobStart, start))).toMatchObject({
      code: "consent.missing",
    });
    expect(await send(telco, bank, signed(bank, telco, PATHS.taskStart, order))).toMatchObject({ code: "state.job" });
    const unknown = { ...start, job_id: "job-0000000000000000" };
    expect(await send(telco, bank, signed(bank, telco, PATHS.jobStart, unknown))).toMatchObject({
      code: "consent.missing",
    });
    await scene.cluster.decide("telco", "job", id, "no");
  });
});

describe("grants", { timeout: 600_000 }, () => {
  const check = async (telcoColumns: readonly string[], projectId = scene.projectId) => {
    const analyst = await scene.cluster.node("bank").analyst();
    return analyst.call("checkFlow", { body: { projectId, flow: matchFlow(scene, telcoColumns) } });
  };

  it("stop a job that outgrows them, at the owner's node whatever the initiator says", async () => {
    const analyst = await scene.cluster.node("telco").approver();
    await analyst.call("revokeGrant", { params: { id: scene.grantId }, body: { reason: "narrower ones follow" } });
    const { id } = await scene.cluster.grant("bank", "telco", termsFor(scene, { columns: ["phone", "age"], uses: 1 }));
    await until("bank knows the old grant is gone", async () => !(await check(["income"])).ok);
    expect((await check(["income"])).problems[0]?.message).toContain("income");
    const jobs = [await submitMatch(scene, ["age"]), await submitMatch(scene, ["age"])];
    for (const job of jobs) await consentBoth(scene, job);
    const ended = await Promise.all(jobs.map((job) => endedAtBoth(scene, job)));
    // One use: the first to start drew it; the other is refused by the owner by name.
    expect(ended.map(({ bank }) => bank.status).sort()).toEqual(["FAILED", "SUCCESS"]);
    const refused = ended.find(({ bank }) => bank.status === "FAILED")!;
    expect(refused.bank.failure).toMatchObject({ code: "consent.grant-used-up", party: "telco" });
    const grants = (await (await scene.cluster.node("telco").analyst()).call("listGrants")).items;
    expect(grants.find((each) => each.id === id)).toMatchObject({ status: "USED_UP", usesLeft: 0 });
  });

  it("expire", async () => {
    const expiresAt = new Date(Date.now() + 6_000).toISOString();
    await scene.cluster.grant("bank", "telco", termsFor(scene, { expiresAt, columns: ["phone", "records"] }));
    const id = await submitMatch(scene, ["records"]);
    await scene.cluster.decide("bank", "job", id);
    await until("it has expired", async () => Date.now() > Date.parse(expiresAt) + 100);
    await scene.cluster.decide("telco", "job", id);
    const { bank } = await endedAtBoth(scene, id);
    expect(bank.failure).toMatchObject({ code: "consent.grant-expired", party: "telco" });
  });

  it("consent by themselves where they are standing, and end running jobs once revoked", async () => {
    const { id: grantId } = await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
    const id = await submitJoint(scene, { trees: 200 });
    await scene.cluster.decide("bank", "job", id);
    await untilTrains(scene, id);
    const approver = await scene.cluster.node("telco").approver();
    await approver.call("revokeGrant", { params: { id: grantId }, body: { reason: "changed our mind" } });
    const { bank, telco } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "FAILED", failure: { code: "consent.grant-revoked", party: "telco" } });
    expect(telco.failure).toMatchObject({ code: "consent.grant-revoked" });
    await until("no runner is left", async () => (await scene.cluster.node("telco").runners()).length === 0);
    expect((await check(["age"])).problems[0]?.message).toContain("revoked");
  });
});
