/** Regression with an arbiter over three nodes: the example's flow, where the third has a key, no rows and no part of the model. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { type Cluster, hasEnded, startCluster } from "../testing/cluster.ts";

const PARTIES = ["bank", "telco", "notary"] as const;
const example = (name: string): Promise<string> =>
  readFile(new URL(`../../../../examples/credit/${name}`, import.meta.url), "utf8");

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
    ["bank", "telco"].map(async (party) => cluster.publish(party, await example(`${party}.csv`), "phone")),
  );
  await cluster.grant("bank", "telco", { datasetId: telco!.id });
  const yaml = await example("regression-arbiter.yaml");
  flow = parse(yaml.replace("ds-of-the-bank", bank!.id).replace("ds-of-the-telco", telco!.id));
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

it("trains the credit example with an arbiter, scores it without, and leaves the arbiter nothing", async () => {
  const analyst = await cluster.node("bank").analyst();
  const { id } = await analyst.call("submitJob", { body: { projectId, flow } });
  for (const party of PARTIES) await cluster.decide(party, "job", id);
  const ended = await cluster.job("bank", id, "over", hasEnded, 300);
  expect(ended).toMatchObject({ status: "SUCCESS", failure: null });
  const lanesOf = (task: string): string[] =>
    ended.tasks.find(({ name }) => name === task)!.lanes.map(({ party }) => party);
  expect(lanesOf("train").toSorted()).toEqual([...PARTIES].toSorted());
  expect(lanesOf("score").toSorted()).toEqual(["bank", "telco"]);
  const { items } = await analyst.call("jobReports", { params: { id } });
  expect((items.find(({ task }) => task === "judge")!.data as { auc: number }).auc).toBeGreaterThan(0.78);
  for (const party of PARTIES) {
    expect((await cluster.job(party, id, "over", hasEnded, 60)).status).toBe("SUCCESS");
    const own = await (await cluster.node(party).analyst()).call("jobReports", { params: { id } });
    const fit = own.items.find(({ task }) => task === "train")?.data as { coefficients?: unknown[] } | undefined;
    // Of the telco's text columns one for each category but the commonest.
    if (party === "notary") expect(fit?.coefficients).toBeUndefined();
    else expect(fit?.coefficients?.length).toBeGreaterThan(4);
  }
}, 400_000);
