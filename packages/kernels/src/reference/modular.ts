/**
 * Modular arithmetic on bigints. Not constant-time anywhere: it is the definition, and the fallback for machines
 * without the native kernels.
 */
import {
  badResidue,
  bitLength,
  checkLayout,
  checkModulus,
  checkPrimeSquareLog,
  elementCount,
  requireRange,
} from "../checks.ts";
import type { FixedBase, HistogramLayout, Kernels, Modulus } from "../kernels.ts";
import { fromLittleEndian, joinIntegers, splitIntegers } from "../little-endian.ts";

export const modulus: Kernels["modulus"] = (value) => {
  const n = fromLittleEndian(value);
  const bits = checkModulus(n);
  const bytes = Math.ceil(bits / 8);
  // R = 2^(256·ceil(bits / 256))
  const shift = BigInt(256 * Math.ceil(bits / 256));
  const radix = (1n << shift) % n;
  const radixInverse = inverse(radix, n);
  assertInvertible(radixInverse);
  const product = (a: bigint, b: bigint): bigint => (((a * b) % n) * radixInverse) % n; // aR·bR·R^-1
  return new ReferenceModulus({ n, bytes, shift, radix, radixInverse, product });
};

export const primeSquareLog: Kernels["primeSquareLog"] = (parameters) => {
  const p = fromLittleEndian(parameters.prime);
  checkModulus(p);
  const square = p * p;
  checkPrimeSquareLog(parameters, Math.ceil(checkModulus(square) / 8));
  const [entry, exponent, scale] = [parameters.entry, parameters.exponent, parameters.scale].map(fromLittleEndian);
  const width = Math.ceil(bitLength(p) / 8);
  const logarithm = (value: bigint, index: number): bigint => {
    const y = modPow((value * entry!) % square, exponent!, square);
    if (y % p !== 1n) throw badResidue(index);
    return (((y - 1n) / p) * scale!) % p;
  };
  return {
    async logarithms(values) {
      elementCount(values, parameters.valueBytes);
      return joinIntegers(splitIntegers(values, parameters.valueBytes).map(logarithm), width);
    },
  };
};

interface Constants {
  readonly n: bigint;
  readonly bytes: number;
  readonly shift: bigint;
  readonly radix: bigint;
  readonly radixInverse: bigint;
  readonly product: (a: bigint, b: bigint) => bigint;
}

class ReferenceModulus implements Modulus {
  readonly #c: Constants;

  constructor(constants: Constants) {
    this.#c = constants;
  }

  get bytes(): number {
    return this.#c.bytes;
  }

  async enter(values: Uint8Array): Promise<Uint8Array> {
    return this.#join(this.#split(values).map((x) => (x << this.#c.shift) % this.#c.n));
  }

  async leave(values: Uint8Array): Promise<Uint8Array> {
    return this.#join(this.#split(values).map((x) => (x * this.#c.radixInverse) % this.#c.n));
  }

  async multiply(a: Uint8Array, b: Uint8Array): Promise<Uint8Array> {
    requireRange(a.length === b.length, "both factors have the same length");
    const right = this.#split(b);
    return this.#join(this.#split(a).map((x, i) => this.#c.product(x, right[i]!)));
  }

