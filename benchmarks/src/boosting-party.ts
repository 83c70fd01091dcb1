/** One party of the boosting benchmark: its node's transport, and one training over an open session. */
import { join } from "node:path";
import { type Column, seededSampling, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import { type BoostingParameters, trainGuest, trainHost, trainingMessages } from "@tombolo/federated/vertical/boosting";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { type PartyNode, startNode } from "./party-node.ts";

export interface BoostingOrder {
  readonly kind: "train";
  readonly partner: string;
  readonly columns: readonly Column[];
  /** The guest's alone. */
  readonly labels: Float64Array | null;
  readonly rowCount: number;
  readonly parameters: BoostingParameters;
  readonly seed: number;
}

export interface BoostingFigures {
  /** Since the start, when the first tree was begun and when each tree was done. */
  readonly begunSeconds: number;
  readonly treeSeconds: readonly number[];
  readonly cpuSeconds: number;
  /** Of these before the first tree. */
  readonly cpuSecondsBefore: number;
  readonly bytes: number;
  readonly bytesBefore: number;
  readonly peakBytes: number;
  /** Of the joint model on the training rows; the guest's alone. */
  readonly auc: number;
}

const TOKEN = "benchmark";
const DEADLINE_MS = 3_600_000;

let node: PartyNode;

async function train(order: BoostingOrder): Promise<BoostingFigures> {
  const { partner: party, columns, labels, rowCount, parameters, seed } = order;
  const socketPath = join(node.folder, "runner.sock");
  const link = await connectRunnerLink({
    socketPath,
    token: TOKEN,
    sessionId: "boosting",
    party,
    deadlineMs: DEADLINE_MS,
  });
  const meter = createMeter();
  const binding = {
    consentHash: new Uint8Array(32),
    job: "benchmark",
    task: "boosting",
    attempt: 1,
    componentVersion: "2.0.0",
    protocol: "boosting",
    suite: "international",
  };
  const common = { self: node.self, party, binding, meter, deadlineMs: DEADLINE_MS };
  const bytes = (): number => meter.total("out") + meter.total("in");
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const elapsed = (): number => (performance.now() - started) / 1000;
  const used = (): number => {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1e6;
  };
  let begun = { seconds: 0, cpu: 0, bytes: 0 };
  const treeSeconds: number[] = [];
  const onTree = async (): Promise<void> => void treeSeconds.push(elapsed());
  const onProgress = ({ stage, tree, level }: { stage: string; tree: number; level: number }): void => {
    if (stage === "grow" && tree === 0 && level === 0) begun = { seconds: elapsed(), cpu: used(), bytes: bytes() };
  };
  const input = { columns, parameters, sampling: seededSampling(seed), onTree, onProgress };
  let auc = Number.NaN;
  if (labels === null) {
    const peer = await openPeer(link, trainingMessages, { ...common, role: "host", peerRole: "guest" });
    await trainHost({ ...input, rowCount }, peer, systemSecrets());
  } else {
    const peer = await openPeer(link, trainingMessages, { ...common, role: "guest", peerRole: "host" });
    const { evaluations } = await trainGuest({ ...input, labels }, [peer], systemSecrets());
    auc = evaluations.at(-1)?.training.auc ?? Number.NaN;
  }
  return {
    begunSeconds: begun.seconds,
    treeSeconds,
    cpuSeconds: used(),
    cpuSecondsBefore: begun.cpu,
    bytes: bytes(),
    bytesBefore: begun.bytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    auc,
  };
}

process.on("message", async (order: PartyNode | BoostingOrder) => {
  try {
    process.send!({ result: order.kind === "train" ? await train(order) : await startOwn(order) });
  } catch (error) {
    process.send!({ error: String((error as Error).stack) });
  }
});
process.on("disconnect", () => process.exit());

function startOwn(order: PartyNode): Promise<unknown> {
  node = order;
  return startNode(order);
}
