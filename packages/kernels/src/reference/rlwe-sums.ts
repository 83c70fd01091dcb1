/** Sums over hidden bins, by the steps that they stand for. */
import { requireRange } from "../checks.ts";
import type { Ring } from "../rlwe-kernels.ts";
import type { OutputSets, SumColumns, SumKernels } from "../sum-kernels.ts";
import { stream } from "./rlwe-stream.ts";
import { mod } from "./rlwe-transform.ts";

type Steps = Omit<Ring, keyof SumKernels | "seal" | "unseal" | "release" | "open">;

/** `part` gives rings of so many coefficients modulo the first so many primes. */
export function binSums(
  ring: Steps,
  size: number,
  moduli: readonly bigint[],
  part: (coefficients: number, kept: number) => Steps,
): SumKernels {
  const digits = moduli.length;
  const words = size * digits;
  const primeAt = (word: number): bigint => moduli[word % digits]!;
  /** Signed coefficients of small polynomials `first` to `first + count`. */
  const small = async (drawn: Promise<BigUint64Array>, first: number): Promise<bigint[][]> => {
    const all = await drawn;
    const out: bigint[][] = [];
    for (let at = first * words; at < all.length; at += words)
      out.push(Array.from(all.subarray(at, at + size), (x) => (x > moduli[0]! / 2n ? x - moduli[0]! : x)));
    return out;
  };
  const residues = (rows: readonly (readonly bigint[])[]): BigUint64Array =>
    BigUint64Array.from(rows.flatMap((row) => moduli.flatMap((p) => row.map((x) => mod(x, p)))));
  /** digits[i]·X^-i */
  const turned = (row: readonly bigint[]): bigint[] => row.map((_, i) => (i === 0 ? row[0]! : -row[size - i]!));
  const dropped = async (polynomials: BigUint64Array, coefficients: number): Promise<BigUint64Array> => {
    let out = polynomials;
    for (let level = digits; level > 1; level--) out = await part(coefficients, level).dropLast(out);
    return out;
  };
  const columns = ({ sums, width, at, count }: SumColumns): BigUint64Array[] => {
    requireRange(count > 0 && at + count <= width && sums.length % (width * digits) === 0, "columns of the sums");
    return Array.from({ length: sums.length / (width * digits) }, (_, output) =>
      sums.subarray((output * width + at) * digits, (output * width + at + count) * digits),
    );
  };
  /** Of each set the sum of its outputs' rows. */
  const totals = (rows: readonly BigUint64Array[], { offsets, members }: OutputSets, width: number): bigint[][] => {
    requireRange(offsets[0] === 0 && offsets.at(-1) === members.length, "sets lie one after the other");
    requireRange(
      members.every((at) => at < rows.length),
      "sets are of outputs",
    );
    return Array.from({ length: offsets.length - 1 }, (_, set) => {
      const own = members.subarray(offsets[set]!, offsets[set + 1]!);
      return Array.from({ length: width }, (_, i) => own.reduce((sum, at) => (sum + rows[at]![i]!) % primeAt(i), 0n));
    });
  };
  const addTo = (sums: BigUint64Array, at: number, vector: number, width: number, row: bigint[]): void => {
    for (let k = 0; k < digits; k++) {
      const place = (at * width + vector) * digits + k;
      sums[place] = mod(sums[place]! + row[k]!, moduli[k]!);
    }
  };

  return {
    async hide(a, secrets, seed, first, numbers, factors) {
      const count = secrets.length / words;
      requireRange(a.length === words && numbers.length === count * size, "a number a coefficient");
      const errors = await ring.binomial(seed, first + count);
      const products = await ring.inverse(await ring.products(secrets, a, 1, 1, false));
      const rows = Array.from({ length: count }, (_, at) =>
        Array.from(numbers.subarray(at * size, (at + 1) * size), BigInt),
      );
      const scaled = await ring.scale(residues(rows), factors);
      return ring.pack(await ring.add(await ring.add(products, errors.subarray(first * words)), scaled));
    },

    async trits(seed, count) {
      const rows = await small(ring.ternary(seed, count), 0);
      return Uint8Array.from(rows.flat(), (x) => Number(x + 1n));
    },

    async hideBins(a, codes, masks, seed, first) {
      const [blocks, bins] = [a.length / words, masks.length / size];
      requireRange(
        codes.length === (blocks - 1) * size && bins <= 256,
        "a row of codes a polynomial, but for the last",
      );
      const errors = await ring.binomial(seed, first + bins);
      const out: bigint[] = [];
      for (let bin = 0; bin < bins; bin++) {
        const picked = Array.from(codes, (code) => (code === bin ? 1n : 0n));
        const digitsOf = [
          ...picked,
          ...Array.from(masks.subarray(bin * size, (bin + 1) * size), (x) => BigInt(x) - 1n),
        ];
        const rows = Array.from({ length: blocks }, (_, block) =>
          turned(digitsOf.slice(block * size, (block + 1) * size)),
        );
        const sum = await ring.products(await ring.forward(residues(rows)), a, blocks, 1, false);
        const error = errors.subarray((first + bin) * words, (first + bin + 1) * words);
        out.push(...(await dropped(await ring.add(await ring.inverse(sum), error), size)));
      }
      return BigUint64Array.from(out);
    },

    async sumBins(sums, packed, codes, rows, at, bins) {
      requireRange(codes.length === rows * bins.length && at + size <= rows, "a code a row and column");
      const polynomials = await ring.unpack(packed);
      const width = polynomials.length / words;
      requireRange(sums.length === bins.reduce((sum, count) => sum + count, 0) * width * digits, "sums of all outputs");
      let first = 0;
      bins.forEach((count, f) => {
        for (let i = 0; i < size; i++) {
          const code = codes[f * rows + at + i]!;
          for (let v = 0; v < width && code < count; v++)
            addTo(sums, first + code, v, width, coefficient(polynomials, v * words + i));
        }
        first += count;
      });
    },

    async sumMasks(sums, packed, masks) {
      const polynomials = await ring.unpack(packed);
      const width = polynomials.length / words;
      requireRange(sums.length === (masks.length / size) * width * digits, "sums of all outputs");
      masks.forEach((trit, place) => {
        const [output, i] = [Math.floor(place / size), place % size];
        for (let v = 0; v < width; v++)
          addTo(
            sums,
            output,
            v,
            width,
            coefficient(polynomials, v * words + i).map((x) => x * (BigInt(trit) - 1n)),
          );
      });
    },

    async subtractSums(a, b) {
      const [rows, others] = [columns(a), columns(b)];
      requireRange(a.count === b.count && rows.length === others.length, "as many sums on both sides");
      return BigUint64Array.from(
        rows.flatMap((row, output) => Array.from(row, (x, i) => mod(x - others[output]![i]!, primeAt(i)))),
      );
    },

    async releaseSums(sums, sets, seed, first, spread) {
      requireRange(spread > 0n && spread < 1n << 100n, "noise has at most 100 bits");
      const centre = (3n * (spread - 1n)) / 2n;
      const out: bigint[] = [];
      for (const [set, total] of totals(columns(sums), sets, sums.count * digits).entries()) {
        const draw = stream(seed, first + set, 8);
        const noise = Array.from({ length: sums.count }, () => {
          const three = below(draw, spread) + below(draw, spread) + below(draw, spread);
          return three - centre;
        });
        const rows = moduli.flatMap((p, k) => noise.map((x, v) => mod(total[v * digits + k]! + x, p)));
        out.push(...(await roundedRow(rows, sums.count)));
      }
      return BigUint64Array.from(out);
    },

    async phases(hint, seed, count) {
      requireRange(digits === 1 && hint.length % size === 0, "phases are modulo one prime");
      const secrets = await small(ring.ternary(seed, count), 0);
      const [p] = moduli as [bigint];
      return BigUint64Array.from({ length: (hint.length / size) * count }, (_, at) => {
        const row = hint.subarray(Math.floor(at / count) * size, (Math.floor(at / count) + 1) * size);
        const secret = turned(secrets[at % count]!);
        return mod(
          row.reduce((sum, x, j) => sum + x * secret[j]!, 0n),
          p,
        );
      });
    },

    async openSums(phases, sets, answers, delta, least) {
      requireRange(digits === 1 && least.length === phases.count, "a least number a vector");
      const found = totals(columns(phases), sets, phases.count);
      requireRange(answers.length === found.length * phases.count, "an answer a set and vector");
      const [p] = moduli as [bigint];
      return Float64Array.from(found.flat(), (phase, i) => {
        const start = least[i % phases.count]!;
        return Number(start + mod(answers[i]! - phase - start * delta + delta / 2n, p) / delta);
      });
    },
  };

  function coefficient(polynomials: BigUint64Array, at: number): bigint[] {
    return moduli.map((_, k) => polynomials[at + k * size]!);
  }

  /** A row of any number of residues a prime, to the first. Rings have sixteen coefficients at least. */
  async function roundedRow(rows: readonly bigint[], count: number): Promise<bigint[]> {
    const room = Math.max(16, 2 ** Math.ceil(Math.log2(count)));
    const wide = new BigUint64Array(room * digits);
    rows.forEach((x, i) => {
      wide[Math.floor(i / count) * room + (i % count)] = x;
    });
    return Array.from(await dropped(wide, room)).slice(0, count);
  }
}

function below(draw: () => bigint, spread: bigint): bigint {
  const bits = (spread - 1n).toString(2).length;
  const mask = spread === 1n ? 0n : (1n << BigInt(bits)) - 1n;
  for (;;) {
    const low = draw();
    const drawn = (bits > 64 ? low | (draw() << 64n) : low) & mask;
    if (drawn < spread) return drawn;
  }
}
