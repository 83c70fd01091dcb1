/** One party of the boosting benchmark: its node's transport, and one training over an open session. */
import { seededSampling, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import { type BoostingParameters, trainGuest, trainHost, trainingMessages } from "@tombolo/federated/vertical/boosting";
import { columnsOf, labelsOf, type PartyTable } from "./boosting-data.ts";
import { obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export interface BoostingOrder {
  readonly table: PartyTable;
  readonly rowCount: number;
  readonly parameters: BoostingParameters;
  readonly seed: number;
}

export interface BoostingFigures {
  /** Since the start, when the first tree was begun and when each tree was done. */
  readonly begunSeconds: number;
  readonly treeSeconds: readonly number[];
  /** Of the time before the first tree, what went into making columns up. */
  readonly makingSeconds: number;
  readonly cpuSeconds: number;
  /** Of these before the first tree. */
  readonly cpuSecondsBefore: number;
  readonly bytes: number;
  readonly bytesBefore: number;
  readonly peakBytes: number;
  /** Of the joint model on the training rows; the guest's alone. */
  readonly auc: number;
}

const DEADLINE_MS = 3 * 3_600_000;

async function train(order: BoostingOrder): Promise<BoostingFigures> {
  const { table, rowCount, parameters, seed } = order;
  const labels = labelsOf(table);
  let makingSeconds = 0;
  const columns = columnsOf(table, (seconds) => {
    makingSeconds += seconds;
  });
  const meter = createMeter();
  const session = { name: "boosting", protocol: "boosting", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession(session);
  const elapsed = stopwatch(meter);
  let begun = { seconds: 0, cpuSeconds: 0, bytes: 0 };
  const treeSeconds: number[] = [];
  const onTree = async (): Promise<void> => void treeSeconds.push(elapsed().seconds);
  const onProgress = ({ stage, tree, level }: { stage: string; tree: number; level: number }): void => {
    if (stage === "grow" && tree === 0 && level === 0) begun = elapsed();
  };
  const input = { columns, parameters, sampling: seededSampling(seed), onTree, onProgress };
  let auc = Number.NaN;
  if (labels === null) {
    const peer = await openPeer(link, trainingMessages, { ...options, role: "host", peerRole: "guest" });
    await trainHost({ ...input, rowCount }, peer, systemSecrets());
  } else {
    const peer = await openPeer(link, trainingMessages, { ...options, role: "guest", peerRole: "host" });
    const { evaluations } = await trainGuest({ ...input, labels }, [peer], systemSecrets());
    auc = evaluations.at(-1)?.training.auc ?? Number.NaN;
  }
  const { cpuSeconds, bytes } = elapsed();
  return {
    begunSeconds: begun.seconds,
    treeSeconds,
    makingSeconds,
    cpuSeconds,
    cpuSecondsBefore: begun.cpuSeconds,
    bytes,
    bytesBefore: begun.bytes,
    peakBytes: peakBytes(),
    auc,
  };
}

obeyOrders(train);
