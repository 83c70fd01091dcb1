/** One party of the engine's benchmark: its node's transport, and programs on secrets over one open session. */
import { join } from "node:path";
import { systemSecrets } from "@tombolo/base";
import { type CountingMeter, createMeter, openPeer } from "@tombolo/channel";
import { Engine } from "@tombolo/protocols/secret-sharing/engine";
import {
  type Counts,
  messages,
  type Role,
  type TwoParty,
  type TwoPartyPeer,
  twoParty,
} from "@tombolo/protocols/secret-sharing/two-party";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { type Operation, program, wrongIn } from "./engine-program.ts";
import { type PartyNode, startNode } from "./party-node.ts";

export interface EngineRun {
  readonly kind: "run";
  readonly operation: Operation;
  readonly count: number;
  /** Correlations to make before the clock of the online part starts. */
  readonly ahead: Counts | null;
}

export type EngineOrder = { readonly kind: "open"; readonly role: Role; readonly partner: string } | EngineRun;

export interface EngineFigures {
  /** Making correlations ahead, and the rest. */
  readonly aheadSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly peakBytes: number;
}

const TOKEN = "benchmark";
const DEADLINE_MS = 600_000;

let node: PartyNode;
let backend: TwoParty;
let meter: CountingMeter;

async function open(role: Role, partner: string): Promise<void> {
  const socketPath = join(node.folder, "runner.sock");
  const link = await connectRunnerLink({
    socketPath,
    token: TOKEN,
    sessionId: "engine",
    party: partner,
    deadlineMs: DEADLINE_MS,
  });
  meter = createMeter();
  const binding = {
    consentHash: new Uint8Array(32),
    job: "benchmark",
    task: "engine",
    attempt: 1,
    componentVersion: "1.0.0",
    protocol: "secret-sharing",
    suite: "international",
  };
  const common = { self: node.self, party: partner, binding, meter, deadlineMs: DEADLINE_MS };
  const end: TwoPartyPeer =
    role === "first"
      ? { role, peer: await openPeer(link, messages, { ...common, role, peerRole: "second" }) }
      : { role, peer: await openPeer(link, messages, { ...common, role, peerRole: "first" }) };
  backend = await twoParty(end, { secrets: systemSecrets() });
}

async function run({ operation, count, ahead }: EngineRun): Promise<EngineFigures> {
  const cpu = process.cpuUsage();
  const before = meter.total("out") + meter.total("in");
  const started = performance.now();
  if (ahead !== null) await backend.prepare(ahead);
  const prepared = performance.now();
  const opened = await program(operation, count)(new Engine(backend));
  if (wrongIn(operation, count, opened!)) throw new Error(`${operation}: a wrong result`);
  const done = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  return {
    aheadSeconds: (prepared - started) / 1000,
    seconds: (done - prepared) / 1000,
    cpuSeconds: (user + system) / 1e6,
    bytes: meter.total("out") + meter.total("in") - before,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

process.on("message", async (order: PartyNode | EngineOrder) => {
  try {
    process.send!({ result: await obey(order) });
  } catch (error) {
    process.send!({ error: String((error as Error).stack) });
  }
});
process.on("disconnect", () => process.exit());

async function obey(order: PartyNode | EngineOrder): Promise<unknown> {
  if (order.kind === "run") return run(order);
  if (order.kind === "open") return open(order.role, order.partner);
  node = order;
  return startNode(order);
}
