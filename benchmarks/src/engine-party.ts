/** One party of the engine's benchmark: its node's transport, and programs on secrets over one open session. */
import { systemSecrets } from "@tombolo/base";
import { openPeer } from "@tombolo/channel";
import { Engine } from "@tombolo/protocols/secret-sharing/engine";
import {
  type Counts,
  type Link,
  messages,
  type Role,
  type TwoParty,
  type TwoPartyPeer,
  twoParty,
} from "@tombolo/protocols/secret-sharing/two-party";
import { type Operation, program, wrongIn } from "./engine-program.ts";
import { createWaitingMeter, obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export interface EngineRun {
  readonly kind: "run";
  readonly operation: Operation;
  readonly count: number;
  /** Correlations to make before the clock of the online part starts. */
  readonly ahead: Counts | null;
}

export type EngineOrder = { readonly kind: "open"; readonly role: Role; readonly transfers: Link } | EngineRun;

export interface EngineFigures {
  /** Making correlations ahead, and the rest. */
  readonly aheadSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly waits: number;
  readonly peakBytes: number;
}

const DEADLINE_MS = 600_000;

const meter = createWaitingMeter();
let backend: TwoParty;

async function open(role: Role, transfers: Link): Promise<void> {
  const session = { name: `engine-${transfers}`, protocol: "secret-sharing", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession(session);
  const end: TwoPartyPeer =
    role === "first"
      ? { role, peer: await openPeer(link, messages, { ...options, role, peerRole: "second" }) }
      : { role, peer: await openPeer(link, messages, { ...options, role, peerRole: "first" }) };
  backend = await twoParty(end, { secrets: systemSecrets(), link: transfers, background: true });
}

async function run({ operation, count, ahead }: EngineRun): Promise<EngineFigures> {
  const elapsed = stopwatch(meter);
  if (ahead !== null) await backend.prepare(ahead);
  const prepared = elapsed();
  const opened = await program(operation, count)(new Engine(backend));
  if (wrongIn(operation, count, opened!)) throw new Error(`${operation}: a wrong result`);
  const { seconds, cpuSeconds, bytes, waits } = elapsed();
  return {
    aheadSeconds: prepared.seconds,
    seconds: seconds - prepared.seconds,
    cpuSeconds,
    bytes,
    waits,
    peakBytes: peakBytes(),
  };
}

obeyOrders<EngineOrder>((order) => (order.kind === "run" ? run(order) : open(order.role, order.transfers)));
