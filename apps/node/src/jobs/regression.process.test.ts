/** Regression with an arbiter over three nodes: the example's flow, where the third has a key, no rows and no part of the model. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { type Cluster, hasEnded, startCluster } from "../testing/cluster.ts";
import { head } from "../testing/joint-job.ts";

const PARTIES = ["bank", "telco", "notary"] as const;
const ROWS = 2000;
/** Of numbers alone, under the smaller keys: as much as a few hundred rows and a minute are enough for. */
const CHANGES = [
  ["columns: [time, amount, price, debt, home]", "columns: [time, amount, price]"],
  ["[seniority, age, marital, records, job, expenses, income, assets]", "[seniority, age, income, assets]"],
  ["missing: mean }", "missing: mean, keyBits: 2048, epochs: 3, rowsPerTerm: 40 }"],
] as const;

let cluster: Cluster;
let flow: Record<string, unknown>;
let projectId: string;
beforeAll(async () => {
  cluster = await startCluster(PARTIES);
  for (const [one, other] of [
    ["bank", "telco"],
    ["bank", "notary"],
    ["telco", "notary"],
  ] as const)
    await cluster.connect(one, other);
  projectId = await cluster.project(...PARTIES);
  const [bank, telco] = await Promise.all(
    ["bank", "telco"].map(async (party) => cluster.publish(party, await head(`${party}.csv`, ROWS), "phone")),
  );
  await cluster.grant("bank", "telco", { datasetId: telco!.id, receivers: [...PARTIES] });
  const example = new URL("../../../../examples/credit/regression-arbiter.yaml", import.meta.url);
  const datasets = [
    ["ds-of-the-bank", bank!.id],
    ["ds-of-the-telco", telco!.id],
  ] as const;
  const changed = [...CHANGES, ...datasets].reduce(
    (text, [from, to]) => {
      expect(text).toContain(from);
      return text.replace(from, to);
    },
    await readFile(example, "utf8"),
  );
  flow = parse(changed);
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

it("trains the credit example with an arbiter, scores it without, and leaves the arbiter nothing", async () => {
  const analyst = await cluster.node("bank").analyst();
  const { id } = await analyst.call("submitJob", { body: { projectId, flow } });
  for (const party of PARTIES) await cluster.decide(party, "job", id);
  const ended = await cluster.job("bank", id, "over", hasEnded, 360);
  expect(ended).toMatchObject({ status: "SUCCESS", failure: null });
  const lanesOf = (task: string): string[] =>
    ended.tasks.find(({ name }) => name === task)!.lanes.map(({ party }) => party);
  expect(lanesOf("train").toSorted()).toEqual([...PARTIES].toSorted());
  expect(lanesOf("score").toSorted()).toEqual(["bank", "telco"]);
  const { items } = await analyst.call("jobReports", { params: { id } });
  expect((items.find(({ task }) => task === "judge")!.data as { auc: number }).auc).toBeGreaterThan(0.6);
  for (const party of PARTIES) {
    expect((await cluster.job(party, id, "over", hasEnded, 60)).status).toBe("SUCCESS");
    const own = await (await cluster.node(party).analyst()).call("jobReports", { params: { id } });
    const fit = own.items.find(({ task }) => task === "train")?.data as { coefficients?: unknown[] } | undefined;
    expect(fit?.coefficients?.length).toBe({ bank: 3, telco: 4, notary: undefined }[party]);
  }
}, 600_000);
