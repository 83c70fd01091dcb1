/** Rings of encryption by learning with errors, as they are defined. */
import { badResidue, requireRange } from "../checks.ts";
import type { Ring } from "../rlwe-kernels.ts";
import type { SumKernels } from "../sum-kernels.ts";
import { integersOf, residuesOf } from "./remainders.ts";
import { type Passes, passes } from "./rlwe-passes.ts";
import { stream } from "./rlwe-stream.ts";
import { binSums } from "./rlwe-sums.ts";
import { forward, inverse, mod, type Prime, prime } from "./rlwe-transform.ts";

const SIZE_MIN = 16;
const SIZE_MAX = 32768;
const PRIMES_MAX = 16;
const BINOMIAL_BITS = 21n;
const FLOOD_BITS_MAX = 255;
const WORDS_MAX = 2 ** 31;

const centred = (x: bigint, p: bigint): bigint => (x > p / 2n ? x - p : x);

export function ring(size: number, moduli: BigUint64Array): Ring {
  requireRange(size >= SIZE_MIN && size <= SIZE_MAX && Number.isInteger(Math.log2(size)), "16 to 32768 coefficients");
  requireRange(moduli.length >= 1 && moduli.length <= PRIMES_MAX, "a ring has 1 to 16 primes");
  requireRange(new Set(moduli).size === moduli.length, "primes are distinct");
  return new ReferenceRing(
    size,
    Array.from(moduli, (p) => prime(p, size)),
  );
}

class ReferenceRing implements Ring {
  readonly #size: number;
  readonly #primes: readonly Prime[];
  readonly seal: Passes["seal"];
  readonly unseal: Passes["unseal"];
  readonly release: Passes["release"];
  readonly open: Passes["open"];
  readonly hide: SumKernels["hide"];
  readonly trits: SumKernels["trits"];
  readonly hideBins: SumKernels["hideBins"];
  readonly sumBins: SumKernels["sumBins"];
  readonly sumMasks: SumKernels["sumMasks"];
  readonly subtractSums: SumKernels["subtractSums"];
  readonly releaseSums: SumKernels["releaseSums"];
  readonly phases: SumKernels["phases"];
  readonly openSums: SumKernels["openSums"];

  constructor(size: number, primes: readonly Prime[]) {
    this.#size = size;
    this.#primes = primes;
    const part = (count: number, kept: number): ReferenceRing => new ReferenceRing(count, primes.slice(0, kept));
    const { seal, unseal, release, open } = passes(this, size, primes.length, part);
    [this.seal, this.unseal, this.release, this.open] = [seal, unseal, release, open];
    const moduli = primes.map(({ p }) => p);
    const sums = binSums(this, size, moduli, part);
    [this.hide, this.trits, this.hideBins] = [sums.hide, sums.trits, sums.hideBins];
    [this.sumBins, this.sumMasks, this.subtractSums] = [sums.sumBins, sums.sumMasks, sums.subtractSums];
    [this.releaseSums, this.phases, this.openSums] = [sums.releaseSums, sums.phases, sums.openSums];
  }

  async forward(polynomials: BigUint64Array): Promise<BigUint64Array> {
    return this.#rows(polynomials, forward);
  }

  async inverse(polynomials: BigUint64Array): Promise<BigUint64Array> {
    return this.#rows(polynomials, inverse);
  }

  async add(a: BigUint64Array, b: BigUint64Array): Promise<BigUint64Array> {
    this.#pair(a, b);
    return this.#rows(a, (row, { p }, at) => row.map((x, i) => (x + b[at + i]!) % p));
  }

  async subtract(a: BigUint64Array, b: BigUint64Array): Promise<BigUint64Array> {
    this.#pair(a, b);
    return this.#rows(a, (row, { p }, at) => row.map((x, i) => mod(x - b[at + i]!, p)));
  }

