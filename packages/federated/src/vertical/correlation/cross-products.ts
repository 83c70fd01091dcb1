/**
 * Shares of all products of the first's columns with the second's, by `matrix-product`: the side with fewer columns encrypts
 * them (at a tie the first), the other has the matrix. Rows go in parts and columns in batches, for bounded memory.
 */
import { type Secrets, TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  KeyOwner,
  MatrixOwner,
  type ProductMessages,
  type ProductPlan,
  planProduct,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { plainNamed } from "@tombolo/protocols/renamed";
import type { correlationMessages, keyOfFirst, keyOfSecond } from "./messages.ts";

/** Numbers below 1 are multiples of 2^-ENTRY_BITS; products have twice as many bits after the point. */
export const ENTRY_BITS = 24;
/** How much is worked on at once. */
const LIMITS: Limits = { rows: 2 ** 15, vectors: 16 };
const CACHE_BYTES = 2 ** 29;
const RELEASED_BITS = { min: 20, max: 40 } as const;

export type Side = "first" | "second";
export type CorrelationPeer =
  | { readonly side: "first"; readonly peer: Peer<typeof correlationMessages, "first"> }
  | { readonly side: "second"; readonly peer: Peer<typeof correlationMessages, "second"> };

export interface Sizes {
  readonly rows: number;
  /** Columns. */
  readonly first: number;
  readonly second: number;
}

interface CrossPlan {
  readonly encrypts: Side;
  readonly product: ProductPlan;
  readonly parts: number;
  readonly batches: number;
}

export interface Limits {
  readonly rows: number;
  readonly vectors: number;
}

export function crossPlan({ rows, first, second }: Sizes, limits: Limits = LIMITS): CrossPlan {
  const [fewer, more] = [Math.min(first, second), Math.max(first, second)];
  const [parts, batches] = [Math.ceil(rows / limits.rows), Math.ceil(fewer / limits.vectors)];
  const shape = {
    rows: more,
    columns: Math.ceil(rows / parts),
    vectors: Math.ceil(fewer / batches),
    entryBits: ENTRY_BITS,
    bits: 64,
    // Each attempt has a budget of its own, while the partner keeps what all of them released.
    attempts: TASK_ATTEMPTS_MAX,
  };
  for (let bits = RELEASED_BITS.min; bits <= RELEASED_BITS.max; bits++) {
    const product = planProduct({ ...shape, releasedMax: 2 ** bits });
    if (product.forward.released * parts * batches <= 2 ** bits)
      return { encrypts: first <= second ? "first" : "second", product, parts, batches };
  }
  throw new TomboloError("input.product-shape", "so many products cannot be hidden in one job", {
    remedy: "Use fewer columns or rows.",
  });
}

/** `columns`: unit vectors. Own shares of the products as integers of 2·ENTRY_BITS, row by row: one for each of the first's columns. */
export async function crossShares(
  columns: readonly Float64Array[],
  end: CorrelationPeer,
  sizes: Sizes,
  options: { readonly secrets: Secrets; readonly limits?: Limits; readonly progress?: (share: number) => void },
): Promise<BigUint64Array> {
  const plan = crossPlan(sizes, options.limits);
  const { product, parts, batches } = plan;
  const own = new BigUint64Array(product.rows * product.vectors * batches);
  const opened = await multiplier(columns, end, plan, options.secrets);
  let done = 0;
  for (let part = 0; part < parts; part++) {
    const multiply = opened(part);
    for (let batch = 0; batch < batches; batch++) {
      const at = product.rows * product.vectors * batch;
      (await multiply(batch)).forEach((share, i) => {
        own[at + i] = BigInt.asUintN(64, own[at + i]! + share);
      });
      options.progress?.(++done / (parts * batches));
    }
  }
  return arranged(own, sizes, plan);
}

/** Products of one part of the rows, a batch of vectors at a time; keys are exchanged once for all. */
async function multiplier(
  columns: readonly Float64Array[],
  end: CorrelationPeer,
  { encrypts, product }: CrossPlan,
  secrets: Secrets,
): Promise<(part: number) => (batch: number) => Promise<BigUint64Array>> {
  const { columns: size, rows, vectors, releasedMax } = product;
  const piece = (column: Float64Array | undefined, part: number): Float64Array =>
    column?.subarray(part * size, (part + 1) * size) ?? new Float64Array(0);
  if (encrypts === end.side) {
    const owner = await KeyOwner.open([product], keyOwnerPeer(end), secrets);
    return (part) => {
      const multiply = owner.product(product);
      return (batch) => {
        const entries = new BigUint64Array(size * vectors);
        for (let i = 0; i < vectors; i++)
          piece(columns[batch * vectors + i], part).forEach((value, row) => {
            entries[i * size + row] = BigInt.asUintN(64, BigInt(Math.round(held(value) * SCALE)));
          });
        return multiply.multiply(entries);
      };
    };
  }
  const budget = new ReleaseBudget(releasedMax);
  const owner = await MatrixOwner.open([product], matrixOwnerPeer(end), {
    secrets,
    budget,
    cacheBytesMax: CACHE_BYTES,
  });
  return (part) => {
    const numbers = new Float64Array(rows * size);
    columns.forEach((column, i) => {
      numbers.set(piece(column, part).map(held), i * size);
    });
    const matrix = owner.product(product, { numbers, scale: SCALE });
    return () => matrix.multiply(null);
  };
}

const SCALE = 2 ** ENTRY_BITS;
/** A column of which one value alone differs has nearly 1 there: entries are below it. */
const held = (value: number): number => Math.max(-1 + 1 / SCALE, Math.min(1 - 1 / SCALE, value));

/** Products come vector after vector; the last batch may have had some too many. */
function arranged(own: BigUint64Array, { first, second }: Sizes, { encrypts, product }: CrossPlan): BigUint64Array {
  return BigUint64Array.from({ length: first * second }, (_, at) => {
    const [i, j] = [Math.floor(at / second), at % second];
    const [row, vector] = encrypts === "first" ? [j, i] : [i, j];
    return own[vector * product.rows + row]!;
  });
}

/** What the roles of a table are called is for the compiler alone; directions are those of the table. */
const keyOwnerPeer = ({ side, peer }: CorrelationPeer) =>
  (side === "first"
    ? plainNamed<"first", typeof keyOfFirst, "first">("first", peer)
    : plainNamed<"second", typeof keyOfSecond, "second">("second", peer)) as unknown as Peer<
    ProductMessages,
    "keyOwner"
  >;

const matrixOwnerPeer = ({ side, peer }: CorrelationPeer) =>
  (side === "first"
    ? plainNamed<"second", typeof keyOfSecond, "first">("second", peer)
    : plainNamed<"first", typeof keyOfFirst, "second">("first", peer)) as unknown as Peer<
    ProductMessages,
    "matrixOwner"
  >;
