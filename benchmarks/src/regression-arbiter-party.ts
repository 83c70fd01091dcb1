/** One party of the benchmark of regression with an arbiter: its node's transport, and one training over sessions with the two others. */
import { systemSecrets } from "@tombolo/base";
import { type CountingMeter, createMeter, openPeer } from "@tombolo/channel";
import { eachColumn } from "@tombolo/datasets";
import {
  type ArbiterParameters,
  type ArbiterTrained,
  arbiterMessages,
  arbitrate,
  trainWithArbiterGuest,
  trainWithArbiterHost,
} from "@tombolo/federated/vertical/regression";
import { PARTIES } from "./party-node.ts";
import { obeyOrders, openSession, ownNode, peakBytes, stopwatch } from "./party-task.ts";
import { labelsIn } from "./regression-labels.ts";

const [GUEST, HOST, ARBITER] = PARTIES.map(({ party }) => party) as [string, string, string];

export interface ArbiterOrder {
  /** Of the own table; null at the arbiter. */
  readonly path: string | null;
  readonly names: readonly string[];
  readonly rowCount: number;
  readonly parameters: ArbiterParameters;
}

export interface ArbiterFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly peakBytes: number;
  readonly epochs: number;
  /** Own part of each row's linear predictor; none at the arbiter. */
  readonly contributions: Float64Array;
}

const DEADLINE_MS = 3_600_000;

/** Of the training's messages with another party. */
async function peerOf<O extends keyof typeof ROLES>(party: string, own: O, meter: CountingMeter) {
  const session = { name: `arbiter.${pairOf(party)}`, protocol: "regression/arbiter", meter, deadlineMs: DEADLINE_MS };
  const { link, options } = await openSession({ ...session, party });
  return openPeer(link, arbiterMessages, { ...options, role: own, peerRole: ROLES[own] });
}

const ROLES = { guest: "host", host: "guest", owner: "arbiter", arbiter: "owner" } as const;
const pairOf = (party: string): string => [ownNode().self, party].sort().join("-");

async function train(order: ArbiterOrder): Promise<ArbiterFigures> {
  const meter = createMeter();
  const elapsed = stopwatch(meter);
  const trained = await trainAs(order, meter);
  const { seconds, cpuSeconds, bytes } = elapsed();
  const own = "contributions" in trained ? trained : null;
  return {
    ...{ seconds, cpuSeconds, bytes, peakBytes: peakBytes() },
    epochs: own?.gradients.length ?? 0,
    contributions: own?.contributions ?? new Float64Array(0),
  };
}

async function trainAs(
  { path, names, rowCount, parameters }: ArbiterOrder,
  meter: CountingMeter,
): Promise<ArbiterTrained | { readonly answers: number }> {
  const secrets = systemSecrets();
  if (path === null) {
    const owners = await Promise.all([GUEST, HOST].map((party) => peerOf(party, "arbiter", meter)));
    return arbitrate({ parameters }, owners, secrets);
  }
  const input = { columns: eachColumn(path, names, { rowCount }), rowCount, parameters };
  const arbiter = await peerOf(ARBITER, "owner", meter);
  if (ownNode().self === HOST)
    return trainWithArbiterHost(input, 0, { guest: await peerOf(GUEST, "host", meter), arbiter }, secrets);
  const hosts = [await peerOf(HOST, "guest", meter)];
  return trainWithArbiterGuest({ ...input, labels: await labelsIn(path) }, { hosts, arbiter }, secrets);
}

obeyOrders(train);
