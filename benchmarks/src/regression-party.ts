/** One party of the regression benchmark: its node's transport, and one training over an open session. */
import { systemSecrets } from "@tombolo/base";
import { openPeer } from "@tombolo/channel";
import { eachColumn } from "@tombolo/datasets";
import {
  type Checkpoint,
  type RegressionParameters,
  type Trained,
  trainGuest,
  trainHost,
  trainingMessages,
} from "@tombolo/federated/vertical/regression";
import { createWaitingMeter, type Elapsed, obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";
import { labelsIn } from "./regression-labels.ts";

export interface RegressionOrder {
  readonly side: "guest" | "host";
  /** Of the own table. */
  readonly path: string;
  readonly names: readonly string[];
  readonly rowCount: number;
  readonly parameters: RegressionParameters;
}

export interface RegressionFigures {
  readonly seconds: number;
  /** Since the start, when each epoch or step was done. */
  readonly stepSeconds: readonly number[];
  /** The same of processor time. */
  readonly stepCpuSeconds: readonly number[];
  /** The same of bytes, both ways, and of waits for the partner. */
  readonly stepBytes: readonly number[];
  readonly stepWaits: readonly number[];
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly peakBytes: number;
  /** Own shares of the weights after each epoch or step. */
  readonly weights: readonly BigUint64Array[];
  /** Own part of each row's linear predictor. */
  readonly contributions: Float64Array;
}

const DEADLINE_MS = 3_600_000;

async function train(order: RegressionOrder): Promise<RegressionFigures> {
  const { side, path, names, rowCount, parameters } = order;
  const meter = createWaitingMeter();
  const session = { name: "regression", protocol: "regression", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession(session);
  const elapsed = stopwatch(meter);
  const steps: Elapsed[] = [];
  const weights: BigUint64Array[] = [];
  const onStep = async (checkpoint: Checkpoint): Promise<void> => {
    steps.push(elapsed());
    weights.push(checkpoint.weights.slice());
  };
  const input = { columns: eachColumn(path, names, { rowCount }), rowCount, parameters, onStep };
  const trained: Trained =
    side === "guest"
      ? await trainGuest(
          { ...input, rows: { labels: await labelsIn(path) } },
          await openPeer(link, trainingMessages, { ...options, role: "guest", peerRole: "host" }),
          systemSecrets(),
        )
      : await trainHost(
          input,
          await openPeer(link, trainingMessages, { ...options, role: "host", peerRole: "guest" }),
          systemSecrets(),
        );
  const { seconds, cpuSeconds, bytes } = elapsed();
  return {
    seconds,
    stepSeconds: steps.map(({ seconds }) => seconds),
    stepCpuSeconds: steps.map((step) => step.cpuSeconds),
    stepBytes: steps.map((step) => step.bytes),
    stepWaits: steps.map((step) => step.waits),
    cpuSeconds,
    bytes,
    peakBytes: peakBytes(),
    weights,
    contributions: trained.contributions,
  };
}

obeyOrders(train);
