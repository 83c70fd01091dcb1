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
import { commonCapability } from "./party-node.ts";
import { obeyOrders, ownNode } from "./party-task.ts";
import { COLUMNS, cellOf, idOf, servingModel } from "./serving-model.ts";

export interface ServeOrder {
  readonly kind: "serve";
  readonly role: "guest" | "host";
  readonly trees: number;
  /** Of the host's table. */
  readonly rows: number;
}

/** Scores a whole table with the model; answers once it is written. */
export interface BatchOrder {
  readonly kind: "batch";
  readonly role: "guest" | "host";
  readonly trees: number;
  readonly rows: number;
  readonly form: "branches" | "sum-only";
}

export interface BatchFigures {
  readonly seconds: number;
  /** Of the runner, as last seen. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface ServingFigures {
  readonly bytes: number;
  readonly nodeBytes: number;
  readonly runnerBytes: number;
  /** Of processor time, since the start. */
  readonly nodeSeconds: number;
  readonly runnerSeconds: number;
}

const UNTIL_MS = 7_200_000;
const LOOK_MS = 50;
/** Of Linux on every platform Node runs on. */
const TICKS_PER_SECOND = 100;

let runner: Runner;
let counts: readonly MeterCount[] = [];

/** Answers the port for callers, at the bank. */
async function serve({ role, trees, rows }: ServeOrder): Promise<number> {
  const folder = await inputs("serve", role, trees, role === "host" ? rows : 0);
  const until = Date.now() + UNTIL_MS;
  const parameters = { until: new Date(until).toISOString(), timeoutMs: 20_000 };
  runner = await start(capability("boosting-serve", role, folder, parameters, until));
  return role === "guest" ? listen() : 0;
}

async function batch({ role, trees, rows, form }: BatchOrder): Promise<BatchFigures> {
  const folder = await inputs(`batch-${form}`, role, trees, rows);
  const from = performance.now();
  const own = await start(capability("boosting-predict", role, folder, { form }, null));
  let seen = { cpuSeconds: 0, peakBytes: 0 };
  const look = setInterval(() => {
    usage(own.pid!).then(
      (now) => {
        seen = { ...now, peakBytes: Math.max(seen.peakBytes, now.peakBytes) };
      },
      () => {}, // it has just ended
    );
  }, LOOK_MS);
  const result = await own.result;
  clearInterval(look);
  if (!result.ok) throw new Error(`${ownNode().self}: ${result.failure.code}: ${result.failure.message}`);
  return { seconds: (performance.now() - from) / 1000, ...seen };
}

async function usage(pid: number): Promise<{ cpuSeconds: number; peakBytes: number }> {
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const ticks = Number(stat[13]) + Number(stat[14]);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakBytes: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024 };
}

/** A folder with the party's part of the model, and a table of its columns if it has rows. */
async function inputs(name: string, role: "guest" | "host", trees: number, rows: number): Promise<string> {
  const folder = join(ownNode().folder, name);
  await mkdir(folder);
  await writeFile(join(folder, "model-in.json"), JSON.stringify(servingModel(trees)[role]));
  if (rows > 0) await storeRows(join(folder, "in.parquet"), rows, role === "host" ? COLUMNS : 0);
  return folder;
}

const start = (own: Capability): Promise<Runner> =>
  startRunner(
    own,
    {
      heapMiB: 1024,
      residentMiB: 8192,
      threads: 1,
      compileCache: join(ownNode().folder, "compiled"),
      waitsIn: ownNode().folder,
    },
    {
      progress: () => {},
      figures: () => {},
      meter: (all) => {
        counts = all;
      },
      draw: async () => {},
      reserve: async (needed) => needed + 1_000,
      rows: () => Promise.reject(new Error("assertion failed: rows are held in memory")),
      observed: () => {},
      log: (level, message) => {
        if (level !== "info") process.stderr.write(`${ownNode().self}: ${message}\n`);
      },
    },
  );

async function storeRows(path: string, rowCount: number, firstColumn: number): Promise<void> {
  const categories = Array.from({ length: rowCount }, (_, row) => idOf(row));
  const columns = Array.from({ length: COLUMNS }, (_, c) => ({
    kind: "number" as const,
    name: `x${c}`,
    values: Float64Array.from({ length: rowCount }, (_, row) => cellOf(row, c + firstColumn)),
  }));
  const ids = { kind: "text" as const, name: "id", categories, codes: Int32Array.from(categories, (_, row) => row) };
  await writeTable(path, { rowCount, columns: [ids, ...columns] });
  const names = ["id", ...columns.map(({ name }) => name)];
  await saveJson(`${path}.json`, { rowCount, columns: names, hasIds: false, keys: ["id"], label: null, aligned: true });
}

function capability(
  component: string,
  role: "guest" | "host",
  folder: string,
  parameters: unknown,
  servesUntil: number | null,
): Capability {
  const { version, protocol } = findComponent(component)!;
  const noTable = component === "boosting-serve" && role === "guest";
  const data: Record<string, InputFile> = noTable ? {} : { data: { kind: "table", path: join(folder, "in.parquet") } };
  return {
    ...commonCapability(ownNode(), folder),
    task: component,
    component,
    componentVersion: version,
    parameters,
    binding: { consentHash: "00".repeat(32), protocol: protocol!.name, suite: "international" },
    inputs: { model: { kind: "model", path: join(folder, "model-in.json") }, ...data },
    servesUntil,
    drawSalt: "",
    rowStore: false,
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
    nodeSeconds: (await usage(process.pid)).cpuSeconds,
    runnerSeconds: (await usage(runner.pid!)).cpuSeconds,
  };
}

const residentBytes = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, "utf8")).split(" ")[1]) * 4096;

/** In order: at the bank the service is told to end, and the telco's part ends with it. */
async function end(): Promise<void> {
  if (ownNode().self === "bank") runner.endService();
  const result = await runner.result;
  if (!result.ok) throw new Error(`${ownNode().self} did not end in order: ${result.failure.code}`);
}

export type ServingOrder = ServeOrder | BatchOrder | { readonly kind: "figures" } | { readonly kind: "end" };

function obey(order: ServingOrder): Promise<unknown> {
  if (order.kind === "serve") return serve(order);
  if (order.kind === "batch") return batch(order);
  return order.kind === "figures" ? figures() : end();
}

obeyOrders(obey);
