/** What a program does with shared values that needs no message: sums, public numbers, and moving elements about. */
import { TomboloError } from "@tombolo/base";
import type { Backend } from "../backend.ts";
import {
  checkShape,
  type Flags,
  type Integers,
  type NumberKind,
  type Numbers,
  requireSameShape,
  Scale,
  type Shape,
  shown,
  sizeOf,
} from "./values.ts";

/** A public number for all elements, or one each. */
export type Public = number | Float64Array;

export const isPublic = (value: unknown): value is Public => typeof value === "number" || value instanceof Float64Array;

/** In absolute value. */
export const largestOf = (values: Public): number =>
  typeof values === "number" ? Math.abs(values) : values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

export class LocalEngine {
  readonly scale: Scale;
  protected readonly backend: Backend;

  constructor(backend: Backend, fraction: number) {
    this.backend = backend;
    this.scale = new Scale(fraction);
  }

  /** The role of this party, and all of them. */
  get self(): string {
    return this.backend.self;
  }

  get roles(): readonly string[] {
    return this.backend.roles;
  }

  /** Numbers that all parties know. */
  constant<K extends NumberKind>(kind: K, values: Float64Array, shape: Shape = [values.length]): Numbers<K> {
    checkShape(shape);
    if (sizeOf(shape) !== values.length) throw new TomboloError("input.shape", "as many values as the shape has");
    const bound = this.#room(this.scale.held(largestOf(values), kind), kind, "constant");
    return { kind, shape, bound, words: this.backend.publicWords(this.encoded(values, kind)) };
  }

  add<K extends NumberKind>(a: Numbers<K>, b: Numbers<K> | Public): Numbers<K> {
    if (isPublic(b)) {
      const bound = this.#room(a.bound + this.scale.held(largestOf(b), a.kind), a.kind, "add");
      return { ...a, bound, words: this.backend.addPublic(a.words, this.operand(b, a.kind, sizeOf(a.shape))) };
    }
    this.#alike(a, b, "add");
    const bound = this.#room(a.bound + b.bound, a.kind, "add");
    return { ...a, bound, words: this.backend.add(a.words, b.words) };
  }

  sub<K extends NumberKind>(a: Numbers<K>, b: Numbers<K> | Public): Numbers<K> {
    if (isPublic(b)) return this.add(a, typeof b === "number" ? -b : b.map((value) => -value));
    this.#alike(a, b, "sub");
    const bound = this.#room(a.bound + b.bound, a.kind, "sub");
    return { ...a, bound, words: this.backend.subtract(a.words, b.words) };
  }

  neg<K extends NumberKind>(a: Numbers<K>): Numbers<K> {
    return { ...a, words: this.backend.scale(a.words, -1n) };
  }

  /** Times a public integer, or one each. */
  times<K extends NumberKind>(a: Numbers<K>, factor: Public): Numbers<K> {
    const bound = this.#room(a.bound * largestOf(factor), a.kind, "times");
    return { ...a, bound, words: this.backend.scale(a.words, this.operand(factor, "integer", sizeOf(a.shape))) };
  }

  /** Integers as fixed-point numbers. */
  fixedOf(a: Integers): Numbers<"fixed"> {
    const bound = this.#room(a.bound, "fixed", "fixedOf");
    return { ...a, kind: "fixed", bound, words: this.backend.scale(a.words, BigInt(this.scale.one)) };
  }

  /** Over the last axis; over all of a vector. */
  sum<K extends NumberKind>(a: Numbers<K>): Numbers<K> {
    const length = a.shape.at(-1) ?? 1;
    const shape = a.shape.slice(0, -1);
    const bound = this.#room(a.bound * length, a.kind, "sum");
    if (length === 0) return this.constant(a.kind, new Float64Array(sizeOf(shape)), shape);
    return { ...a, shape, bound, words: this.backend.sums(a.words, length) };
  }

  reshape<V extends Numbers | Flags>(a: V, shape: Shape): V {
    checkShape(shape);
    if (sizeOf(shape) !== sizeOf(a.shape))
      throw new TomboloError("input.shape", `${shown(a.shape)} does not reshape to ${shown(shape)}`);
    return { ...a, shape };
  }

  /** The elements at these places, counted over all axes; in another shape if one is given. */
  pick<V extends Numbers | Flags>(a: V, places: Uint32Array, shape: Shape = [places.length]): V {
    checkShape(shape);
    const size = sizeOf(a.shape);
    if (sizeOf(shape) !== places.length || places.some((place) => place >= size))
      throw new TomboloError("input.shape", "places within the value, as many as the shape has");
    return a.kind === "flags"
      ? { ...a, shape, bits: this.backend.pickBits((a as Flags).bits, places) }
      : { ...a, shape, words: this.backend.pick((a as Numbers).words, places) };
  }

  transpose<V extends Numbers | Flags>(a: V): V {
    const [rows, columns] = matrixShape(a.shape);
    const places = Uint32Array.from({ length: rows * columns }, (_, i) => (i % rows) * columns + Math.floor(i / rows));
    return this.pick(a, places, [columns, rows]);
  }

  /** Joins vectors or matrices along the first axis. */
  concat<K extends NumberKind>(parts: readonly Numbers<K>[]): Numbers<K> {
    const first = parts[0];
    if (first === undefined) throw new TomboloError("input.shape", "nothing to join");
    for (const part of parts) {
      requireSameShape({ shape: part.shape.slice(1) }, { shape: first.shape.slice(1) });
      if (part.kind !== first.kind || part.shape.length === 0)
        throw new TomboloError("input.kind", "one kind, with an axis");
    }
    const length = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
    const bound = Math.max(...parts.map((part) => part.bound));
    const words = this.backend.join(parts.map((part) => part.words));
    return { kind: first.kind, shape: [length, ...first.shape.slice(1)], bound, words };
  }

  xor(a: Flags, b: Flags): Flags {
    requireSameShape(a, b);
    return { ...a, bits: this.backend.xor(a.bits, b.bits) };
  }

  not(a: Flags): Flags {
    return { ...a, bits: this.backend.not(a.bits) };
  }

  protected operand(values: Public, kind: NumberKind, size: number): bigint | BigUint64Array {
    if (typeof values === "number") return this.#whole(values, kind);
    if (values.length !== size) throw new TomboloError("input.shape", "one number for all, or one each");
    return this.encoded(values, kind);
  }

  protected encoded(values: Float64Array, kind: NumberKind): BigUint64Array {
    const out = new BigUint64Array(values.length);
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, this.#whole(values[i]!, kind));
    return out;
  }

  #whole(value: number, kind: NumberKind): bigint {
    if (kind === "integer" && Number.isFinite(value) && !Number.isInteger(value))
      throw new TomboloError("input.value", "a number that should be whole is not");
    return this.scale.encode(value, kind);
  }

  #room(bound: number, kind: NumberKind, operation: string): number {
    return this.scale.within(bound, kind === "fixed" ? 1 : 0, operation);
  }

  #alike(a: Numbers, b: Numbers, operation: string): void {
    requireSameShape(a, b);
    if (a.kind !== b.kind)
      throw new TomboloError("input.kind", `${operation}: one side is ${a.kind}, the other ${b.kind}`, {
        remedy: "Turn integers into fixed-point numbers with fixedOf.",
      });
  }
}

export function matrixShape(shape: Shape): readonly [number, number] {
  if (shape.length !== 2) throw new TomboloError("input.shape", `${shown(shape)} is not a matrix`);
  return [shape[0]!, shape[1]!];
}
