/**
 * The face of computing on secrets: a program that reads like plain code and is written once for all parties.
 *
 *   const x = await me.fixed("first", { shape: [n], bound: 100 }, mine);   // whoever is not "first" passes nothing
 *   const y = await me.fixed("second", { shape: [n], bound: 100 }, mine);
 *   const larger = await me.less(y, x);
 *   const out = await me.open(await me.select(larger, x, y), "first");
 *
 * Calls work on whole vectors: their rounds are those of one element. All parties call the same with the same public
 * arguments; calls take their turns in the order they were made. What a call sends is masked, whatever the backend; only `open…`
 * tells anybody anything, and to whom it says.
 *
 * A bound goes with each value and is carried through every operation. Where a result could leave the range of words, the
 * call fails with `input.range` before anything is sent, at all parties alike: in a dry run too.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, MatrixShape, Words } from "../backend.ts";
import { isPublic, LocalEngine, largestOf, matrixShape, type Public } from "./local.ts";
import {
  checkShape,
  type Fixed,
  type Flags,
  type Integers,
  type NumberKind,
  type Numbers,
  requireSameShape,
  type Shape,
  shown,
  sizeOf,
} from "./values.ts";

export interface EngineOptions {
  /** Bits after the point of fixed-point numbers. Default 20. */
  readonly fraction?: number;
  /** Inputs are taken for zeros: to list what a program costs. */
  readonly dry?: boolean;
}

export interface InputOptions {
  readonly shape: Shape;
  /** What the owner promises of its values, and is checked there. */
  readonly bound: number;
}

/** The kind of a product. */
type Product<A extends NumberKind, B extends NumberKind> = "fixed" extends A | B ? "fixed" : "integer";

