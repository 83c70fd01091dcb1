/** One party of the benchmark of encryption on rings: its node's transport, and a matrix product over an open session. */
import { systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
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
import { type Elapsed, obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

/** Each product and one the other way. The first opens the session, makes keys and transforms; the others use them again. */
export interface RlweOrder {
  readonly role: "keyOwner" | "matrixOwner";
  readonly shape: ProductShape;
  readonly products: number;
}

export interface RlweFigures {
  /** Of each product, and before them of exchanging keys. */
  readonly steps: readonly Elapsed[];
  /** Shares of the first row of the last product. */
  readonly share: bigint;
  readonly peakBytes: number;
}

const messages = productMessages("keyOwner", "matrixOwner");
const DEADLINE_MS = 600_000;
const CACHE_BYTES = 2 ** 30;

/** All parties know the numbers: the product is checked. */
export const entryOf = (i: number): bigint => BigInt((i * 7919) % 65536) - 32768n;
export const elementOf = (i: number): bigint => BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n);

async function product({ role, shape, products }: RlweOrder): Promise<RlweFigures> {
  const meter = createMeter();
  const session = { name: "rlwe", protocol: "matrix-product", meter, deadlineMs: DEADLINE_MS };
  const { link, options: common } = await openSession(session);
  const plan = planProduct(shape);
  const secrets = systemSecrets();
  const own = BigUint64Array.from({ length: shape.columns }, (_, i) => elementOf(i));
  const matrix =
    role === "matrixOwner"
      ? BigInt64Array.from({ length: shape.rows * shape.columns }, (_, i) => entryOf(i))
      : new BigInt64Array(0);
  const peers =
    role === "keyOwner"
      ? { keyOwner: await openPeer(link, messages, { ...common, role, peerRole: "matrixOwner" }) }
      : { matrixOwner: await openPeer(link, messages, { ...common, role, peerRole: "keyOwner" }) };
  const steps: Elapsed[] = [];
  const timed = async <T>(step: () => Promise<T>): Promise<T> => {
    const elapsed = stopwatch(meter);
    const result = await step();
    steps.push(elapsed());
    return result;
  };
  const open = async (): Promise<KeyOwnerProduct | MatrixOwnerProduct> => {
    if (peers.keyOwner !== undefined) return (await KeyOwner.open([plan], peers.keyOwner, secrets)).product(plan);
    const options = { secrets, budget: new ReleaseBudget(shape.releasedMax), cacheBytesMax: CACHE_BYTES };
    return (await MatrixOwner.open([plan], peers.matrixOwner!, options)).product(plan, matrix);
  };
  const owner = await timed(open);
  let share = 0n;
  const back = BigUint64Array.from({ length: shape.rows }, (_, i) => elementOf(i));
  for (let i = 0; i < products; i++)
    share = await timed(async () => {
      const result = await owner.multiply(own);
      await owner.multiplyTransposed(back);
      return result[0]!;
    });
  return { steps, share, peakBytes: peakBytes() };
}

obeyOrders(product);
