/** Vectors as shares at the two parties: what a solver does with weights and gradients once it has them (space.ts). */

import type { Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { overRoot } from "@tombolo/protocols/secret-sharing/functions";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { type Formats, GRADIENT_FINE, PRODUCT_BITS } from "./formats.ts";
import { lengthOf } from "./lengths.ts";
import type { Adapted, AdaptOptions, Combined, Moments, Vector } from "./space.ts";
import { ADAPT_BITS, FLOOR_BITS, FORGOTTEN_BITS } from "./steps.ts";

/** Shares of a vector, and how many fraction bits its words have. */
export interface SharedVector {
  readonly words: Words;
  readonly fraction: number;
}

/** Of a length from few digits, more than it can be: up to 4096 terms rounded to 2^-8 or less. */
const FITTED_ERROR = 0.25;
/** Weights and thresholds are well below 2^20 together, in up to 26 fraction bits. */
const SHRUNK_BITS = 48;
/** A larger threshold leaves as little: every weight is below it. */
const SHRUNK_MOST = 2 ** 19;
/** Sums of public factors times shared words leave this much room. */
const COMBINED_BITS = 60;
/** A running mean has more fraction bits than gradients: what rounding adds up to stays below one of theirs. */
const MEAN_BITS = 6;
const DECAY_BITS = 16;
/** Of the mean, in its digits, over the root of the square in its: 32 at most without a mean's memory, and rounding. */
const QUOTIENT_MOST = 2 ** (6 + MEAN_BITS);
/** Of a square and the floor beside it. */
const SQUARE_BITS = 2 * ADAPT_BITS + 1;

/** The first ones of each class's weights are spared by penalties. */
export interface Spared {
  /** Weights of a class. */
  readonly width: number;
  readonly count: number;
}

export class SharedVectors {
  protected readonly me: Engine;
  protected readonly formats: Formats;
  readonly #spared: Spared;

  constructor(me: Engine, formats: Formats, spared: Spared) {
    this.me = me;
    this.formats = formats;
    this.#spared = spared;
  }

  combine(terms: readonly Combined<SharedVector>[]): Promise<SharedVector> {
    const size = terms.reduce((sum, { factor, norm }) => sum + Math.abs(factor) * (1.01 * norm + 2 ** -16), 2 ** -16);
    const { weight } = this.formats;
    const bits = Math.min(weight + COMBINED_BITS, Math.floor(COMBINED_BITS - Math.log2(size)));
    return this.me.inTurn(async (backend) => {
      const scaled = terms.map(({ factor, value }) =>
        backend.scale(value.words, BigInt(Math.round(factor * 2 ** (bits - value.fraction)))),
      );
      const sum = scaled.reduce((all, one) => backend.add(all, one));
      return this.weightsOf(await backend.shift(sum, bits - weight, "near"));
    });
  }

  async shrink({ words }: SharedVector, by: number): Promise<SharedVector> {
    const { me, formats } = this;
    const least = BigInt(Math.round(Math.min(by, SHRUNK_MOST) * 2 ** formats.weight));
    const places = (from: number, to: number): Uint32Array =>
      Uint32Array.from({ length: to - from }, (_, i) => from + i);
    const all = places(0, words.length);
    const [spared, rest] = [all.filter((i) => this.isSpared(i)), all.filter((i) => !this.isSpared(i))];
    const placeOf = new Uint32Array(all.length);
    Uint32Array.of(...spared, ...rest).forEach((place, i) => {
      placeOf[place] = i;
    });
    return this.weightsOf(
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

  async adapt(
    before: Moments<SharedVector> | null,
    gradient: SharedVector,
    { meanDecay, seen, bits }: AdaptOptions,
  ): Promise<Adapted<SharedVector>> {
    const decay = Math.round(meanDecay * 2 ** DECAY_BITS);
    return this.me.inTurn(async (backend) => {
      const { words, fraction } = gradient;
      const g = fraction > bits ? await backend.shift(words, fraction - bits, "near") : words;
      // mean·decay + gradient·(1 - decay)
      const fresh = backend.scale(g, BigInt(2 ** DECAY_BITS - decay) << BigInt(MEAN_BITS));
      const kept = before === null ? fresh : backend.add(fresh, backend.scale(before.mean.words, BigInt(decay)));
      const mean = await backend.shift(kept, DECAY_BITS, "near");
      // square + (gradient² - square)·2^-FORGOTTEN_BITS
      const added = await backend.square(g);
      const change = before === null ? added : backend.subtract(added, before.square.words);
      const part = await backend.shift(change, FORGOTTEN_BITS, "near");
      const square = before === null ? part : backend.add(before.square.words, part);
      const divisor = backend.addPublic(square, BigInt(Math.ceil(seen * 2 ** (2 * FLOOR_BITS))));
      const range = { width: SQUARE_BITS, most: QUOTIENT_MOST };
      const quotient = await overRoot(backend, mean, divisor, range);
      return {
        moments: { mean: { words: mean, fraction: bits + MEAN_BITS }, square: { words: square, fraction: 2 * bits } },
        quotient: { words: quotient.words, fraction: quotient.fraction + MEAN_BITS },
      };
    });
  }

  subtract(a: SharedVector, b: SharedVector): SharedVector {
    const [one, other] = [sharesOf(a.words), sharesOf(b.words)];
    return { ...a, words: wordsOfShares(one.map((share, i) => share - other[i]!)) };
  }

  async products(one: Vector<SharedVector>, others: readonly Vector<SharedVector>[]): Promise<Float64Array> {
    return this.opened(
      one.value,
      others.map(({ value }) => value),
    );
  }

  /** With as many fraction bits as its length leaves, which is opened in few digits: all of them are opened next anyway. */
  protected async fitted(words: Words): Promise<SharedVector> {
    const { me, formats } = this;
    const coarse: SharedVector = {
      words: await me.inTurn((backend) => backend.shift(words, GRADIENT_FINE - formats.gradient, "near")),
      fraction: formats.gradient,
    };
    const [square] = await this.opened(coarse, [coarse]);
    const excess = Math.max(0, Math.ceil(Math.log2(lengthOf(square!) + FITTED_ERROR)));
    if (excess === 0) return { words, fraction: GRADIENT_FINE };
    const shorter = await me.inTurn((backend) => backend.shift(words, excess, "near"));
    return { words: shorter, fraction: GRADIENT_FINE - excess };
  }

  protected async opened(one: SharedVector, others: readonly SharedVector[]): Promise<Float64Array> {
    const shape = { rows: others.length, inner: one.words.length, columns: 1 };
    const words = await this.me.inTurn(async (backend) => {
      const all = backend.join(others.map((other) => other.words));
      const product = await backend.multiplyMatrices(all, one.words, shape);
      return backend.open(await backend.shift(product, PRODUCT_BITS, "near"));
    });
    return Float64Array.from(words!, (word, i) => {
      const fraction = one.fraction + others[i]!.fraction - PRODUCT_BITS;
      return Number(BigInt.asIntN(64, word)) / 2 ** fraction;
    });
  }

  protected isSpared(place: number): boolean {
    return place % this.#spared.width < this.#spared.count;
  }

  protected weightsOf(words: Words): SharedVector {
    return { words, fraction: this.formats.weight };
  }
}
