/**
 * Fixed-point packing of gradient and hessian into one plaintext, and of many sums into one ciphertext.
 *
 * A row's plaintext is (g + gMax)·2^hBits + h with g, h as integers of 2^-fractionBits; adding gMax makes it
 * non-negative. Over `count` rows the upper slot holds G + count·gMax. Whoever holds the bins knows the counts and adds
 * (rowCountMax - count)·gMax (`completion`), so that the offset is the constant rowCountMax·gMax: the receiver needs no
 * count and learns none. Cells are `cellBits` wide; `perCiphertext` of them share one ciphertext (cell 0 lowest).
 *
 * Bounds: no sum over at most rowCountMax rows leaves its slot, and `decode` refuses (`protocol.bound`) any value
 * outside the proved bounds. This is what makes Okamoto-Uchiyama usable (SECURITY.md rule 10): its decryption of a
 * chosen multiple of p tells the secret p, but a message that was reduced modulo p also has to come out with its top 64
 * bits zero and each slot in bounds, which happens with probability below 2^-64; otherwise nothing but the refusal
 * goes back.
 */
import { TomboloError } from "@tombolo/base";
import { fromLittleEndian, toLittleEndian } from "@tombolo/kernels";

/** Top bits of a plaintext that stay zero, to tell apart what was reduced modulo p. */
const HEADROOM_BITS = 64;
const FRACTION_BITS_MAX = 40;
/** Two words, so that `encode` can write a cell as such. */
const PLAINTEXT_BITS_MIN = 128;

export interface PackingOptions {
  readonly rowCountMax: number;
  /** |g| <= gBound and 0 <= h <= hBound for each row. */
  readonly gBound: number;
  readonly hBound: number;
  readonly fractionBits: number;
  readonly plaintextBits: number;
}

export interface GradientSums {
  readonly g: Float64Array;
  readonly h: Float64Array;
}

/**
 * The fixed-point integer of each value: round(value·2^fractionBits), halves up. Throws `input.gradient` beyond the
 * bound. The plaintext twin of a training uses `roundToFixed`, so that both see the same numbers.
 */
export function quantise(values: Float64Array, bound: number, fractionBits: number): Float64Array {
  const scale = 2 ** fractionBits;
  const max = Math.ceil(bound * scale);
  return values.map((value) => {
    const fixed = Math.round(value * scale) + 0; // + 0 turns -0 into 0
    if (!(Math.abs(fixed) <= max))
      throw new TomboloError("input.gradient", "a gradient is beyond its bound or not a number");
    return fixed;
  });
}

/** What a value becomes after packing and unpacking: a multiple of 2^-fractionBits. */
export function roundToFixed(values: Float64Array, bound: number, fractionBits: number): Float64Array {
  const scale = 2 ** fractionBits;
  return quantise(values, bound, fractionBits).map((fixed) => fixed / scale);
}

const bitsFor = (max: number): number => BigInt(max).toString(2).length;

export class GradientPacking {
  /** Bits of one packed (g, h) cell. */
  readonly cellBits: number;
  /** How many cells one ciphertext carries back. */
  readonly perCiphertext: number;
  readonly plaintextBytes: number;
  readonly #options: PackingOptions;
  readonly #gMax: number;
  readonly #gSumMax: number;
  readonly #hSumMax: number;
  readonly #hBits: number;

  /** Throws `input.packing` if the sums could wrap or lose precision. */
  static plan(options: PackingOptions): GradientPacking {
    const { rowCountMax, gBound, hBound, fractionBits, plaintextBits } = options;
    const valid =
      Number.isSafeInteger(rowCountMax) &&
      rowCountMax > 0 &&
      Number.isInteger(fractionBits) &&
      fractionBits >= 0 &&
      fractionBits <= FRACTION_BITS_MAX &&
      Number.isInteger(plaintextBits) &&
      plaintextBits >= PLAINTEXT_BITS_MIN &&
      gBound > 0 &&
      hBound > 0;
    if (!valid) throw new TomboloError("input.packing", "packing parameters are out of range");
    const [gMax, hMax] = [gBound, hBound].map((bound) => Math.ceil(bound * 2 ** fractionBits));
    // Sums stay exact in a double.
    if (!(2 * rowCountMax * Math.max(gMax!, hMax!) <= Number.MAX_SAFE_INTEGER)) {
      const remedy = "Use fewer fraction bits, or bounds closer to the gradients.";
      throw new TomboloError("input.packing", "sums of this many rows would lose precision", { remedy });
    }
    return new GradientPacking(options, gMax!, hMax!);
  }

