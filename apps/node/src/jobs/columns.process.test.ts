/** Two real nodes: columns come with a match under a grant that lists them, and under no other. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasEnded } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

const ROWS = 300;
let scene: Scene;

beforeAll(async () => {
  scene = await creditScene(ROWS);
}, 180_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

it("hands over what the grant lists, to the one who asks, and counts what it may have asked", {
  timeout: 120_000,
}, async () => {
  const { cluster, projectId, bankData, telcoData } = scene;
  const analyst = await cluster.node("bank").analyst();
  const columns = [{ column: "income" }, { column: "marital", kind: "text" }];
  const form = {
    ...{ projectId, name: "Columns", kind: "label" as const, parameters: { columns } },
    guest: { datasetId: bankData, keys: ["phone"], columns: ["amount"] },
    hosts: [{ partyId: "telco", datasetId: telcoData, keys: ["phone"], columns: ["income", "marital"] }],
  };
  const refused = await analyst.call("matchFlow", { body: form });
  expect(refused).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringContaining("does not list columns") }],
  });

  await cluster.grant("bank", "telco", { datasetId: telcoData, columns: ["phone", "income", "marital"] });
  const { ok, flow, plan } = await analyst.call("matchFlow", { body: form });
  expect({ ok, protocol: plan.protocol }).toEqual({ ok: true, protocol: "labelled" });
  const { id } = await analyst.call("submitJob", { body: { projectId, flow: flow as Record<string, unknown> } });
  await consentBoth(scene, id);
  expect(await cluster.job("bank", id, "over", hasEnded, 120)).toMatchObject({ status: "SUCCESS", failure: null });

  const rows = { params: { id, task: "match", port: "data" } };
  const preview = await analyst.call("previewOutput", rows);
  expect(preview.columns).toEqual(["phone", "amount", "telco.income", "telco.marital"]);
  expect(preview.rows.length).toBeGreaterThan(10);
  const telco = await cluster.node("telco").approver();
  await expect((await cluster.node("telco").analyst()).call("previewOutput", rows)).rejects.toMatchObject({
    code: "state.unknown",
  });
  const [budget] = (await telco.call("listBudgets")).items;
  expect(budget).toMatchObject({ partner: "bank", datasetId: telcoData, runs: { used: 1 } });
  expect(budget!.ids.used).toBeGreaterThanOrEqual(ROWS);
});
