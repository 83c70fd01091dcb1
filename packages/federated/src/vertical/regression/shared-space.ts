/** Weights and gradients as shares at the two parties: what a solver asks for, by the engine and by products with own matrices. */
import type { Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine, Fixed, Integers } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { classPlaces, ownColumnsOf } from "./class-places.ts";
import {
  EXPONENT_MAX,
  type FamilyRules,
  hasExponents,
  type ResidualOptions,
  type RowValues,
} from "./families/index.ts";
import { type Formats, GRADIENT_FINE, WEIGHTS_MAX } from "./formats.ts";
import { lengthOf, outOfRange, ranOff } from "./lengths.ts";
import type { ClearProducts, Sides } from "./products.ts";
import { residuals, withOffsets } from "./residuals.ts";
import { type SharedVector, SharedVectors } from "./shared-vectors.ts";
import type { Space } from "./space.ts";

export type Part = number | "all";
export const partName = (part: Part): string => `part ${part}`;

/** Columns of a further party, beside those of the two that compute: products with its matrix, from and to own shares. */
export interface OtherColumns {
  readonly columns: number;
  multiply(part: Part, weights: BigUint64Array): Promise<BigUint64Array>;
  multiplyTransposed(part: Part, rows: BigUint64Array): Promise<BigUint64Array>;
}

/**
 * Weights of several classes stand class after class, those of the parties' columns in each of them: as what is made of rows does, all
 * rows of the first class first.
 */
export interface SharedSpaceOptions extends ResidualOptions {
  readonly family: FamilyRules;
  readonly me: Engine;
  readonly products: ClearProducts;
  /** Columns of the matrices. */
  readonly columns: Sides<number>;
  /** Their weights come after those of the two. */
  readonly others: readonly OtherColumns[];
  readonly formats: Formats;
  /** L2 for each row of the table, beside its loss, and the first weights of each class that it spares. */
  readonly penalised: { readonly perRow: number; readonly spared: number };
  /** All rows, in those that gradients are taken over. */
  readonly parts: readonly Part[];
  /** The rows of a part, and what the guest has for them. */
  readonly rowsOf: (part: Part) => { readonly count: number; readonly values: RowValues };
  /** Before each gradient: see foresight.ts. */
  readonly onGradient?: (part: Part) => void;
}

interface Start {
  readonly weights: SharedVector;
  readonly norm: number;
  readonly memory: readonly SharedVector[];
}

/** Gradients of fewer fraction bits than these are fitted to their length. */
const FITTED_BELOW = 20;
export class SharedSpace extends SharedVectors implements Space<SharedVector> {
  readonly #options: SharedSpaceOptions;
  /** Places of the weights of guest, host and others. */
  readonly #places: readonly Uint32Array[];
  #start: Start;

  constructor(options: SharedSpaceOptions) {
    const { columns, others, family, me, formats, penalised } = options;
    const counts = [columns.guest, columns.host, ...others.map((other) => other.columns)];
    const own = ownColumnsOf(family.outputs, counts);
    const { width } = own[0]!;
    super(me, formats, { width, count: penalised.spared });
    this.#options = options;
    this.#places = own.map(classPlaces);
    const count = family.outputs * width;
    this.#start = { weights: this.weightsOf(wordsOfShares(new BigUint64Array(count))), norm: 0, memory: [] };
  }

  async start(): Promise<Start> {
    return this.#start;
  }

  /** Starts from these weights, whose length is known to all, and what the solver left beside them. */
  begin(weights: Words, norm: number, memory: readonly SharedVector[]): void {
    this.#start = { weights: this.weightsOf(weights), norm, memory };
  }

  /** The same, and opens their length. Throws `input.separable` for weights out of range. */
  async beginAt(words: Words): Promise<void> {
    const weights = this.weightsOf(words);
    const [square] = await this.opened(weights, [weights]);
    const norm = lengthOf(square!);
    if (norm > WEIGHTS_MAX) throw ranOff();
    this.#start = { weights, norm, memory: [] };
  }

