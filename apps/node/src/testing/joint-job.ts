/** The credit example at two nodes, with contract, project, data and grant: what the tests of jobs start from. */
import { readFile } from "node:fs/promises";
import type { Client, GrantTerms, Job } from "@tombolo/sdk";
import { type Cluster, hasEnded, startCluster, until } from "./cluster.ts";

const EXAMPLES = new URL("../../../../examples/", import.meta.url);

export interface Scene {
  readonly cluster: Cluster;
  readonly projectId: string;
  readonly bankData: string;
  readonly telcoData: string;
  readonly grantId: string;
}

/** `rows` of each file. */
export async function creditScene(rows: number, environment: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const cluster = await startCluster(["bank", "telco"], environment);
  await cluster.connect("bank", "telco");
  const projectId = await cluster.project("bank", "telco");
  const bank = await cluster.publish("bank", await head("bank.csv", rows), "phone");
  const telco = await cluster.publish("telco", await head("telco.csv", rows), "phone");
  const grant = await cluster.grant("bank", "telco", { datasetId: telco.id });
  return { cluster, projectId, bankData: bank.id, telcoData: telco.id, grantId: grant.id };
}

/** The header and first rows of an example's file. */
export const head = async (file: string, rows: number, example = "credit"): Promise<string> =>
  `${(await readFile(new URL(`${example}/${file}`, EXAMPLES), "utf8"))
    .split("\n")
    .slice(0, rows + 1)
    .join("\n")}\n`;

/** The bank's rows by phone, as callers of a service send them. */
export async function bankCustomers(rows: number): Promise<Map<string, Record<string, string | number | null>>> {
  const [header, ...lines] = (await head("bank.csv", rows)).trim().split("\n");
  const names = header!.split(",");
  return new Map(
    lines.map((line) => {
      const row = Object.fromEntries(line.split(",").map((cell, i) => [names[i]!, cell === "" ? null : cell]));
      const { phone, default: _label, home, ...figures } = row;
      const numbers = Object.entries(figures).map(([name, cell]) => [name, cell === null ? null : Number(cell)]);
      return [String(phone), { ...Object.fromEntries(numbers), home: home ?? null }];
    }),
  );
}

export interface JointJob {
  readonly name?: string;
  readonly trees?: number;
  readonly baseline?: boolean;
  readonly hostColumns?: string[];
}

/** Fills in the guided form and submits what it makes; answers the job's id. */
export async function submitJoint(scene: Scene, job: JointJob = {}, analyst?: Client): Promise<string> {
  const client = analyst ?? (await scene.cluster.node("bank").analyst());
  const form = {
    projectId: scene.projectId,
    name: job.name ?? "Joint credit model",
    guest: {
      datasetId: scene.bankData,
      keys: ["phone"],
      label: "default",
      columns: ["time", "amount", "price", "debt", "home"],
    },
    hosts: [
      {
        partyId: "telco",
        datasetId: scene.telcoData,
        keys: ["phone"],
        columns: job.hostColumns ?? ["seniority", "age", "records", "income"],
      },
    ],
    trees: job.trees ?? 3,
    depth: 3,
    bins: 8,
    baseline: job.baseline ?? false,
  };
  const { flow } = await client.call("jointModelFlow", { body: form });
  return (
    await client.call("submitJob", { body: { projectId: scene.projectId, flow: flow as Record<string, unknown> } })
  ).id;
}

export async function consentBoth({ cluster }: Scene, job: string): Promise<void> {
  await cluster.decide("bank", "job", job);
  await cluster.decide("telco", "job", job);
}

/** The job once it has ended at both parties, in the same state. */
export async function endedAtBoth({ cluster }: Scene, id: string, seconds = 120) {
  const bank = await cluster.job("bank", id, "over", hasEnded, seconds);
  const telco = await cluster.job("telco", id, "over", (status) => status === bank.status, 40);
  return { bank, telco };
}

/** Until the task called train runs, and what else is wanted of it holds. */
export const untilTrains = (
  { cluster }: Scene,
  id: string,
  wanted: (train: Job["tasks"][number]) => boolean = () => true,
): Promise<unknown> =>
  until(
    "it trains",
    async () => {
      const { tasks } = await cluster.job("bank", id, "there", () => true);
      const train = tasks.find(({ name }) => name === "train");
      return train?.status === "RUNNING" && wanted(train);
    },
    180,
  );

/** A flow that only matches: quick, and nothing is learnt but the match. */
export function matchFlow(
  { bankData, telcoData }: Scene,
  telcoColumns: readonly string[] = ["age"],
): Record<string, unknown> {
  return {
    version: "1",
    name: "Match",
    parties: [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    tasks: {
      read: {
        component: "read-table",
        partyParameters: {
          bank: { dataset: bankData, keys: ["phone"], columns: ["amount"] },
          telco: { dataset: telcoData, keys: ["phone"], columns: telcoColumns },
        },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
    },
  };
}

export async function submitMatch(
  scene: Scene,
  telcoColumns?: readonly string[],
  projectId = scene.projectId,
): Promise<string> {
  const analyst = await scene.cluster.node("bank").analyst();
  return (await analyst.call("submitJob", { body: { projectId, flow: matchFlow(scene, telcoColumns) } })).id;
}

/** A joint model of an earlier job put to use for an hour. */
export const serveFlow = ({ telcoData }: Scene, modelId: string): Record<string, unknown> => ({
  version: "1",
  name: "Serve",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  tasks: {
    read: {
      component: "read-table",
      parties: ["telco"],
      partyParameters: {
        telco: { dataset: telcoData, keys: ["phone"], columns: ["seniority", "age", "records", "income"] },
      },
    },
    serve: {
      component: "boosting-serve",
      parameters: { until: new Date(Date.now() + 3_600_000).toISOString(), duplicates: "remove", empty: "remove" },
      inputs: { model: `model:${modelId}`, data: "read.data" },
    },
  },
});

/** Until an attempt, or a later one, serves at both. */
export const serving = ({ cluster }: Scene, job: string, attempt: number): Promise<unknown> =>
  until(
    `attempt ${attempt} serves at both`,
    async () => {
      const { tasks } = await cluster.job("bank", job, "there", () => true);
      const serve = tasks.find(({ name }) => name === "serve")!;
      return serve.attempt >= attempt && serve.lanes.filter(({ stage }) => stage === "serving").length === 2;
    },
    90,
  );

export const termsFor = ({ telcoData }: Scene, terms: Partial<GrantTerms> = {}) => ({ datasetId: telcoData, ...terms });
