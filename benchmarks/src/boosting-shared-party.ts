/** One party of the benchmark of boosting at level shared: its node's transport, and one training over an open session. */
import { type Column, seededSampling, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import { sharedMessages, trainSharedGuest, trainSharedHost } from "@tombolo/federated/vertical/boosting/shared";
import type { BoostingOrder } from "./boosting-party.ts";
import { obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export interface SharedOrder extends Omit<BoostingOrder, "table"> {
  readonly columns: readonly Column[];
  /** The guest's alone. */
  readonly labels: Float64Array | null;
}

export interface SharedFigures {
  /** Since the start, when each tree was done. */
  readonly treeSeconds: readonly number[];
  readonly treeCpuSeconds: readonly number[];
  readonly treeBytes: readonly number[];
  readonly peakBytes: number;
}

const DEADLINE_MS = 3_600_000;

async function train({ columns, labels, rowCount, parameters, seed }: SharedOrder): Promise<SharedFigures> {
  const meter = createMeter();
  const { link, options } = await openSession({
    name: "boosting",
    protocol: "boosting",
    meter,
    deadlineMs: DEADLINE_MS,
  });
  const elapsed = stopwatch(meter);
  const marks: ReturnType<typeof elapsed>[] = [];
  const onTree = async (): Promise<void> => void marks.push(elapsed());
  const input = { columns, rowCount, parameters, sampling: seededSampling(seed), onTree };
  if (labels === null) {
    const peer = await openPeer(link, sharedMessages, { ...options, role: "host", peerRole: "guest" });
    await trainSharedHost(input, peer, systemSecrets());
  } else {
    const peer = await openPeer(link, sharedMessages, { ...options, role: "guest", peerRole: "host" });
    await trainSharedGuest({ ...input, labels }, peer, systemSecrets());
  }
  return {
    treeSeconds: marks.map(({ seconds }) => seconds),
    treeCpuSeconds: marks.map(({ cpuSeconds }) => cpuSeconds),
    treeBytes: marks.map(({ bytes }) => bytes),
    peakBytes: peakBytes(),
  };
}

obeyOrders(train);