  /** Of all rows, offsets included. */
  async predictors(weights: SharedVector): Promise<Fixed> {
    const { me, rowsOf } = this.#options;
    return withOffsets(me, await this.#predictors(weights, "all"), rowsOf("all").values);
  }

  /** Of a part's rows, without offsets. */
  predictorsOf(weights: SharedVector, part: Part): Promise<Fixed> {
    return this.#predictors(weights, part);
  }

  async gradient(weights: SharedVector, part: Part, { exact } = { exact: false }): Promise<SharedVector> {
    const { me, products, others, formats, rowsOf } = this.#options;
    this.#options.onGradient?.(part);
    const { count, values } = rowsOf(part);
    const predictors = await this.#predictors(weights, part);
    const options = exact ? { ...this.#options, precision: "full" as const } : this.#options;
    const shares = sharesOf((await residuals(me, options, predictors, values)).words);
    const [sums, ...more] = await me.inTurn(() =>
      Promise.all([
        products.multiplyTransposed(partName(part), { guest: shares, host: shares }),
        ...others.map((other) => other.multiplyTransposed(part, shares)),
      ]),
    );
    const sumFraction = formats.entry + formats.row;
    const own = sharesOf(weights.words);
    const factor = BigInt(Math.round(this.#options.penalised.perRow * count * 2 ** (sumFraction - formats.weight)));
    const penalty = wordsOfShares(own.map((share, i) => (this.isSpared(i) ? 0n : share * factor)));
    const fitted = part === "all" && formats.gradient < FITTED_BELOW;
    const fraction = fitted ? GRADIENT_FINE : formats.gradient;
    const bits = sumFraction + Math.ceil(Math.log2(count)) - fraction;
    const words = await me.inTurn((backend) => {
      const all = wordsOfShares(this.#inPlaces([sums.guest, sums.host, ...more]));
      return backend.shift(backend.add(all, penalty), bits, "near");
    });
    return fitted ? this.fitted(words) : { words, fraction };
  }

  async requireRange(weights: SharedVector): Promise<void> {
    const { me, family, parts, rowsOf } = this.#options;
    if (!hasExponents(family)) return;
    const counts: Integers[] = [];
    for (const part of parts) {
      const { values } = rowsOf(part);
      const predictors = withOffsets(me, await this.#predictors(weights, part), values);
      for (const exponent of await family.exponents(me, predictors, values.labels))
        counts.push(me.sum(await me.numberOf(me.not(await me.less(exponent, EXPONENT_MAX)))));
    }
    const none = await me.equal(
      counts.reduce((sum, count) => me.add(sum, count)),
      0,
    );
    if ((await me.openFlags(none))![0] === 0) throw outOfRange();
  }

  async #predictors(weights: SharedVector, part: Part): Promise<Fixed> {
    const { me, products, others, formats, family, rowsOf } = this.#options;
    const own = sharesOf(weights.words);
    const [guest, host, ...theirs] = this.#places.map((places) => BigUint64Array.from(places, (place) => own[place]!));
    const [sides, ...more] = await me.inTurn(() =>
      Promise.all([
        products.multiply(partName(part), { guest: guest!, host: host! }),
        ...others.map((other, i) => other.multiply(part, theirs[i]!)),
      ]),
    );
    const words = await me.inTurn((backend) =>
      backend.shift(
        [sides.host, ...more]
          .map(wordsOfShares)
          .reduce((sum, one) => backend.add(sum, one), wordsOfShares(sides.guest)),
        formats.entry + formats.weight - formats.row,
        "near",
      ),
    );
    return { kind: "fixed", shape: [family.outputs * rowsOf(part).count], bound: formats.predictorMax, words };
  }

  /** Each party's at the places of its weights. */
  #inPlaces(parts: readonly BigUint64Array[]): BigUint64Array {
    const out = new BigUint64Array(this.#places.reduce((sum, { length }) => sum + length, 0));
    parts.forEach((part, party) => {
      this.#places[party]!.forEach((place, i) => {
        out[place] = part[i]!;
      });
    });
    return out;
  }
}
