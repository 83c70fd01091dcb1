/** Weights and gradients as shares at the two parties: what a solver asks for, by the engine and by products with own matrices. */
import type { Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { type Formats, PRODUCT_BITS, ROW_FRACTION } from "./formats.ts";
import type { ClearProducts, Sides } from "./products.ts";
import { type ResidualOptions, type RowValues, residuals } from "./residuals.ts";
import type { Combined, Space, Vector } from "./space.ts";

export type Part = number | "all";
export const partName = (part: Part): string => `part ${part}`;

export interface SharedSpaceOptions extends ResidualOptions {
  readonly me: Engine;
  readonly products: ClearProducts;
  /** Columns of the matrices. */
  readonly columns: Sides<number>;
  readonly formats: Formats;
  /** L2 for each row of the table, beside its loss, and the first weights that it spares. */
  readonly penalised: { readonly perRow: number; readonly spared: number };
  /** The rows of a part, and what the guest has for them. */
  readonly rowsOf: (part: Part) => { readonly count: number; readonly values: RowValues };
  readonly from: { readonly shares: BigUint64Array; readonly norm: number } | null;
}

/** Sums of public factors times shared words leave this much room. */
const COMBINED_BITS = 60;

export class SharedSpace implements Space<Words> {
  readonly #options: SharedSpaceOptions;

  constructor(options: SharedSpaceOptions) {
    this.#options = options;
  }

  async start(): Promise<{ readonly weights: Words; readonly norm: number }> {
    const { from, columns } = this.#options;
    if (from !== null) return { weights: wordsOfShares(from.shares), norm: from.norm };
    return { weights: wordsOfShares(new BigUint64Array(columns.guest + columns.host)), norm: 0 };
  }

  async gradient(weights: Words, part: Part): Promise<Words> {
    const { me, products, columns, formats, rowsOf } = this.#options;
    const { count, values } = rowsOf(part);
    const own = sharesOf(weights);
    const vectors = { guest: own.subarray(0, columns.guest), host: own.subarray(columns.guest) };
    const sides = await me.inTurn(() => products.multiply(partName(part), vectors));
    const words = await me.inTurn((backend) =>
      backend.shift(
        backend.add(wordsOfShares(sides.guest), wordsOfShares(sides.host)),
        formats.entry + formats.weight - ROW_FRACTION,
        "near",
      ),
    );
    const predictors: Fixed = { kind: "fixed", shape: [count], bound: formats.predictorMax, words };
    const shares = sharesOf((await residuals(me, this.#options, predictors, values)).words);
    const sums = await me.inTurn(() => products.multiplyTransposed(partName(part), { guest: shares, host: shares }));
    const sumFraction = formats.entry + ROW_FRACTION;
    const penalty = wordsOfShares(penalised(own, this.#options.penalised, count, sumFraction - formats.weight));
    const bits = sumFraction + Math.ceil(Math.log2(count)) - formats.gradient;
    return me.inTurn((backend) => {
      const all = backend.join([wordsOfShares(sums.guest), wordsOfShares(sums.host)]);
      return backend.shift(backend.add(all, penalty), bits, "near");
    });
  }

  combine(terms: readonly Combined<Words>[]): Promise<Words> {
    const size = terms.reduce((sum, { factor, norm }) => sum + Math.abs(factor) * (1.01 * norm + 2 ** -16), 2 ** -16);
    const { weight } = this.#options.formats;
    const bits = Math.min(weight + COMBINED_BITS, Math.floor(COMBINED_BITS - Math.log2(size)));
    return this.#options.me.inTurn((backend) => {
      const scaled = terms.map(({ factor, kind, value }) =>
        backend.scale(value, BigInt(Math.round(factor * 2 ** (bits - this.#fraction(kind))))),
      );
      const sum = scaled.reduce((all, one) => backend.add(all, one));
      return backend.shift(sum, bits - weight, "near");
    });
  }

  subtract(a: Words, b: Words): Words {
    const [one, other] = [sharesOf(a), sharesOf(b)];
    return wordsOfShares(one.map((share, i) => share - other[i]!));
  }

  async products(one: Vector<Words>, others: readonly Vector<Words>[]): Promise<Float64Array> {
    const shape = { rows: others.length, inner: one.value.length, columns: 1 };
    const words = await this.#options.me.inTurn(async (backend) => {
      const all = backend.join(others.map(({ value }) => value));
      const product = await backend.multiplyMatrices(all, one.value, shape);
      return backend.open(await backend.shift(product, PRODUCT_BITS, "near"));
    });
    return Float64Array.from(words!, (word, i) => {
      const fraction = this.#fraction(one.kind) + this.#fraction(others[i]!.kind) - PRODUCT_BITS;
      return Number(BigInt.asIntN(64, word)) / 2 ** fraction;
    });
  }

  #fraction(kind: Vector<Words>["kind"]): number {
    const { weight, gradient } = this.#options.formats;
    return kind === "weights" ? weight : gradient;
  }
}

/** Of the penalty on weights the gradient, times `rows`: local. */
function penalised(
  weights: BigUint64Array,
  { perRow, spared }: SharedSpaceOptions["penalised"],
  rows: number,
  fraction: number,
): BigUint64Array {
  const factor = BigInt(Math.round(perRow * rows * 2 ** fraction));
  return weights.map((share, i) => (i < spared ? 0n : share * factor));
}
