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
import { type Formats, GRADIENT_FINE, PRODUCT_BITS, WEIGHTS_MAX } from "./formats.ts";
import { lengthOf, outOfRange, ranOff } from "./lengths.ts";
import type { ClearProducts, Sides } from "./products.ts";
import { residuals, withOffsets } from "./residuals.ts";
import type { Combined, Space, Vector } from "./space.ts";

export type Part = number | "all";
export const partName = (part: Part): string => `part ${part}`;

/** Shares of a vector, and how many fraction bits its words have. */
export interface SharedVector {
  readonly words: Words;
  readonly fraction: number;
}

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
}

/** Gradients of fewer fraction bits than these are fitted to their length. */
const FITTED_BELOW = 20;
/** Of a length from few digits, more than it can be: up to 4096 terms rounded to 2^-8 or less. */
const FITTED_ERROR = 0.25;
/** Weights and thresholds are well below 2^20 together, in up to 26 fraction bits. */
const SHRUNK_BITS = 48;
/** A larger threshold leaves as little: every weight is below it. */
const SHRUNK_MOST = 2 ** 19;
/** Sums of public factors times shared words leave this much room. */
const COMBINED_BITS = 60;

export class SharedSpace implements Space<SharedVector> {
  readonly #options: SharedSpaceOptions;
  /** Places of the weights of guest, host and others. */
  readonly #places: readonly Uint32Array[];
  readonly #width: number;
  #start: { readonly weights: SharedVector; readonly norm: number };

  constructor(options: SharedSpaceOptions) {
    this.#options = options;
    const { columns, others, family } = options;
    const counts = [columns.guest, columns.host, ...others.map((other) => other.columns)];
    const own = ownColumnsOf(family.outputs, counts);
    this.#places = own.map(classPlaces);
    this.#width = own[0]!.width;
    const count = family.outputs * this.#width;
    this.#start = { weights: this.#weights(wordsOfShares(new BigUint64Array(count))), norm: 0 };
  }

  async start(): Promise<{ readonly weights: SharedVector; readonly norm: number }> {
    return this.#start;
  }

  /** Starts from these weights, whose length is known to all. */
  begin(weights: Words, norm: number): void {
    this.#start = { weights: this.#weights(weights), norm };
  }

