/** What each of the three does alone: sums, public factors, and moving elements about. A public value is component 0. */
import type { Bits, LocalOperations, Words } from "../backend.ts";
import { joinBits, pickBits, trimmed, xorBytes } from "../two-party/packed.ts";
import { addWords, subtractWords } from "../two-party/ring.ts";
import { BitShares, type Two, WordShares } from "./shares.ts";
import { ROLES, type Role } from "./wire.ts";

export class LocalReplicated implements LocalOperations {
  readonly #place: number;

  constructor(role: Role) {
    this.#place = ROLES.indexOf(role);
  }

  publicWords(values: BigUint64Array): Words {
    return this.only(0, values);
  }

  add(x: Words, y: Words): Words {
    return each(sameLength(x, y), addWords);
  }

  subtract(x: Words, y: Words): Words {
    return each(sameLength(x, y), subtractWords);
  }

  addPublic(x: Words, values: bigint | BigUint64Array): Words {
    return this.add(x, this.only(0, spread(values, x.length)));
  }

  scale(x: Words, factors: bigint | BigUint64Array): Words {
    const own = WordShares.of(x);
    if (typeof factors !== "bigint" && factors.length !== x.length) throw new RangeError("one for all, or one each");
    const one = typeof factors === "bigint" ? BigInt.asUintN(64, factors) : null;
    const scaled = (values: BigUint64Array): BigUint64Array => {
      const out = new BigUint64Array(values.length);
      for (let i = 0; i < out.length; i++)
        out[i] = BigInt.asUintN(64, values[i]! * (one ?? (factors as BigUint64Array)[i]!));
      return out;
    };
    return new WordShares(scaled(own.own), scaled(own.next));
  }

  pick(x: Words, positions: Uint32Array): Words {
    const picked = (values: BigUint64Array): BigUint64Array => {
      const out = new BigUint64Array(positions.length);
      for (let i = 0; i < out.length; i++) out[i] = values[positions[i]!]!;
      return out;
    };
    const { own, next } = WordShares.of(x);
    return new WordShares(picked(own), picked(next));
  }

  join(parts: readonly Words[]): Words {
    const all = parts.map((part) => WordShares.of(part));
    return new WordShares(joined(all.map(({ own }) => own)), joined(all.map(({ next }) => next)));
  }

  sums(x: Words, size: number): Words {
    if (x.length % size !== 0) throw new RangeError("whole groups");
    const summed = (values: BigUint64Array): BigUint64Array => {
      const out = new BigUint64Array(values.length / size);
      for (let i = 0, at = 0; i < out.length; i++)
        for (let j = 0; j < size; j++, at++) out[i] = BigInt.asUintN(64, out[i]! + values[at]!);
      return out;
    };
    const { own, next } = WordShares.of(x);
    return new WordShares(summed(own), summed(next));
  }

  xor(x: Bits, y: Bits): Bits {
    if (x.length !== y.length) throw new RangeError("bits of one length");
    const [a, b] = [BitShares.of(x), BitShares.of(y)];
    return new BitShares(xorBytes(a.own, b.own), xorBytes(a.next, b.next), x.length);
  }

  not(x: Bits): Bits {
    const ones = trimmed(new Uint8Array(Math.ceil(x.length / 8)).fill(255), x.length);
    const { own, next } = this.onlyBytes(0, ones);
    return this.xor(x, new BitShares(own, next, x.length));
  }

  pickBits(x: Bits, positions: Uint32Array): Bits {
    const { own, next } = BitShares.of(x);
    return new BitShares(pickBits(own, positions), pickBits(next, positions), positions.length);
  }

  joinBits(parts: readonly Bits[]): Bits {
    const of = (side: keyof Two<Uint8Array>): Uint8Array =>
      joinBits(parts.map((part) => ({ bits: BitShares.of(part)[side], count: part.length })));
    return new BitShares(
      of("own"),
      of("next"),
      parts.reduce((sum, { length }) => sum + length, 0),
    );
  }

  /** What those who hold this component know is the value: the others' components are 0. Who holds it not gives anything. */
  protected only(component: number, values: BigUint64Array): WordShares {
    const of = (here: boolean): BigUint64Array => (here ? values.slice() : new BigUint64Array(values.length));
    return new WordShares(of(component === this.#place), of(component === (this.#place + 1) % 3));
  }

  protected onlyBytes(component: number, bytes: Uint8Array): Two<Uint8Array> {
    const of = (here: boolean): Uint8Array => (here ? bytes.slice() : new Uint8Array(bytes.length));
    return { own: of(component === this.#place), next: of(component === (this.#place + 1) % 3) };
  }
}

const each = (
  [x, y]: readonly [Two<BigUint64Array>, Two<BigUint64Array>],
  operation: (x: BigUint64Array, y: BigUint64Array) => BigUint64Array,
): WordShares => new WordShares(operation(x.own, y.own), operation(x.next, y.next));

function sameLength(x: Words, y: Words): readonly [Two<BigUint64Array>, Two<BigUint64Array>] {
  if (x.length !== y.length) throw new RangeError("words of one length");
  return [WordShares.of(x), WordShares.of(y)];
}

function spread(values: bigint | BigUint64Array, length: number): BigUint64Array {
  if (typeof values === "bigint") return new BigUint64Array(length).fill(BigInt.asUintN(64, values));
  if (values.length !== length) throw new RangeError("one for all, or one each");
  return values;
}

function joined(parts: readonly BigUint64Array[]): BigUint64Array {
  const out = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
