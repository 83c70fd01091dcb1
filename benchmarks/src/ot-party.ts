/** One party of the benchmark of oblivious transfers: its node's transport, and extensions over an open session. */
import { systemSecrets } from "@tombolo/base";
import { type CountingMeter, createMeter, openPeer } from "@tombolo/channel";
import type { KeyForm } from "@tombolo/kernels";
import {
  type SilentReceiverPeer,
  type SilentSenderPeer,
  silentOtMessages,
  silentOtReceiver,
  silentOtSender,
} from "@tombolo/protocols/oblivious-transfer/silent";
import { otReceiver, otSender } from "@tombolo/protocols/oblivious-transfer/softspoken";
import { type Elapsed, obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export interface OtOrder {
  readonly session: string;
  readonly role: "sender" | "receiver";
  /** Bits of SoftSpoken's small field, or the silent extension. */
  readonly source: 4 | 8 | "silent";
  /** Blocks of 16 bytes with one difference, two keys each, or what is kept of four keys for a table of sixteen bits. */
  readonly made: "correlated" | "random" | "tables";
  /** Of each call; all but the first call are timed by themselves. */
  readonly count: number;
  readonly calls: number;
}

export interface OtFigures {
  /** Of setting up with the first call, then of each further call. */
  readonly calls: readonly Elapsed[];
  readonly peakBytes: number;
  /** Of the last call: the first transfers as this side has them. */
  readonly sample: readonly Uint8Array[];
}

type Made = readonly Uint8Array[];
type Transfers = (count: number) => Promise<Made>;

const messages = silentOtMessages("sender", "receiver");
const TABLE: KeyForm = { kind: "digits", planes: 1 };
const DEADLINE_MS = 600_000;
/** Bytes of a sample. */
const SAMPLE_BYTES = 64;

async function openTransfers(order: OtOrder, meter: CountingMeter): Promise<Transfers> {
  const { session: name, role, source, made } = order;
  const session = { name, protocol: "oblivious-transfer", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession(session);
  if (role === "sender")
    return sending(source, made, await openPeer(link, messages, { ...options, role, peerRole: "receiver" }));
  return receiving(source, made, await openPeer(link, messages, { ...options, role, peerRole: "sender" }));
}

const optionsOf = () => ({ secrets: systemSecrets(), label: "benchmark", adversary: "semi-honest" }) as const;

async function sending(source: OtOrder["source"], made: OtOrder["made"], peer: SilentSenderPeer): Promise<Transfers> {
  const sender = await (source === "silent"
    ? silentOtSender(undefined, peer, optionsOf())
    : otSender(undefined, peer, { ...optionsOf(), fieldBits: source }));
  if (made === "tables") return async (count) => [await sender.bulk(count, TABLE)];
  if (made === "random")
    return async (count) => {
      const { zero, one } = await sender.random(count);
      return [zero, one];
    };
  return async (count) => {
    const { delta, q } = await sender.correlated(count);
    return [delta, q];
  };
}

async function receiving(
  source: OtOrder["source"],
  made: OtOrder["made"],
  peer: SilentReceiverPeer,
): Promise<Transfers> {
  const receiver = await (source === "silent"
    ? silentOtReceiver(peer, optionsOf())
    : otReceiver(peer, { ...optionsOf(), fieldBits: source }));
  if (made === "tables")
    return async (count) => {
      const { choices, kept } = await receiver.bulk(count, TABLE);
      return [choices, kept];
    };
  if (made === "random")
    return async (count) => {
      const { choices, keys } = await receiver.random(count);
      return [choices, keys];
    };
  return async (count) => {
    const { choices, t } = await receiver.correlated(count);
    return [choices, t];
  };
}

async function transfers(order: OtOrder): Promise<OtFigures> {
  const meter = createMeter();
  const calls: Elapsed[] = [];
  let sample: Made = [];
  let make: Transfers | undefined;
  for (let i = 0; i < order.calls; i++) {
    const elapsed = stopwatch(meter);
    make ??= await openTransfers(order, meter);
    const out = await make(order.count);
    calls.push(elapsed());
    sample = out.map((part) => part.slice(0, SAMPLE_BYTES));
  }
  return { calls, sample, peakBytes: peakBytes() };
}

obeyOrders(transfers);