  private constructor(options: PackingOptions, gMax: number, hMax: number) {
    this.#options = options;
    this.#gMax = gMax;
    this.#gSumMax = 2 * options.rowCountMax * gMax;
    this.#hSumMax = options.rowCountMax * hMax;
    this.#hBits = bitsFor(this.#hSumMax);
    this.cellBits = this.#hBits + bitsFor(this.#gSumMax);
    this.perCiphertext = Math.floor((options.plaintextBits - HEADROOM_BITS) / this.cellBits);
    this.plaintextBytes = Math.ceil((options.plaintextBits + 1) / 8);
    if (this.perCiphertext < 1) throw new TomboloError("input.packing", "one (g, h) does not fit the plaintext");
  }

  /** One plaintext per row. */
  encode(g: Float64Array, h: Float64Array): Uint8Array {
    if (g.length !== h.length) throw new RangeError("one h per g");
    const { gBound, hBound, fractionBits } = this.#options;
    const [gFixed, hFixed] = [quantise(g, gBound, fractionBits), quantise(h, hBound, fractionBits)];
    const out = new DataView(new ArrayBuffer(g.length * this.plaintextBytes));
    for (let i = 0; i < g.length; i++) {
      if (hFixed[i]! < 0) throw new TomboloError("input.gradient", "a hessian is negative");
      // A cell has at most 54 + 53 bits (see `plan`), so two words.
      const cell = this.#cell(gFixed[i]! + this.#gMax, hFixed[i]!);
      out.setBigUint64(i * this.plaintextBytes, BigInt.asUintN(64, cell), true);
      out.setBigUint64(i * this.plaintextBytes + 8, cell >> 64n, true);
    }
    return new Uint8Array(out.buffer);
  }

  /** What the holder of the bins adds to packed cells of `counts` rows each: one plaintext per ciphertext. */
  completion(counts: ArrayLike<number>): Uint8Array {
    const { rowCountMax } = this.#options;
    const groups = Math.ceil(counts.length / this.perCiphertext);
    const out = new Uint8Array(groups * this.plaintextBytes);
    for (let group = 0; group < groups; group++) {
      let packed = 0n;
      for (let j = Math.min(this.perCiphertext, counts.length - group * this.perCiphertext) - 1; j >= 0; j--) {
        const count = counts[group * this.perCiphertext + j]!;
        if (!(count >= 0 && count <= rowCountMax)) throw new RangeError("a count is out of range");
        packed = (packed << BigInt(this.cellBits)) | this.#cell((rowCountMax - count) * this.#gMax, 0);
      }
      out.set(this.#plaintext(packed), group * this.plaintextBytes);
    }
    return out;
  }

  /** The sums of `cellCount` completed cells. `protocol.bound` if anything is outside what honest sums can be. */
  decode(plaintexts: Uint8Array, cellCount: number): GradientSums {
    if (plaintexts.length !== Math.ceil(cellCount / this.perCiphertext) * this.plaintextBytes)
      throw new TomboloError("protocol.bound", "a wrong number of packed sums");
    const [g, h] = [new Float64Array(cellCount), new Float64Array(cellCount)];
    for (let first = 0, at = 0; first < cellCount; first += this.perCiphertext, at += this.plaintextBytes) {
      let rest = fromLittleEndian(plaintexts.subarray(at, at + this.plaintextBytes));
      for (let i = first; i < Math.min(first + this.perCiphertext, cellCount); i++) {
        [g[i], h[i]] = this.#decodeCell(BigInt.asUintN(this.cellBits, rest));
        rest >>= BigInt(this.cellBits);
      }
      if (rest !== 0n) throw outOfBound();
    }
    return { g, h };
  }

  #cell(g: number, h: number): bigint {
    return (BigInt(g) << BigInt(this.#hBits)) | BigInt(h);
  }

  #plaintext(value: bigint): Uint8Array {
    return toLittleEndian(value, this.plaintextBytes);
  }

  #decodeCell(cell: bigint): [number, number] {
    const g = Number(cell >> BigInt(this.#hBits));
    const h = Number(BigInt.asUintN(this.#hBits, cell));
    if (g > this.#gSumMax || h > this.#hSumMax) throw outOfBound();
    const scale = 2 ** this.#options.fractionBits;
    return [(g - this.#options.rowCountMax * this.#gMax) / scale, h / scale];
  }
}

const outOfBound = (): TomboloError =>
  new TomboloError("protocol.bound", "a decrypted sum is outside the bounds of honest sums");
