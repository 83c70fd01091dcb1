/** One party of the regression benchmark: its node's transport, and one training over an open session. */
import { join } from "node:path";
import { type Column, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import {
  type Checkpoint,
  type RegressionParameters,
  type Trained,
  trainGuest,
  trainHost,
  trainingMessages,
} from "@tombolo/federated/vertical/regression";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { type PartyNode, startNode } from "./party-node.ts";

export interface RegressionOrder {
  readonly kind: "train";
  readonly partner: string;
  readonly columns: readonly Column[];
  /** The guest's alone. */
  readonly labels: Float64Array | null;
  readonly rowCount: number;
  readonly parameters: RegressionParameters;
}

export interface RegressionFigures {
  /** Since the start, when each epoch or step was done. */
  readonly stepSeconds: readonly number[];
  /** The same of processor time. */
  readonly stepCpuSeconds: readonly number[];
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly peakBytes: number;
  /** Own part of each row's linear predictor. */
  readonly contributions: Float64Array;
}

const TOKEN = "benchmark";
const DEADLINE_MS = 600_000;

let node: PartyNode;

async function train(order: RegressionOrder): Promise<RegressionFigures> {
  const { partner: party, columns, labels, rowCount, parameters } = order;
  const socketPath = join(node.folder, "runner.sock");
  const link = await connectRunnerLink({
    socketPath,
    token: TOKEN,
    sessionId: "regression",
    party,
    deadlineMs: DEADLINE_MS,
  });
  const meter = createMeter();
  const binding = {
    consentHash: new Uint8Array(32),
    job: "benchmark",
    task: "regression",
    attempt: 1,
    componentVersion: "1.0.0",
    protocol: "regression",
    suite: "international",
  };
  const common = { self: node.self, party, binding, meter, deadlineMs: DEADLINE_MS };
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const [stepSeconds, stepCpuSeconds]: [number[], number[]] = [[], []];
  const onStep = async (_: Checkpoint): Promise<void> => {
    const { user, system } = process.cpuUsage(cpu);
    stepSeconds.push((performance.now() - started) / 1000);
    stepCpuSeconds.push((user + system) / 1e6);
  };
  const input = { columns, rowCount, parameters, onStep };
  const trained: Trained =
    labels !== null
      ? await trainGuest(
          { ...input, rows: { labels } },
          await openPeer(link, trainingMessages, { ...common, role: "guest", peerRole: "host" }),
          systemSecrets(),
        )
      : await trainHost(
          input,
          await openPeer(link, trainingMessages, { ...common, role: "host", peerRole: "guest" }),
          systemSecrets(),
        );
  const { user, system } = process.cpuUsage(cpu);
  return {
    stepSeconds,
    stepCpuSeconds,
    cpuSeconds: (user + system) / 1e6,
    bytes: meter.total("out") + meter.total("in"),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    contributions: trained.contributions,
  };
}

process.on("message", async (order: PartyNode | RegressionOrder) => {
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