  async scale(polynomials: BigUint64Array, factors: BigUint64Array): Promise<BigUint64Array> {
    requireRange(factors.length === this.#primes.length, "a factor has a residue for each prime");
    requireRange(
      this.#primes.every(({ p }, k) => factors[k]! < p),
      "a residue is below its prime",
    );
    return this.#rows(polynomials, (row, { p }, at) => row.map((x) => (x * factors[this.#primeAt(at)]!) % p));
  }

  async products(
    plain: BigUint64Array,
    others: BigUint64Array,
    terms: number,
    width: number,
    turned: boolean,
  ): Promise<BigUint64Array> {
    requireRange(terms > 0 && terms <= 2 ** 16 && width > 0, "a product has 1 to 65536 terms");
    const [count, words] = [this.#count(plain), this.#words];
    requireRange(count % terms === 0 && this.#count(others) === terms * width, "the sides of a product fit");
    const lines = count / terms;
    const out = this.#room(lines * width);
    return this.#rows(out, (row, { p }, at) => {
      const [place, within] = [Math.floor(at / words), at % words];
      const [line, column] = [Math.floor(place / width), place % width];
      return row.map((_, i) => {
        let sum = 0n;
        for (let j = 0; j < terms; j++) {
          const at = turned ? j * lines + line : line * terms + j;
          sum += plain[at * words + within + i]! * others[(j * width + column) * words + within + i]!;
        }
        return sum % p;
      });
    });
  }

  async shift(polynomials: BigUint64Array, by: number): Promise<BigUint64Array> {
    requireRange(by >= 0 && by < 2 * this.#size, "a shift is below twice the size");
    return this.#permuted(polynomials, (i) => i + by);
  }

  async automorphism(polynomials: BigUint64Array, exponent: number): Promise<BigUint64Array> {
    requireRange(exponent % 2 === 1 && exponent < 2 * this.#size, "an exponent is odd and below twice the size");
    return this.#permuted(polynomials, (i) => i * exponent);
  }

  async uniform(seed: Uint8Array, count: number): Promise<BigUint64Array> {
    checkSeed(seed);
    return this.#rows(this.#room(count), (row, { p, bits }, at) => {
      const draw = stream(seed, at / this.#size, 8);
      const below = (): bigint => {
        const word = draw() & ((1n << BigInt(bits)) - 1n);
        return word < p ? word : below();
      };
      return row.map(below);
    });
  }

  async ternary(seed: Uint8Array, count: number): Promise<BigUint64Array> {
    return this.#small(seed, count, 1, (draw) => {
      const digit = (): bigint => {
        const byte = draw();
        return byte < 255n ? byte % 3n : digit();
      };
      return [0n, 1n, -1n][Number(digit())]!;
    });
  }