  async multiplyAdd(
    values: Uint8Array,
    valueBytes: number,
    slope: Uint8Array,
    addends: Uint8Array,
  ): Promise<Uint8Array> {
    const count = elementCount(values, valueBytes);
    requireRange(BigInt(8 * valueBytes) <= this.#c.shift, "a value is wider than R");
    const [k, added] = [this.#one(slope), this.#split(addends)];
    requireRange(added.length === 1 || added.length === count, "one addend for all or one each");
    const sum = (x: bigint, i: number): bigint => (x * k + added[added.length === 1 ? 0 : i]!) % this.#c.n;
    return this.#join(splitIntegers(values, valueBytes).map(sum));
  }

  async invert(values: Uint8Array): Promise<Uint8Array> {
    const { n, shift } = this.#c;
    const invertOne = (x: bigint, i: number): bigint => {
      const inverted = inverse(x, n); // (xR)^-1
      if (inverted === undefined) throw badResidue(i);
      return (inverted << (2n * shift)) % n; // x^-1·R
    };
    return this.#join(this.#split(values).map(invertOne));
  }

  async power(bases: Uint8Array, exponent: Uint8Array): Promise<Uint8Array> {
    const e = fromLittleEndian(exponent);
    return this.#join(this.#split(bases).map((x) => this.#pow(x, e)));
  }

  fixedBase(base: Uint8Array, exponentBytes: number): FixedBase {
    const x = this.#one(base);
    requireRange(Number.isInteger(exponentBytes) && exponentBytes > 0, "an exponent has at least one byte");
    return {
      exponentBytes,
      power: async (exponents) => {
        elementCount(exponents, exponentBytes);
        return this.#join(splitIntegers(exponents, exponentBytes).map((e) => this.#pow(x, e)));
      },
    };
  }

  async histogram(values: Uint8Array, layout: HistogramLayout): Promise<Uint8Array> {
    const rows = this.#split(values);
    checkLayout(rows.length, layout);
    const { bins, nodes, nodeCount, featureCount, binCount } = layout;
    const cells = new Array<bigint>(nodeCount * featureCount * binCount).fill(this.#c.radix);
    for (let feature = 0; feature < featureCount; feature++) {
      rows.forEach((row, i) => {
        if (nodes[i]! < 0) return;
        const cell = (nodes[i]! * featureCount + feature) * binCount + bins[feature * rows.length + i]!;
        cells[cell] = this.#c.product(cells[cell]!, row);
      });
    }
    return this.#join(cells);
  }

  async packShift(values: Uint8Array, groupSize: number, bits: number): Promise<Uint8Array> {
    requireRange(Number.isInteger(groupSize) && groupSize > 0, "a group has at least one value");
    requireRange(Number.isInteger(bits) && bits > 0, "a shift has at least one bit");
    const cells = this.#split(values);
    const packed: bigint[] = [];
    for (let start = 0; start < cells.length; start += groupSize) {
      const group = cells.slice(start, start + groupSize);
      packed.push(group.reduceRight((high, low) => this.#c.product(this.#pow(high, 1n << BigInt(bits)), low)));
    }
    return this.#join(packed);
  }

  async validate(values: Uint8Array): Promise<void> {
    elementCount(values, this.bytes);
    splitIntegers(values, this.bytes).forEach((x, i) => {
      if (x >= this.#c.n || inverse(x, this.#c.n) === undefined) throw badResidue(i);
    });
  }

  #pow(x: bigint, exponent: bigint): bigint {
    const plain = (x * this.#c.radixInverse) % this.#c.n;
    return (modPow(plain, exponent, this.#c.n) << this.#c.shift) % this.#c.n;
  }

  #split(values: Uint8Array): bigint[] {
    elementCount(values, this.bytes);
    const residues = splitIntegers(values, this.bytes);
    for (const residue of residues) requireRange(residue < this.#c.n, "a residue must be below the modulus");
    return residues;
  }

  #one(value: Uint8Array): bigint {
    requireRange(value.length === this.bytes, "expected one residue");
    return this.#split(value)[0]!;
  }

  #join(values: readonly bigint[]): Uint8Array {
    return joinIntegers(values, this.bytes);
  }
}

function modPow(base: bigint, exponent: bigint, n: bigint): bigint {
  let [result, square] = [1n, base];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

/** Extended Euclid; undefined if there is no inverse. */
function inverse(value: bigint, n: bigint): bigint | undefined {
  let [a, b, x, y] = [value % n, n, 1n, 0n];
  while (a > 0n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return b === 1n ? ((y % n) + n) % n : undefined;
}

function assertInvertible(value: bigint | undefined): asserts value is bigint {
  requireRange(value !== undefined, "a modulus must be odd");
}
