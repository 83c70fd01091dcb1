/** Two real nodes: what a partner asks about is drawn before it gets an answer, shown, and bounded. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasEnded } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

const ROWS = 400;
let scene: Scene;

beforeAll(async () => {
  scene = await creditScene(ROWS);
}, 180_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

const countFlow = (): Record<string, unknown> => ({
  version: "1",
  name: "Count",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  tasks: {
    read: {
      component: "read-table",
      partyParameters: {
        bank: { dataset: scene.bankData, keys: ["phone"], columns: [] },
        telco: { dataset: scene.telcoData, keys: ["phone"], columns: [] },
      },
    },
    count: { component: "match-count", inputs: { data: "read.data" } },
  },
});

async function runCount() {
  const analyst = await scene.cluster.node("bank").analyst();
  const { id } = await analyst.call("submitJob", { body: { projectId: scene.projectId, flow: countFlow() } });
  await consentBoth(scene, id);
  const job = await scene.cluster.job("bank", id, "over", hasEnded, 120);
  return { job, reports: (await analyst.call("jobReports", { params: { id } })).items };
}

const budgetsAt = async (party: string) =>
  (await (await scene.cluster.node(party).approver()).call("listBudgets")).items;

describe("budgets of what partners ask", () => {
  it("count runs and ids by partner and dataset, at both parties", async () => {
    const { job, reports } = await runCount();
    expect(job).toMatchObject({ status: "SUCCESS", failure: null });
    expect(reports.find(({ task }) => task === "count")?.data).toMatchObject({ exact: true });
    for (const [party, partner, dataset] of [
      ["telco", "bank", scene.telcoData],
      ["bank", "telco", scene.bankData],
    ])
      expect(await budgetsAt(party!)).toMatchObject([
        { partner, datasetId: dataset, runs: { used: 1, max: null }, ids: { used: ROWS, max: null }, setBy: null },
      ]);
  });

  it("stop a run that would go beyond, at both parties, and draw nothing for it", async () => {
    const approver = await scene.cluster.node("telco").approver();
    const limits = { partner: "bank", datasetId: scene.telcoData, runsMax: 10, idsMax: null };
    expect(await approver.call("setBudget", { body: { ...limits, idsPerDayMax: 2 * ROWS - 1 } })).toMatchObject({
      ids: { used: ROWS, max: null },
      today: { used: ROWS, max: 2 * ROWS - 1 },
      setBy: "approver",
    });
    const { job } = await runCount();
    expect(job).toMatchObject({ status: "FAILED", failure: { code: "consent.budget", party: "telco" } });
    expect((await budgetsAt("telco"))[0]).toMatchObject({ runs: { used: 1 }, ids: { used: ROWS } });
  });

  it("stop what comes without an authorisation where the owner demands one, and keep what is not named", async () => {
    const approver = await scene.cluster.node("telco").approver();
    const limits = { partner: "bank", datasetId: scene.telcoData, runsMax: null, idsMax: null };
    const body = { ...limits, authorisationRequired: true, idsPerDayMax: null };
    expect(await approver.call("setBudget", { body })).toMatchObject({ authorisationRequired: true });
    expect(await approver.call("setBudget", { body: limits })).toMatchObject({ authorisationRequired: true });
    const { job } = await runCount();
    expect(job).toMatchObject({ status: "FAILED", failure: { code: "consent.authorisation", party: "bank" } });
    await approver.call("setBudget", { body: { ...limits, authorisationRequired: false } });
  });

  it("are set by an approver only, for a partner and a dataset that are there", async () => {
    const analyst = await scene.cluster.node("telco").analyst();
    const body = { partner: "bank", datasetId: scene.telcoData, runsMax: null, idsMax: null };
    await expect(analyst.call("setBudget", { body })).rejects.toMatchObject({ status: 403 });
    const approver = await scene.cluster.node("telco").approver();
    for (const wrong of [{ partner: "nobody" }, { datasetId: "dataset-none" }])
      await expect(approver.call("setBudget", { body: { ...body, ...wrong } })).rejects.toThrow();
    expect(await approver.call("setBudget", { body })).toMatchObject({ runs: { used: 1, max: null } });
  });
});