  /** The same, and opens their length. Throws `input.separable` for weights out of range. */
  async beginAt(words: Words): Promise<void> {
    const weights = this.#weights(words);
    const [square] = await this.#opened(weights, [weights]);
    const norm = lengthOf(square!);
    if (norm > WEIGHTS_MAX) throw ranOff();
    this.#start = { weights, norm };
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

  async gradient(weights: SharedVector, part: Part): Promise<SharedVector> {
    const { me, products, others, formats, rowsOf } = this.#options;
    const { count, values } = rowsOf(part);
    const predictors = await this.#predictors(weights, part);
    const shares = sharesOf((await residuals(me, this.#options, predictors, values)).words);
    const [sums, ...more] = await me.inTurn(() =>
      Promise.all([
        products.multiplyTransposed(partName(part), { guest: shares, host: shares }),
        ...others.map((other) => other.multiplyTransposed(part, shares)),
      ]),
    );
    const sumFraction = formats.entry + formats.row;
    const own = sharesOf(weights.words);
    const factor = BigInt(Math.round(this.#options.penalised.perRow * count * 2 ** (sumFraction - formats.weight)));
    const penalty = wordsOfShares(own.map((share, i) => (this.#isSpared(i) ? 0n : share * factor)));
    const fitted = part === "all" && formats.gradient < FITTED_BELOW;
    const fraction = fitted ? GRADIENT_FINE : formats.gradient;
    const bits = sumFraction + Math.ceil(Math.log2(count)) - fraction;
    const words = await me.inTurn((backend) => {
      const all = wordsOfShares(this.#inPlaces([sums.guest, sums.host, ...more]));
      return backend.shift(backend.add(all, penalty), bits, "near");
    });
    return fitted ? this.#fitted(words) : { words, fraction };
  }

  combine(terms: readonly Combined<SharedVector>[]): Promise<SharedVector> {
    const size = terms.reduce((sum, { factor, norm }) => sum + Math.abs(factor) * (1.01 * norm + 2 ** -16), 2 ** -16);
    const { weight } = this.#options.formats;
    const bits = Math.min(weight + COMBINED_BITS, Math.floor(COMBINED_BITS - Math.log2(size)));
    return this.#options.me.inTurn(async (backend) => {
      const scaled = terms.map(({ factor, value }) =>
        backend.scale(value.words, BigInt(Math.round(factor * 2 ** (bits - value.fraction)))),
      );
      const sum = scaled.reduce((all, one) => backend.add(all, one));
      return this.#weights(await backend.shift(sum, bits - weight, "near"));
    });
  }

  async shrink({ words }: SharedVector, by: number): Promise<SharedVector> {
    const { me, formats } = this.#options;
    const least = BigInt(Math.round(Math.min(by, SHRUNK_MOST) * 2 ** formats.weight));
    const places = (from: number, to: number): Uint32Array =>
      Uint32Array.from({ length: to - from }, (_, i) => from + i);
    const all = places(0, words.length);
    const [spared, rest] = [all.filter((i) => this.#isSpared(i)), all.filter((i) => !this.#isSpared(i))];
    const placeOf = new Uint32Array(all.length);
    Uint32Array.of(...spared, ...rest).forEach((place, i) => {
      placeOf[place] = i;
    });
    return this.#weights(
      await me.inTurn(async (backend) => {
        const own = backend.pick(words, rest);
        // Above by: w - by; below -by: w + by.
        const [above, below] = [backend.addPublic(own, -least), backend.addPublic(own, least)];
        const both = backend.join([above, below]);
        const signs = backend.join([backend.scale(above, -1n), below]);
        const left = await backend.inject(await backend.negative(signs, { width: SHRUNK_BITS }), both);
        const half = own.length;
        const sum = backend.add(backend.pick(left, places(0, half)), backend.pick(left, places(half, 2 * half)));
        const shrunk = backend.join([backend.pick(words, spared), sum]);
        return backend.pick(shrunk, placeOf);
      }),
    );
  }

  subtract(a: SharedVector, b: SharedVector): SharedVector {
    const [one, other] = [sharesOf(a.words), sharesOf(b.words)];
    return { ...a, words: wordsOfShares(one.map((share, i) => share - other[i]!)) };
  }

  async products(one: Vector<SharedVector>, others: readonly Vector<SharedVector>[]): Promise<Float64Array> {
    return this.#opened(
      one.value,
      others.map(({ value }) => value),
    );
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

  #isSpared(place: number): boolean {
    return place % this.#width < this.#options.penalised.spared;
  }

  /** With as many fraction bits as its length leaves, which is opened in few digits: all of them are opened next anyway. */
  async #fitted(words: Words): Promise<SharedVector> {
    const { me, formats } = this.#options;
    const coarse: SharedVector = {
      words: await me.inTurn((backend) => backend.shift(words, GRADIENT_FINE - formats.gradient, "near")),
      fraction: formats.gradient,
    };
    const [square] = await this.#opened(coarse, [coarse]);
    const excess = Math.max(0, Math.ceil(Math.log2(lengthOf(square!) + FITTED_ERROR)));
    if (excess === 0) return { words, fraction: GRADIENT_FINE };
    const shorter = await me.inTurn((backend) => backend.shift(words, excess, "near"));
    return { words: shorter, fraction: GRADIENT_FINE - excess };
  }

  async #opened(one: SharedVector, others: readonly SharedVector[]): Promise<Float64Array> {
    const shape = { rows: others.length, inner: one.words.length, columns: 1 };
    const words = await this.#options.me.inTurn(async (backend) => {
      const all = backend.join(others.map((other) => other.words));
      const product = await backend.multiplyMatrices(all, one.words, shape);
      return backend.open(await backend.shift(product, PRODUCT_BITS, "near"));
    });
    return Float64Array.from(words!, (word, i) => {
      const fraction = one.fraction + others[i]!.fraction - PRODUCT_BITS;
      return Number(BigInt.asIntN(64, word)) / 2 ** fraction;
    });
  }

  #weights(words: Words): SharedVector {
    return { words, fraction: this.#options.formats.weight };
  }
}
