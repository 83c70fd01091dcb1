/** One party of the regression benchmark: its node's transport, and one training over an open session. */
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
import { type Elapsed, obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export interface RegressionOrder {
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

const DEADLINE_MS = 600_000;

async function train(order: RegressionOrder): Promise<RegressionFigures> {
  const { columns, labels, rowCount, parameters } = order;
  const meter = createMeter();
  const session = { name: "regression", protocol: "regression", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession(session);
  const elapsed = stopwatch(meter);
  const steps: Elapsed[] = [];
  const onStep = async (_: Checkpoint): Promise<void> => void steps.push(elapsed());
  const input = { columns, rowCount, parameters, onStep };
  const trained: Trained =
    labels !== null
      ? await trainGuest(
          { ...input, rows: { labels } },
          await openPeer(link, trainingMessages, { ...options, role: "guest", peerRole: "host" }),
          systemSecrets(),
        )
      : await trainHost(
          input,
          await openPeer(link, trainingMessages, { ...options, role: "host", peerRole: "guest" }),
          systemSecrets(),
        );
  const { cpuSeconds, bytes } = elapsed();
  return {
    stepSeconds: steps.map(({ seconds }) => seconds),
    stepCpuSeconds: steps.map((step) => step.cpuSeconds),
    cpuSeconds,
    bytes,
    peakBytes: peakBytes(),
    contributions: trained.contributions,
  };
}

obeyOrders(train);