  async binomial(seed: Uint8Array, count: number): Promise<BigUint64Array> {
    const mask = (1n << BINOMIAL_BITS) - 1n;
    const ones = (x: bigint): bigint => BigInt(x.toString(2).replaceAll("0", "").length);
    return this.#small(seed, count, 8, (draw) => {
      const word = draw();
      return ones(word & mask) - ones((word >> BINOMIAL_BITS) & mask);
    });
  }

  async flood(seed: Uint8Array, count: number, bits: number): Promise<BigUint64Array> {
    requireRange(bits >= 1 && bits <= FLOOD_BITS_MAX, "noise has 1 to 255 bits");
    const words = Math.floor(bits / 64) + 1;
    return this.#small(seed, count, 8, (draw) => {
      let drawn = 0n;
      for (let i = 0; i < words; i++) drawn |= draw() << BigInt(64 * i);
      return (drawn & ((1n << BigInt(bits + 1)) - 1n)) - (1n << BigInt(bits));
    });
  }

  async lift(values: BigUint64Array): Promise<BigUint64Array> {
    return this.#fromNumbers(values, (value) => BigInt.asIntN(64, value));
  }

  async encode(values: BigUint64Array, bits: number): Promise<BigUint64Array> {
    checkBits(bits);
    const [t, q] = [1n << BigInt(bits), this.#product];
    return this.#fromNumbers(values, (value) => (q * (value % t) + t / 2n) / t);
  }

  async decode(polynomials: BigUint64Array, bits: number): Promise<BigUint64Array> {
    checkBits(bits);
    const [t, q] = [1n << BigInt(bits), this.#product];
    return BigUint64Array.from(this.#integers(polynomials), (x) => ((2n * t * x + q) / (2n * q)) % t);
  }

  async dropLast(polynomials: BigUint64Array): Promise<BigUint64Array> {
    const rest = this.#withoutLast();
    const last = this.#primes.at(-1)!.p;
    return rest.#residues(this.#integers(polynomials).map((x) => (2n * x + last) / (2n * last)));
  }

  async switchKey(polynomials: BigUint64Array, key: BigUint64Array): Promise<BigUint64Array> {
    const rest = this.#withoutLast();
    const digits = rest.#primes.length;
    requireRange(this.#count(key) === 2 * digits, "a switching key has two polynomials a digit");
    const out: bigint[] = [];
    for (let at = 0; at < rest.#count(polynomials); at++) {
      const parts = rest.#primes.map(({ p }, i) => {
        const from = (at * digits + i) * this.#size;
        return Array.from(polynomials.subarray(from, from + this.#size), (x) => centred(x, p));
      });
      const values = await this.forward(this.#residues(parts.flat()));
      // One row of digits times the key's two columns.
      const sums = await this.inverse(await this.products(values, key, digits, 2, false));
      out.push(...(await this.dropLast(sums)));
    }
    return BigUint64Array.from(out);
  }

  async merge(
    ciphertexts: BigUint64Array,
    offset: number,
    exponent: number,
    key: BigUint64Array,
  ): Promise<BigUint64Array> {
    const rest = this.#withoutLast();
    const words = rest.#words;
    requireRange(rest.#count(ciphertexts) % 4 === 0, "pairs of ciphertexts");
    const out = new BigUint64Array(ciphertexts.length / 2);
    for (let at = 0; at < out.length; at += 2 * words) {
      const first = ciphertexts.subarray(2 * at, 2 * at + 2 * words);
      const z = await rest.shift(ciphertexts.subarray(2 * at + 2 * words, 2 * at + 4 * words), offset);
      const turned = await rest.automorphism(await rest.subtract(first, z), exponent);
      const switched = await this.switchKey(turned.subarray(words), key);
      const alone = new BigUint64Array(2 * words);
      alone.set(turned.subarray(0, words));
      out.set(await rest.add(await rest.add(first, z), await rest.add(alone, switched)), at);
    }
    return out;
  }

  async pack(polynomials: BigUint64Array): Promise<Uint8Array> {
    const count = this.#count(polynomials);
    const out: number[] = [];
    for (let row = 0; row < count * this.#primes.length; row++) {
      const { bits } = this.#primes[row % this.#primes.length]!;
      let [held, length] = [0n, 0];
      for (const x of polynomials.subarray(row * this.#size, (row + 1) * this.#size)) {
        held |= x << BigInt(length);
        for (length += bits; length >= 8; length -= 8) {
          out.push(Number(held & 255n));
          held >>= 8n;
        }
      }
    }
    return Uint8Array.from(out);
  }

  async unpack(bytes: Uint8Array): Promise<BigUint64Array> {
    const width = this.#primes.reduce((sum, { bits }) => sum + (bits * this.#size) / 8, 0);
    requireRange(bytes.length % width === 0, "not a whole number of polynomials");
    let from = 0;
    return this.#rows(this.#room(bytes.length / width), (row, { p, bits }, at) => {
      let [held, length] = [0n, 0];
      return row.map(() => {
        for (; length < bits; length += 8) held |= BigInt(bytes[from++]!) << BigInt(length);
        const x = held & ((1n << BigInt(bits)) - 1n);
        held >>= BigInt(bits);
        length -= bits;
        if (x >= p) throw badResidue(Math.floor(at / this.#words));
        return x;
      });
    });
  }

  get #words(): number {
    return this.#size * this.#primes.length;
  }

  get #product(): bigint {
    return this.#primes.reduce((product, { p }) => product * p, 1n);
  }

  #withoutLast(): ReferenceRing {
    requireRange(this.#primes.length > 1, "a ring keeps a prime");
    return new ReferenceRing(this.#size, this.#primes.slice(0, -1));
  }

  #primeAt(word: number): number {
    return Math.floor(word / this.#size) % this.#primes.length;
  }

  #count(polynomials: BigUint64Array): number {
    requireRange(polynomials.length % this.#words === 0, "not a whole number of polynomials");
    const below = polynomials.every((x, i) => x < this.#primes[this.#primeAt(i)]!.p);
    requireRange(below, "a residue is below its prime");
    return polynomials.length / this.#words;
  }

  #pair(a: BigUint64Array, b: BigUint64Array): void {
    requireRange(a.length === b.length, "as many polynomials on both sides");
    this.#count(b);
  }

  #room(count: number): BigUint64Array {
    requireRange(Number.isInteger(count) && count >= 0 && count <= WORDS_MAX / this.#words, "too many at once");
    return new BigUint64Array(count * this.#words);
  }

  /** Each row anew; `at` is the place of its first word. */
  #rows(
    polynomials: BigUint64Array,
    compute: (row: bigint[], prime: Prime, at: number) => readonly bigint[],
  ): BigUint64Array {
    this.#count(polynomials);
    const out = new BigUint64Array(polynomials.length);
    for (let at = 0; at < out.length; at += this.#size) {
      const row = Array.from(polynomials.subarray(at, at + this.#size));
      out.set(compute(row, this.#primes[this.#primeAt(at)]!, at), at);
    }
    return out;
  }

  #permuted(polynomials: BigUint64Array, to: (i: number) => number): BigUint64Array {
    return this.#rows(polynomials, (row, { p }) => {
      const out = row.slice();
      row.forEach((x, i) => {
        const at = to(i) % (2 * this.#size);
        out[at % this.#size] = at < this.#size ? x : (p - x) % p;
      });
      return out;
    });
  }

  #small(seed: Uint8Array, count: number, width: 1 | 8, sample: (draw: () => bigint) => bigint): BigUint64Array {
    checkSeed(seed);
    this.#room(count);
    const values = Array.from({ length: count }, (_, at) => {
      const draw = stream(seed, at, width);
      return Array.from({ length: this.#size }, () => sample(draw));
    });
    return this.#residues(values.flat());
  }

  #fromNumbers(values: BigUint64Array, number: (value: bigint) => bigint): BigUint64Array {
    requireRange(values.length % this.#size === 0, "not a whole number of polynomials");
    return this.#residues(Array.from(values, number));
  }

  #residues(integers: readonly bigint[]): BigUint64Array {
    this.#room(integers.length / this.#size);
    return residuesOf(this.#moduli, this.#size, integers);
  }

  #integers(polynomials: BigUint64Array): bigint[] {
    this.#count(polynomials);
    return integersOf(this.#moduli, this.#size, polynomials);
  }

  get #moduli(): readonly bigint[] {
    return this.#primes.map(({ p }) => p);
  }
}

function checkSeed(seed: Uint8Array): void {
  requireRange(seed.length === 32, "a seed has 32 bytes");
}

function checkBits(bits: number): void {
  requireRange(Number.isInteger(bits) && bits >= 1 && bits <= 64, "plaintexts have 1 to 64 bits");
}