export class Engine extends LocalEngine {
  readonly #dry: boolean;
  #last: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, { fraction = 20, dry = false }: EngineOptions = {}) {
    super(backend, fraction);
    this.#dry = dry;
  }

  /** Runs one step after those that were asked for before; what functions outside this class are made with. */
  inTurn<T>(step: (backend: Backend) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => step(this.backend));
    this.#last = result.catch(() => {});
    return result;
  }

  fixed(owner: string, options: InputOptions, values?: Float64Array): Promise<Fixed> {
    return this.#input("fixed", owner, options, values);
  }

  integers(owner: string, options: InputOptions, values?: Float64Array): Promise<Integers> {
    return this.#input("integer", owner, options, values);
  }

  /** Each element 0 or 1. */
  async flags(owner: string, shape: Shape, values?: Uint8Array): Promise<Flags> {
    checkShape(shape);
    const size = sizeOf(shape);
    const own = this.#own(owner, size, values, (length) => new Uint8Array(length));
    const packed = own === null ? null : new Uint8Array(Math.ceil(size / 8));
    own?.forEach((value, i) => {
      if (value > 1) throw new TomboloError("input.value", "a flag is 0 or 1", { detail: { index: i } });
      packed![i >> 3]! |= value << (i & 7);
    });
    const bits = await this.inTurn((backend) => backend.shareBits(owner, size, packed));
    return { kind: "flags", shape, bits };
  }

  /** To all, or to the one named; others get null. Exact up to 2^53. */
  async open(a: Numbers, to?: string): Promise<Float64Array | null> {
    const words = await this.inTurn((backend) => backend.open(a.words, to));
    const unit = this.scale.unitOf(a.kind);
    return words === null ? null : Float64Array.from(words, (word) => Number(BigInt.asIntN(64, word)) / unit);
  }

  /** Each 0 or 1. */
  async openFlags(a: Flags, to?: string): Promise<Uint8Array | null> {
    const packed = await this.inTurn((backend) => backend.openBits(a.bits, to));
    if (packed === null) return null;
    return Uint8Array.from({ length: sizeOf(a.shape) }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
  }

  /** Element by element. Of two fixed-point numbers, off by at most one unit of the last place. */
  mul<A extends NumberKind, B extends NumberKind>(a: Numbers<A>, b: Numbers<B>): Promise<Numbers<Product<A, B>>>;
  mul(a: Numbers, b: Public): Promise<Fixed>;
  async mul(a: Numbers, b: Numbers | Public): Promise<Numbers> {
    if (isPublic(b)) {
      const bound = a.bound * this.scale.held(largestOf(b), "fixed");
      const factor = this.operand(b, "fixed", sizeOf(a.shape));
      return this.#scaled("mul", a.kind, "fixed", a.shape, bound, async (backend) => backend.scale(a.words, factor));
    }
    requireSameShape(a, b);
    const bound = a.bound * b.bound;
    return this.#scaled("mul", a.kind, b.kind, a.shape, bound, (backend) => backend.multiply(a.words, b.words));
  }

  square<K extends NumberKind>(a: Numbers<K>): Promise<Numbers<K>> {
    return this.#scaled("square", a.kind, a.kind, a.shape, a.bound ** 2, (backend) =>
      backend.square(a.words),
    ) as Promise<Numbers<K>>;
  }

  /** Of two matrices; of fixed-point numbers, each element off by at most one unit of the last place. */
  async matmul<A extends NumberKind, B extends NumberKind>(
    a: Numbers<A>,
    b: Numbers<B>,
  ): Promise<Numbers<Product<A, B>>> {
    const [[rows, inner], [innerToo, columns]] = [matrixShape(a.shape), matrixShape(b.shape)];
    if (inner !== innerToo)
      throw new TomboloError("input.shape", `${shown(a.shape)} times ${shown(b.shape)} is no matrix product`);
    const shape: MatrixShape = { rows, inner, columns };
    const bound = a.bound * b.bound * Math.max(1, inner);
    return this.#scaled("matmul", a.kind, b.kind, [rows, columns], bound, (backend) =>
      backend.multiplyMatrices(a.words, b.words, shape),
    ) as Promise<Numbers<Product<A, B>>>;
  }

  /** Of two vectors: a single number. */
  async dot<A extends NumberKind, B extends NumberKind>(a: Numbers<A>, b: Numbers<B>): Promise<Numbers<Product<A, B>>> {
    requireSameShape(a, b);
    const size = sizeOf(a.shape);
    const product = await this.matmul(this.reshape(a, [1, size]), this.reshape(b, [size, 1]));
    return this.reshape(product, []);
  }

  less<K extends NumberKind>(a: Numbers<K>, b: Numbers<K> | Public): Promise<Flags> {
    return this.#test(this.sub(a, b), (backend, words, width) => backend.negative(words, { width }));
  }

  equal<K extends NumberKind>(a: Numbers<K>, b: Numbers<K> | Public): Promise<Flags> {
    return this.#test(this.sub(a, b), (backend, words, width) => backend.isZero(words, width - 1));
  }

  async and(a: Flags, b: Flags): Promise<Flags> {
    requireSameShape(a, b);
    return { ...a, bits: await this.inTurn((backend) => backend.and(a.bits, b.bits)) };
  }

  async or(a: Flags, b: Flags): Promise<Flags> {
    return this.not(await this.and(this.not(a), this.not(b)));
  }

  /** 0 or 1. */
  async numberOf(a: Flags): Promise<Integers> {
    const words = await this.inTurn((backend) => backend.toWords(a.bits));
    return { kind: "integer", shape: a.shape, bound: 1, words };
  }

  /** a where the flag is set, else 0. */
  async where<K extends NumberKind>(flags: Flags, a: Numbers<K>): Promise<Numbers<K>> {
    requireSameShape(flags, a);
    return { ...a, words: await this.inTurn((backend) => backend.inject(flags.bits, a.words)) };
  }

  /** a where the flag is set, else b. */
  async select<K extends NumberKind>(flags: Flags, a: Numbers<K>, b: Numbers<K>): Promise<Numbers<K>> {
    const sum = this.add(b, await this.where(flags, this.sub(a, b)));
    return { ...sum, bound: Math.max(a.bound, b.bound) };
  }

  async abs<K extends NumberKind>(a: Numbers<K>): Promise<Numbers<K>> {
    return this.select(await this.less(a, 0), this.neg(a), a);
  }

  async #input<K extends NumberKind>(
    kind: K,
    owner: string,
    { shape, bound }: InputOptions,
    values: Float64Array | undefined,
  ): Promise<Numbers<K>> {
    checkShape(shape);
    this.scale.within(bound, kind === "fixed" ? 1 : 0, "input");
    const own = this.#own(owner, sizeOf(shape), values, (length) => new Float64Array(length));
    own?.forEach((value, i) => {
      if (!(Math.abs(value) <= bound))
        throw new TomboloError("input.range", `an input is not a number within ${bound}`, {
          detail: { index: i, value },
          remedy: "Declare a wider bound, or mend the value.",
        });
    });
    const encoded = own === null ? null : this.encoded(own, kind);
    const words = await this.inTurn((backend) => backend.share(owner, sizeOf(shape), encoded));
    return { kind, shape, bound: this.scale.held(bound, kind), words };
  }

  /** The owner's values, in a dry run zeros; of others null. */
  #own<V extends { readonly length: number }>(
    owner: string,
    size: number,
    values: V | undefined,
    zeros: (length: number) => V,
  ): V | null {
    if (!this.roles.includes(owner)) throw new TypeError(`no role ${owner}`);
    if (owner !== this.self) return null;
    const own = this.#dry ? zeros(size) : values;
    if (own?.length !== size) throw new TomboloError("input.shape", "as many values as the shape has");
    return own;
  }

  /** A product, brought back to one fraction where it has two. */
  async #scaled(
    operation: string,
    a: NumberKind,
    b: NumberKind,
    shape: Shape,
    bound: number,
    multiply: (backend: Backend) => Promise<Words>,
  ): Promise<Numbers> {
    const fractions = (a === "fixed" ? 1 : 0) + (b === "fixed" ? 1 : 0);
    this.scale.within(bound, fractions, operation);
    if (fractions < 2)
      return { kind: fractions === 1 ? "fixed" : "integer", shape, bound, words: await this.inTurn(multiply) };
    const words = await this.inTurn(async (backend) =>
      backend.shift(await multiply(backend), this.scale.fraction, "near"),
    );
    return { kind: "fixed", shape, bound: bound + 1 / this.scale.one, words };
  }

  /** A test that looks at no more bits than the bound leaves to the values. */
  async #test(
    a: Numbers,
    test: (backend: Backend, words: Words, width: number) => Promise<Flags["bits"]>,
  ): Promise<Flags> {
    const width = this.scale.widthOf(a.bound, a.kind);
    return { kind: "flags", shape: a.shape, bits: await this.inTurn((backend) => test(backend, a.words, width)) };
  }
}
