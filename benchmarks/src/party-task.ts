/** What the parties' processes of all benchmarks do alike: obeying orders, opening a session, reading clocks and counters. */
import { join } from "node:path";
import { type CountingMeter, createMeter } from "@tombolo/channel";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { type PartyNode, RUNNER_TOKEN, startNode } from "./party-node.ts";

let node: PartyNode | null = null;

/** This process's node. */
export function ownNode(): PartyNode {
  if (node === null) throw new Error("no order has started the node");
  return node;
}

/** Does one order after another, of which the one that starts the party's node comes first where they need it. Does nothing where another process imports the program. */
export function obeyOrders<Order extends object>(obey: (order: Order) => Promise<unknown>): void {
  if (process.send === undefined) return;
  process.on("message", async (order: PartyNode | Order) => {
    try {
      if (isNode(order)) node = order;
      process.send!({ result: await (isNode(order) ? startNode(order) : obey(order)) });
    } catch (error) {
      process.send!({ error: String((error as Error).stack) });
    }
  });
  process.on("disconnect", () => process.exit());
}

const isNode = (order: object): order is PartyNode => "kind" in order && order.kind === "node";

export interface SessionOptions {
  readonly name: string;
  readonly protocol: string;
  readonly meter: CountingMeter;
  readonly deadlineMs: number;
  /** The one at the other end; without it there are two, and it is the other one. */
  readonly party?: string;
}

/** A connection to another party for one session, and what opening a peer on it takes beside the roles. */
export async function openSession({ name, protocol, meter, deadlineMs, party: named }: SessionOptions) {
  const { self, folder } = ownNode();
  const party = named ?? (self === "bank" ? "telco" : "bank");
  const openLane = (lane: number) =>
    connectRunnerLink({
      socketPath: join(folder, "runner.sock"),
      token: RUNNER_TOKEN,
      sessionId: `${name}.${lane}`,
      party,
      deadlineMs,
    });
  const link = await openLane(0);
  const binding = {
    consentHash: new Uint8Array(32),
    job: "benchmark",
    task: name,
    attempt: 1,
    componentVersion: "1.0.0",
    protocol,
    suite: "international",
  };
  return { link, options: { self, party, binding, meter, deadlineMs, openLane } };
}

/** Counts besides how often this party had to hear from the partner before it sent on: a round is one or two such waits of both together. */
export interface WaitingMeter extends CountingMeter {
  readonly waits: number;
}

export function createWaitingMeter(): WaitingMeter {
  const meter = createMeter();
  let [heard, waits] = [false, 0];
  return {
    ...meter,
    add(direction, name, bytes, last) {
      if (direction === "out" && heard) waits += 1;
      heard = direction === "in";
      meter.add(direction, name, bytes, last);
    },
    get waits() {
      return waits;
    },
  };
}

const bytesOf = (meter: CountingMeter): number => meter.total("out") + meter.total("in");

export interface Elapsed {
  readonly seconds: number;
  /** Of processor time of this process. */
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly waits: number;
}

/** Reads what has passed since it was made; bytes and waits only where a meter counts them. */
export function stopwatch(meter?: CountingMeter | WaitingMeter): () => Elapsed {
  const moved = (): number => (meter === undefined ? 0 : bytesOf(meter));
  const waited = (): number => (meter !== undefined && "waits" in meter ? meter.waits : 0);
  const [started, cpu, before, waits] = [performance.now(), process.cpuUsage(), moved(), waited()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (user + system) / 1e6,
      bytes: moved() - before,
      waits: waited() - waits,
    };
  };
}

/** High-water mark of this process's resident memory. */
export const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
