/**
 * Boosted trees at level shared over two nodes: the example's flow, with a runner that is killed after some trees; the next attempt goes on after the last
 * tree both sides have.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { hasEnded, until } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await creditScene(2500);
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

it("trains and scores the credit example on shares, over the end of a runner", async () => {
  const example = await readFile(new URL("../../../../examples/credit/shared.yaml", import.meta.url), "utf8");
  const yaml = example.replace("ds-of-the-bank", scene.bankData).replace("ds-of-the-telco", scene.telcoData);
  const flow = parse(
    yaml.replace("trees: 20, depth: 3", "trees: 4, depth: 2").replace("bins: 16", "bins: 6"),
  ) as Record<string, unknown>;
  const analyst = await scene.cluster.node("bank").analyst();
  const before = await polls();
  const { id } = await analyst.call("submitJob", { body: { projectId: scene.projectId, flow } });
  await consentBoth(scene, id);
  const train = async () =>
    (await scene.cluster.job("bank", id, "there", () => true)).tasks.find(({ name }) => name === "train")!;
  await until(
    "two trees are there",
    async () => (await train()).lanes.length === 2 && (await train()).lanes.every(({ round }) => (round ?? 0) >= 2),
    240,
  );
  const [runner] = await scene.cluster.node("telco").runners();
  process.kill(runner!, "SIGKILL");
  const ended = await scene.cluster.job("bank", id, "over", hasEnded, 240);
  expect(ended).toMatchObject({ status: "SUCCESS", failure: null });
  expect((await train()).attempt).toBe(2);
  // A view that is asked for again as soon as it is there would keep both nodes from passing on what the parties say.
  const seconds = (Date.parse(ended.endedAt!) - Date.parse(ended.startedAt!)) / 1000;
  const asked = (await polls()) - before;
  expect(asked).toBeGreaterThan(seconds / 2);
  expect(asked).toBeLessThan(4 * seconds + 30);
  const lines = (await analyst.call("jobLogs", { params: { id }, query: { task: "train" } })).items;
  expect(lines.some(({ message }) => /^going on after [23] trees$/.test(message))).toBe(true);
  const { items } = await analyst.call("jobReports", { params: { id } });
  const { auc } = items.find(({ task }) => task === "judge")!.data as { auc: number };
  expect(auc).toBeGreaterThan(0.65);
  const model = await analyst.call("getModel", { params: { id: `${id}.train` } });
  expect(model.importance.map(({ party }) => party)).toContain("telco");
  const form = { name: "Score", modelId: `${id}.train`, datasetId: scene.bankData, keys: ["phone"] };
  const hosts = [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }];
  const scoring = await analyst.call("scoreFlow", { body: { ...form, hosts } });
  expect(scoring).toMatchObject({ ok: true, flow: { tasks: { score: { parameters: { form: "sum-only" } } } } });
}, 600_000);

/** How often the telco was asked how its tasks are. */
async function polls(): Promise<number> {
  const operator = await scene.cluster.node("telco").operator();
  const figures = await (await operator.call("metrics")).text();
  return Number(
    figures.match(/^tombolo_partner_requests_total\{partner="bank",path="[^"]*task\/poll"\} (\d+)$/m)?.[1] ?? 0,
  );
}
