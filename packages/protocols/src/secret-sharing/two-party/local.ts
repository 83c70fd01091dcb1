/**
 * What each party does alone where a value is the sum of a share of each: sums, public factors, and moving elements about. Public values are
 * the leading party's.
 */
import type { Bits, LocalOperations, Words } from "../backend.ts";
import { joinBits, pickBits, trimmed, xorBytes } from "./packed.ts";
import { addWords, subtractWords } from "./ring.ts";
import { BitShares, WordShares } from "./shares.ts";

export class LocalAdditive implements LocalOperations {
  readonly #leading: boolean;

  constructor(leading: boolean) {
    this.#leading = leading;
  }

  publicWords(values: BigUint64Array): Words {
    return new WordShares(this.#leading ? values.slice() : new BigUint64Array(values.length));
  }

  add(x: Words, y: Words): Words {
    return new WordShares(addWords(...sameLength(x, y)));
  }

  subtract(x: Words, y: Words): Words {
    return new WordShares(subtractWords(...sameLength(x, y)));
  }

  addPublic(x: Words, values: bigint | BigUint64Array): Words {
    const own = WordShares.valuesOf(x);
    if (typeof values !== "bigint" && values.length !== own.length) throw new RangeError("one for all, or one each");
    if (!this.#leading) return x;
    const out = new BigUint64Array(own.length);
    const one = typeof values === "bigint" ? BigInt.asUintN(64, values) : null;
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, own[i]! + (one ?? (values as BigUint64Array)[i]!));
    return new WordShares(out);
  }

  scale(x: Words, factors: bigint | BigUint64Array): Words {
    const own = WordShares.valuesOf(x);
    if (typeof factors !== "bigint" && factors.length !== own.length) throw new RangeError("one for all, or one each");
    const out = new BigUint64Array(own.length);
    if (typeof factors === "bigint") {
      const factor = BigInt.asUintN(64, factors);
      for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, own[i]! * factor);
    } else for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, own[i]! * factors[i]!);
    return new WordShares(out);
  }

  pick(x: Words, positions: Uint32Array): Words {
    const own = WordShares.valuesOf(x);
    const out = new BigUint64Array(positions.length);
    for (let i = 0; i < out.length; i++) out[i] = own[positions[i]!]!;
    return new WordShares(out);
  }

  join(parts: readonly Words[]): Words {
    const out = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(WordShares.valuesOf(part), at);
      at += part.length;
    }
    return new WordShares(out);
  }

  sums(x: Words, size: number): Words {
    const own = WordShares.valuesOf(x);
    if (own.length % size !== 0) throw new RangeError("whole groups");
    const out = new BigUint64Array(own.length / size);
    for (let i = 0, at = 0; i < out.length; i++)
      for (let j = 0; j < size; j++, at++) out[i] = BigInt.asUintN(64, out[i]! + own[at]!);
    return new WordShares(out);
  }

  xor(x: Bits, y: Bits): Bits {
    if (x.length !== y.length) throw new RangeError("bits of one length");
    return new BitShares(xorBytes(BitShares.packedOf(x), BitShares.packedOf(y)), x.length);
  }

  not(x: Bits): Bits {
    if (!this.#leading) return x;
    return new BitShares(
      trimmed(
        BitShares.packedOf(x).map((byte) => ~byte),
        x.length,
      ),
      x.length,
    );
  }

  pickBits(x: Bits, positions: Uint32Array): Bits {
    return new BitShares(pickBits(BitShares.packedOf(x), positions), positions.length);
  }

  joinBits(parts: readonly Bits[]): Bits {
    const all = parts.map((part) => ({ bits: BitShares.packedOf(part), count: part.length }));
    return new BitShares(
      joinBits(all),
      all.reduce((sum, { count }) => sum + count, 0),
    );
  }
}

function sameLength(x: Words, y: Words): readonly [BigUint64Array, BigUint64Array] {
  if (x.length !== y.length) throw new RangeError("words of one length");
  return [WordShares.valuesOf(x), WordShares.valuesOf(y)];
}
