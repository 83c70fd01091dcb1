/**
 * One party of the serving benchmark: its node in this process, its task in a runner of its own as a node starts it. At
 * the bank callers come over HTTP, to the service and, for a yardstick, to an echo of what they send.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import { writeTable } from "@tombolo/datasets";
import { fastify } from "fastify";
import { type Runner, startRunner } from "../../apps/node/src/runner/child.ts";
import { saveJson } from "../../apps/node/src/runner/files.ts";
import type { Capability, InputFile, MeterCount } from "../../apps/node/src/runner/ipc.ts";
import { commonCapability, type PartyNode, startNode } from "./party-node.ts";
import { COLUMNS, cellOf, idOf, servingModel } from "./serving-model.ts";

export interface ServeOrder {
  readonly kind: "serve";
  readonly role: "guest" | "host";
  readonly trees: number;
  /** Of the host's table. */
  readonly rows: number;
}

export interface ServingFigures {
  readonly bytes: number;
  readonly nodeBytes: number;
  readonly runnerBytes: number;
}

const COMPONENT = "boosting-serve";
const UNTIL_MS = 7_200_000;

let node: PartyNode;
let runner: Runner;
let counts: readonly MeterCount[] = [];

/** Answers the port for callers, at the bank. */
async function serve({ role, trees, rows }: ServeOrder): Promise<number> {
  const folder = join(node.folder, "serve");
  await mkdir(folder);
  const model = servingModel(trees);
  await writeFile(join(folder, "model-in.json"), JSON.stringify(role === "guest" ? model.guest : model.host));
  if (role === "host") await storeRows(join(folder, "in.parquet"), rows);
  const limits = { heapMiB: 1024, residentMiB: 8192, threads: 1, compileCache: join(node.folder, "compiled") };
  runner = await startRunner(capability(role, folder), limits, {
    progress: () => {},
    meter: (all) => {
      counts = all;
    },
    draw: async () => {},
    observed: () => {},
    log: (level, message) => {
      if (level !== "info") process.stderr.write(`${node.self}: ${message}\n`);
    },
  });
  return role === "guest" ? listen() : 0;
}

async function storeRows(path: string, rowCount: number): Promise<void> {
  const categories = Array.from({ length: rowCount }, (_, row) => idOf(row));
  const columns = Array.from({ length: COLUMNS }, (_, c) => ({
    kind: "number" as const,
    name: `x${c}`,
    values: Float64Array.from({ length: rowCount }, (_, row) => cellOf(row, c + COLUMNS)),
  }));
  const ids = { kind: "text" as const, name: "id", categories, codes: Int32Array.from(categories, (_, row) => row) };
  await writeTable(path, { rowCount, columns: [ids, ...columns] });
  const names = ["id", ...columns.map(({ name }) => name)];
  await saveJson(`${path}.json`, {
    rowCount,
    columns: names,
    hasIds: false,
    keys: ["id"],
    label: null,
    aligned: false,
  });
}

function capability(role: "guest" | "host", folder: string): Capability {
  const { version, protocol } = findComponent(COMPONENT)!;
  const servesUntil = Date.now() + UNTIL_MS;
  const data: Record<string, InputFile> =
    role === "host" ? { data: { kind: "table", path: join(folder, "in.parquet") } } : {};
  return {
    ...commonCapability(node, folder),
    task: "serve",
    component: COMPONENT,
    componentVersion: version,
    parameters: { until: new Date(servesUntil).toISOString(), timeoutMs: 20_000 },
    binding: { consentHash: "00".repeat(32), protocol: protocol!.name, suite: "international" },
    inputs: { model: { kind: "model", path: join(folder, "model-in.json") }, ...data },
    servesUntil,
  };
}

async function listen(): Promise<number> {
  const server = fastify({ bodyLimit: 2 ** 22 });
  server.post("/echo", async (request) => request.body);
  server.post("/score", async (request) => ({
    rows: await runner.ask((request.body as { readonly rows: readonly unknown[] }).rows),
  }));
  await server.listen({ host: "127.0.0.1", port: 0 });
  return (server.server.address() as { port: number }).port;
}

async function figures(): Promise<ServingFigures> {
  return {
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
    nodeBytes: process.memoryUsage().rss,
    runnerBytes: await residentBytes(runner.pid!),
  };
}

const residentBytes = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, "utf8")).split(" ")[1]) * 4096;

/** In order: at the bank the service is told to end, and the telco's part ends with it. */
async function end(): Promise<void> {
  if (node.self === "bank") runner.endService();
  const result = await runner.result;
  if (!result.ok) throw new Error(`${node.self} did not end in order: ${result.failure.code}`);
}

export type ServingOrder = PartyNode | ServeOrder | { readonly kind: "figures" } | { readonly kind: "end" };

function obey(order: ServingOrder): Promise<unknown> {
  if (order.kind === "node") return startNode(order);
  if (order.kind === "serve") return serve(order);
  return order.kind === "figures" ? figures() : end();
}

process.on("message", async (order: ServingOrder) => {
  try {
    if (order.kind === "node") node = order;
    process.send!({ result: await obey(order) });
  } catch (error) {
    process.send!({ error: String((error as Error).stack) });
  }
});
process.on("disconnect", () => process.exit());
