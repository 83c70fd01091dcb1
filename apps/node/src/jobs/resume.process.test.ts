/**
 * Training that is killed after some trees, at either node or in a runner: the next attempt goes on after the last tree
 * both sides have, to the very bytes of the model of a run nobody disturbed. All in one job, so that the rows have one order.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

const TREES = 30;
/** As many as the test waits for before it strikes. */
const TREES_BEFORE = 2;
/** Run one at a time; the first is left alone. */
const TASKS = ["whole", "guest-node", "host-node", "host-runner"] as const;
let scene: Scene;
let job: string;

beforeAll(async () => {
  const environment = { TOMBOLO_LIMITS_CONCURRENT_TASKS_MAX: "1", TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: "120" };
  scene = await creditScene(1500, environment);
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

function flow({ bankData, telcoData }: Scene): Record<string, unknown> {
  const parameters = { trees: TREES, depth: 3, bins: 8 };
  const train = { component: "boosting-train", inputs: { data: "match.data" }, parameters };
  return {
    version: "1",
    name: "Train four times",
    parties: [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    tasks: {
      read: {
        component: "read-table",
        partyParameters: {
          bank: { dataset: bankData, keys: ["phone"], label: "default", columns: ["time", "amount", "price", "debt"] },
          telco: { dataset: telcoData, keys: ["phone"], columns: ["seniority", "age", "income"] },
        },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
      ...Object.fromEntries(TASKS.map((name) => [name, train])),
    },
  };
}

const tasksOf = async () => {
  const { failure, tasks } = await scene.cluster.job("bank", job, "there", () => true);
  expect(failure).toBeNull();
  return tasks;
};
const taskOf = async (name: string) => (await tasksOf()).find((each) => each.name === name)!;

/** Any of these tasks, once both parties are beyond the tree: the checkpoint of those before is written at both. */
const grown = (names: readonly string[]): Promise<string> =>
  until(
    `one of ${names} has ${TREES_BEFORE} trees`,
    async () =>
      (await tasksOf()).find(
        ({ name, status, lanes }) =>
          names.includes(name) &&
          status === "RUNNING" &&
          lanes.length === 2 &&
          lanes.every(({ round }) => (round ?? 0) >= TREES_BEFORE),
      )?.name,
    240,
  );

const STRIKES: Readonly<Record<string, () => Promise<void>>> = {
  "guest-node": () => killNode("bank"),
  "host-node": () => killNode("telco"),
  "host-runner": async () => {
    const [runner] = await scene.cluster.node("telco").runners();
    process.kill(runner!, "SIGKILL");
  },
};

async function killNode(party: string): Promise<void> {
  await scene.cluster.node(party).kill("SIGKILL");
  await scene.cluster.node(party).start();
}

/** Without its id, which is of the task. */
async function modelOf(party: string, task: string): Promise<string> {
  const { attempt } = await taskOf(task);
  const file = join(scene.cluster.node(party).directory, "tasks", job, task, String(attempt), "model.json");
  return (await readFile(file, "utf8")).replace(/"modelId": ?"[0-9a-f]{32}"/, "");
}

/** What `party` logged of the task from its second attempt on. */
async function afterStrike(party: string, task: string): Promise<string[]> {
  const analyst = await scene.cluster.node(party).analyst();
  const lines = (await analyst.call("jobLogs", { params: { id: job }, query: { task } })).items.map(
    ({ message }) => message,
  );
  return lines.slice(lines.findIndex((line) => /^attempt [2-9] starts/.test(line)));
}

/** Of the figures that people of the party see while the task runs. */
async function roundsShown(party: string, task: string): Promise<number[]> {
  const analyst = await scene.cluster.node(party).analyst();
  return (await analyst.call("taskFigures", { params: { id: job, task } })).items.map(({ step }) => step);
}

it("goes on after the last tree both sides have, to the same model", async () => {
  const analyst = await scene.cluster.node("bank").analyst();
  job = (await analyst.call("submitJob", { body: { projectId: scene.projectId, flow: flow(scene) } })).id;
  await consentBoth(scene, job);
  const left = new Map(Object.entries(STRIKES));
  while (left.size > 0) {
    const task = await grown([...left.keys()]);
    expect((await roundsShown("bank", task)).slice(0, TREES_BEFORE)).toEqual([1, 2]);
    expect(await roundsShown("telco", task)).toEqual([]);
    await left.get(task)!();
    left.delete(task);
  }
  const ended = await scene.cluster.job("bank", job, "over", hasEnded, 240);
  expect(ended).toMatchObject({ status: "SUCCESS", failure: null });
  for (const task of Object.keys(STRIKES)) {
    expect((await taskOf(task)).attempt).toBeGreaterThan(1);
    for (const party of ["bank", "telco"]) {
      const lines = await afterStrike(party, task);
      const resumed = lines.map((line) => /^going on after (\d+) trees?$/.exec(line)?.[1]).find(Boolean);
      expect(Number(resumed), lines.join("\n")).toBeGreaterThanOrEqual(TREES_BEFORE);
      expect(lines.some((line) => line.startsWith("stage tree 1,"))).toBe(false);
      expect(lines).toContain(`stage tree ${Number(resumed) + 1}, level 1`);
      expect(await modelOf(party, task)).toBe(await modelOf(party, "whole"));
    }
  }
}, 900_000);
