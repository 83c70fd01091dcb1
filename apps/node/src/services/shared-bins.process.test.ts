/**
 * A scorecard on bins whose weights stay with the guest, from raw tables to a service, between two real nodes: what callers get for a raw
 * row is the score of batch scoring.
 */
import { Client } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import { bankCustomers, consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

const ROWS = 2400;
const params = { name: "card" };

let scene: Scene;
beforeAll(async () => {
  scene = await creditScene(ROWS);
}, 400_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

const flow = () => ({
  version: "1",
  name: "Card on shared bins",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  tasks: {
    read: {
      component: "read-table",
      partyParameters: {
        bank: { dataset: scene.bankData, keys: ["phone"], label: "default", columns: ["time", "amount"] },
        telco: { dataset: scene.telcoData, keys: ["phone"], columns: ["seniority", "age", "income", "assets"] },
      },
    },
    match: { component: "psi", inputs: { data: "read.data" } },
    bins: {
      component: "bin",
      inputs: { data: "match.data" },
      parameters: { mode: "shared", method: "fine", minimumEvents: 5 },
      partyParameters: { bank: { fineBins: 4 }, telco: { fineBins: 4 } },
    },
    train: {
      component: "regression-train",
      inputs: { data: "bins.data", binning: "bins.model" },
      parameters: { sharedBins: true, iterations: 6 },
    },
    card: { component: "scorecard", inputs: { model: "train.model" } },
    score: {
      component: "regression-predict",
      inputs: { model: "card.model", data: "match.data" },
      parameters: { binSetsMin: 16 },
    },
  },
});

it("serves the scores that the table has, row by raw row", async () => {
  const bank = scene.cluster.node("bank");
  const analyst = await bank.analyst();
  const { id: job } = await analyst.call("submitJob", { body: { projectId: scene.projectId, flow: flow() } });
  await consentBoth(scene, job);
  const ended = await scene.cluster.job("bank", job, "over", hasEnded, 240);
  expect(ended).toMatchObject({ status: "SUCCESS", failure: null });
  const { columns, rows } = await analyst.call("previewOutput", { params: { id: job, task: "score", port: "data" } });
  const [phone, score] = ["phone", "score"].map((name) => columns.indexOf(name));
  // More rows than a call may have.
  const scored = new Map(rows.slice(0, 500).map((row) => [String(row[phone!]), Number(row[score!])]));
  expect(new Set(scored.values()).size).toBeGreaterThan(10);

  const form = {
    modelId: `${job}.card`,
    hosts: [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }],
    until: new Date(Date.now() + 86_400_000).toISOString(),
    parameters: { timeoutMs: 15_000, binSetsMin: 16 },
  };
  const check = await analyst.call("serviceFlow", { body: { ...form, ...params } });
  expect(check).toMatchObject({ ok: true, problems: [] });
  const told = check.disclosure.filter(({ recipient }) => recipient === "bank").map(({ kind }) => kind);
  expect(told).toEqual(expect.arrayContaining(["row-totals", "row-bins"]));
  const made = await analyst.call("createService", { body: { ...form, ...params, title: "Card" } });
  await consentBoth(scene, made.deployments[0]!.jobId);

  const admin = await bank.person("keeper", "admin");
  const { secret } = await admin.call("createApiKey", { body: { name: "shop", roles: ["caller"], days: 1 } });
  const caller = new Client({ origin: `http://127.0.0.1:${bank.apiPort}`, apiKey: secret });
  const customers = await bankCustomers(ROWS);
  const call = (phones: readonly string[]) =>
    caller.call(
      "callService",
      { params, body: { rows: phones.map((id) => ({ id, features: customers.get(id)! })) } },
      {},
    );
  const known = [...scored.keys()];
  await until(
    "the partner is there",
    async () => (await call(known.slice(0, 1)).catch(() => undefined))?.rows[0]?.score != null,
    120,
  );
  const [one, all] = await Promise.all([call(known.slice(0, 1)), call(known)]);
  expect(one.rows[0]!.score).toBe(scored.get(known[0]!));
  expect(all.rows.map((row) => row.score)).toEqual(known.map((id) => scored.get(id)));
}, 600_000);
