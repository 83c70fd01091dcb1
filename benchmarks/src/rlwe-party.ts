/** One party of the benchmark of encryption on rings: its node's transport, and a matrix product over an open session. */
import { join } from "node:path";
import { systemSecrets } from "@tombolo/base";
import { type CountingMeter, createMeter, openPeer } from "@tombolo/channel";
import {
  KeyOwner,
  type KeyOwnerProduct,
  MatrixOwner,
  type MatrixOwnerProduct,
  type ProductShape,
  planProduct,
  productMessages,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";
import { type PartyNode, startNode } from "./party-node.ts";

/** Each product and one the other way. The first opens the session, makes keys and transforms; the others use them again. */
export interface RlweOrder {
  readonly kind: "product";
  readonly role: "keyOwner" | "matrixOwner";
  readonly shape: ProductShape;
  readonly products: number;
}

export interface RlweFigures {
  /** Of each product, and before them of exchanging keys. */
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
  readonly bytes: readonly number[];
  /** Shares of the first row of the last product. */
  readonly share: bigint;
  readonly peakBytes: number;
}

const messages = productMessages("keyOwner", "matrixOwner");
const DEADLINE_MS = 600_000;
const CACHE_BYTES = 2 ** 30;

let node: PartyNode;

/** All parties know the numbers: the product is checked. */
export const entryOf = (i: number): bigint => BigInt((i * 7919) % 65536) - 32768n;
export const elementOf = (i: number): bigint => BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n);

async function link(): Promise<Parameters<typeof openPeer>[0]> {
  return connectRunnerLink({
    socketPath: join(node.folder, "runner.sock"),
    token: "benchmark",
    sessionId: "rlwe",
    party: node.self === "bank" ? "telco" : "bank",
    deadlineMs: DEADLINE_MS,
  });
}

async function product({ role, shape, products }: RlweOrder): Promise<RlweFigures> {
  const meter: CountingMeter = createMeter();
  const binding = {
    consentHash: new Uint8Array(32),
    job: "benchmark",
    task: "rlwe",
    attempt: 1,
    componentVersion: "1.0.0",
    protocol: "matrix-product",
    suite: "international",
  };
  const party = node.self === "bank" ? "telco" : "bank";
  const common = { self: node.self, party, binding, meter, deadlineMs: DEADLINE_MS };
  const plan = planProduct(shape);
  const secrets = systemSecrets();
  const own = BigUint64Array.from({ length: shape.columns }, (_, i) => elementOf(i));
  const matrix =
    role === "matrixOwner"
      ? BigInt64Array.from({ length: shape.rows * shape.columns }, (_, i) => entryOf(i))
      : new BigInt64Array(0);
  const peers =
    role === "keyOwner"
      ? { keyOwner: await openPeer(await link(), messages, { ...common, role, peerRole: "matrixOwner" }) }
      : { matrixOwner: await openPeer(await link(), messages, { ...common, role, peerRole: "keyOwner" }) };
  const timed = timer(meter);
  const open = async (): Promise<KeyOwnerProduct | MatrixOwnerProduct> => {
    if (peers.keyOwner !== undefined) return (await KeyOwner.open([plan], peers.keyOwner, secrets)).product(plan);
    const options = { secrets, budget: new ReleaseBudget(shape.releasedMax), cacheBytesMax: CACHE_BYTES };
    return (await MatrixOwner.open([plan], peers.matrixOwner!, options)).product(plan, matrix);
  };
  const owner = await timed.run(open);
  let share = 0n;
  const back = BigUint64Array.from({ length: shape.rows }, (_, i) => elementOf(i));
  for (let i = 0; i < products; i++)
    share = await timed.run(async () => {
      const result = await owner.multiply(own);
      await owner.multiplyTransposed(back);
      return result[0]!;
    });
  return { ...timed.figures, share, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

function timer(meter: CountingMeter) {
  const figures = { seconds: [] as number[], cpuSeconds: [] as number[], bytes: [] as number[] };
  return {
    figures,
    async run<T>(step: () => Promise<T>): Promise<T> {
      const [started, cpu, moved] = [performance.now(), process.cpuUsage(), meter.total("out") + meter.total("in")];
      const result = await step();
      const { user, system } = process.cpuUsage(cpu);
      figures.seconds.push((performance.now() - started) / 1000);
      figures.cpuSeconds.push((user + system) / 1e6);
      figures.bytes.push(meter.total("out") + meter.total("in") - moved);
      return result;
    },
  };
}

if (process.send !== undefined) {
  process.on("message", async (order: PartyNode | RlweOrder) => {
    try {
      process.send!({ result: await obey(order) });
    } catch (error) {
      process.send!({ error: String((error as Error).stack) });
    }
  });
  process.on("disconnect", () => process.exit());
}

async function obey(order: PartyNode | RlweOrder): Promise<unknown> {
  if (order.kind === "product") return product(order);
  node = order;
  return startNode(order);
}
