/**
 * One party of the matching benchmark, its node's transport and its task in one process: reads a CSV file, matches with
 * the partner over mutual TLS by the same code that a node's runner runs, leaves the aligned rows as Parquet and CSV.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { findComponent } from "@tombolo/components";
import { exportTable, textTable } from "@tombolo/datasets";
import {
  createPtpTransport,
  type PartnerAddress,
  type PartyCertificate,
  type PtpTransport,
  serveRunnerSocket,
} from "@tombolo/transport-ptp";
import { saveJson } from "../../apps/node/src/runner/files.ts";
import type { Capability, FromRunner } from "../../apps/node/src/runner/ipc.ts";
import { TaskRun } from "../../apps/node/src/runner/task-context.ts";

export interface PartyNode {
  readonly kind: "node";
  readonly self: string;
  readonly certificate: PartyCertificate;
  readonly partner: { readonly id: string; readonly fingerprint: string };
  readonly folder: string;
  readonly dial: PartnerAddress | null;
}

export interface PartyTask {
  readonly kind: "match";
  readonly role: "guest" | "host";
  readonly csv: string;
  readonly id: string;
  readonly protocol: string;
}

export interface PartyResult {
  readonly rows: number;
  readonly matched: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** High-water mark of resident memory. */
  readonly peakBytes: number;
  /** Processor time of the whole process from the start of the match on. */
  readonly cpuSeconds: number;
  readonly alignedCsv: string;
  readonly secondsOf: Readonly<Record<string, number>>;
}

const TOKEN = "benchmark";
const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
] as const;

let node: PartyNode;

async function startNode(task: PartyNode): Promise<number> {
  node = task;
  const transport: PtpTransport = createPtpTransport({
    self: task.self,
    tls: task.certificate,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    authorise: (fingerprint) => (fingerprint === task.partner.fingerprint ? { partyId: task.partner.id } : null),
    onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
    sessionAllowed: () => true,
    listen: { host: "127.0.0.1", port: 0 },
  });
  await serveRunnerSocket(join(task.folder, "runner.sock"), (hello, local) =>
    transport.attachSession(hello.party, hello.sessionId, TOKEN, local),
  );
  const { port } = await transport.listen();
  if (task.dial !== null) transport.connect(task.dial);
  return port;
}

async function match({ role, csv, id, protocol }: PartyTask): Promise<PartyResult> {
  const secondsOf: Record<string, number> = {};
  const cpu = process.cpuUsage();
  const timed = async <T>(name: string, step: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await step();
    secondsOf[name] = (performance.now() - start) / 1000;
    return result;
  };
  const table = join(node.folder, "data.parquet");
  const { columns, rowCount } = await timed("csv", () => textTable(csv, table));
  await saveJson(`${table}.json`, { rowCount, columns, hasIds: false, keys: [id], label: null, aligned: false });
  // Nobody else holds a budget here.
  const report = (message: FromRunner): void => {
    if (message.type === "draw") run.drawn(message.draw, null);
  };
  const run: TaskRun = new TaskRun(capability(role, table, protocol), report, new AbortController().signal);
  const component = findComponent("psi")!;
  await timed("match", async () => {
    const parameters = component.parameters.parse({ protocol });
    await component.run[role]!(run.context(parameters, component.partyParameters.parse({})));
    await run.close();
  });
  const output = run.outputs.find(({ port }) => port === "data")!;
  const aligned = join(node.folder, output.file);
  const alignedCsv = join(node.folder, "aligned.csv");
  await timed("export", () => exportTable(aligned, alignedCsv, "csv"));
  const bytes = (direction: "in" | "out"): number =>
    run.counts().reduce((sum, count) => sum + (count.direction === direction ? count.bytes : 0), 0);
  if ((await stat(alignedCsv)).size === 0) throw new Error("nothing was written");
  return {
    rows: rowCount,
    matched: output.rows!,
    bytesOut: bytes("out"),
    bytesIn: bytes("in"),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    cpuSeconds: cpuSecondsSince(cpu),
    alignedCsv,
    secondsOf,
  };
}

function cpuSecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function capability(role: "guest" | "host", table: string, protocol: string): Capability {
  return {
    job: "benchmark",
    task: "match",
    attempt: 1,
    component: "psi",
    componentVersion: findComponent("psi")!.version,
    self: PARTIES.find((each) => each.role === role)!,
    participants: PARTIES,
    parameters: { protocol },
    partyParameters: {},
    seed: 7,
    minimumRows: 5,
    binding: { consentHash: "00".repeat(32), protocol: "psi", suite: "international" },
    datasets: {},
    inputs: { data: { kind: "table", path: table } },
    folder: node.folder,
    checkpointFile: join(node.folder, "checkpoint.json"),
    link: { socketPath: join(node.folder, "runner.sock"), token: TOKEN },
    deadlineSeconds: 7200,
    awaySeconds: 60,
  };
}

process.on("message", async (task: PartyNode | PartyTask) => {
  try {
    process.send!({ result: task.kind === "node" ? await startNode(task) : await match(task) });
  } catch (error) {
    process.send!({ error: String((error as Error).stack) });
  }
});
process.on("disconnect", () => process.exit());
