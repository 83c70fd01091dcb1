/**
 * What any way of sharing must do, whoever its parties are: known answers at the edges of the range, random vectors against
 * plain arithmetic, opening to one party only, refusals. `run` starts one program at all parties and gives, by role, what each returned.
 */
import { describe, expect, it } from "vitest";
import type { Backend, Bits, Words } from "../backend.ts";
import * as plain from "./plain.ts";

export interface Parties {
  readonly roles: readonly string[];
  run<R>(seed: number, program: (me: Backend) => Promise<R>): Promise<Readonly<Record<string, R>>>;
}

/** Signed values whose differences and halves stay in range. */
const EDGES = [0n, 1n, -1n, 2n, -2n, 5n, -7n, 4095n, -4096n, 123456789012n, 2n ** 61n, -(2n ** 61n), 2n ** 62n - 1n];

/** All pairs of edges, then random ones of all sizes. */
function pairs(seed: number): { x: bigint[]; y: bigint[] } {
  const random = plain.randomIntegers(seed, 87);
  const x = [...EDGES.flatMap((value) => EDGES.map(() => value)), ...random.slice(0, 43)];
  const y = [...EDGES.flatMap(() => EDGES), ...random.slice(44)];
  return { x, y };
}

const MATRIX = { rows: 3, inner: 4, columns: 5 } as const;

export function compliance(name: string, { roles, run }: Parties): void {
  /** Inputs of two different parties. */
  const [one, two] = [roles[0]!, roles[1]!];
  const inputs = async (me: Backend, x: readonly bigint[], y: readonly bigint[]): Promise<readonly [Words, Words]> => [
    await me.share(one, x.length, me.self === one ? plain.words(x) : null),
    await me.share(two, y.length, me.self === two ? plain.words(y) : null),
  ];
  /** Opened to all, the same at all. */
  const opened = async (seed: number, program: (me: Backend) => Promise<Record<string, Words | Bits>>) => {
    const results = await run(seed, async (me) => {
      const out: Record<string, bigint[]> = {};
      for (const [key, value] of Object.entries(await program(me)))
        out[key] =
          value.kind === "words"
            ? plain.integers((await me.open(value))!)
            : plain.bits((await me.openBits(value))!, value.length);
      return out;
    });
    for (const role of roles) expect(results[role]).toEqual(results[one]);
    return results[one]!;
  };

  describe(`sharing among ${name}`, () => {
    it("adds, multiplies and moves words", async () => {
      const { x, y } = pairs(1);
      const at = Uint32Array.of(3, 0, 3, x.length - 1);
      const out = await opened(1, async (me) => {
        const [a, b] = await inputs(me, x, y);
        return {
          sum: me.add(a, b),
          difference: me.subtract(a, b),
          scaled: me.scale(a, -3n),
          scaledEach: me.scale(a, plain.words(y)),
          moved: me.addPublic(a, 10n ** 12n),
          movedEach: me.addPublic(a, plain.words(y)),
          constant: me.publicWords(plain.words(y)),
          picked: me.pick(a, at),
          joined: me.join([a, b]),
          sums: me.sums(me.join([a, b]), 2),
          product: await me.multiply(a, b),
          square: await me.square(a),
        };
      });
      const each = (operation: (x: bigint, y: bigint) => bigint): bigint[] =>
        x.map((value, i) => plain.wrapped(operation(value, y[i]!)));
      expect(out.sum).toEqual(each((a, b) => a + b));
      expect(out.difference).toEqual(each((a, b) => a - b));
      expect(out.scaled).toEqual(each((a) => -3n * a));
      expect(out.scaledEach).toEqual(each((a, b) => a * b));
      expect(out.moved).toEqual(each((a) => a + 10n ** 12n));
      expect(out.movedEach).toEqual(each((a, b) => a + b));
      expect(out.constant).toEqual(y);
      expect(out.picked).toEqual(Array.from(at, (i) => x[i]!));
      expect(out.joined).toEqual([...x, ...y]);
      expect(out.sums).toEqual(plain.pairSums([...x, ...y]));
      expect(out.product).toEqual(each((a, b) => a * b));
      expect(out.square).toEqual(each((a) => a * a));
    });

    it("multiplies matrices of either shape", async () => {
      const [x, y] = [plain.randomIntegers(2, 12), plain.randomIntegers(3, 20)];
      const turned = { rows: MATRIX.columns, inner: MATRIX.inner, columns: MATRIX.rows };
      const out = await opened(2, async (me) => {
        const [a, b] = await inputs(me, x, y);
        return {
          wide: await me.multiplyMatrices(a, b, MATRIX),
          tall: await me.multiplyMatrices(b, a, turned),
          dot: await me.multiplyMatrices(
            a,
            me.pick(
              b,
              Uint32Array.from(x, (_, i) => i),
            ),
            {
              rows: 1,
              inner: x.length,
              columns: 1,
            },
          ),
        };
      });
      expect(out.wide).toEqual(plain.matrixProduct(x, y, MATRIX));
      expect(out.tall).toEqual(plain.matrixProduct(y, x, turned));
      expect(out.dot).toEqual([plain.wrapped(x.reduce((sum, value, i) => sum + value * y[i]!, 0n))]);
    });

    it("compares, in all of the range", async () => {
      const { x, y } = pairs(4);
      const out = await opened(4, async (me) => {
        const [a, b] = await inputs(me, x, y);
        const small = plain.words(x.map((value) => (value % 50n) - 25n));
        const c = await me.share(two, x.length, me.self === two ? small : null);
        const [less, same] = [await me.negative(me.subtract(a, b)), await me.isZero(me.subtract(a, b))];
        return {
          less,
          same,
          negative: await me.negative(a),
          zero: await me.isZero(b),
          words: await me.toWords(less),
          shortNegative: await me.negative(c, { width: 8 }),
          roughNegative: await me.negative(c, { width: 8, dropped: 3 }),
          shortZero: await me.isZero(c, 7),
        };
      });
      const each = (holds: (x: bigint, y: bigint) => boolean): bigint[] => x.map((a, i) => BigInt(holds(a, y[i]!)));
      expect(out.less).toEqual(each((a, b) => a < b));
      expect(out.words).toEqual(each((a, b) => a < b));
      expect(out.same).toEqual(each((a, b) => a === b));
      expect(out.negative).toEqual(each((a) => a < 0n));
      expect(out.zero).toEqual(each((_, b) => b === 0n));
      const small = x.map((value) => (value % 50n) - 25n);
      expect(out.shortNegative).toEqual(small.map((value) => BigInt(value < 0n)));
      expect(out.shortZero).toEqual(small.map((value) => BigInt(value === 0n)));
      small.forEach((value, i) => {
        if (value < 0n || value >= 8n) expect(out.roughNegative![i]).toBe(BigInt(value < 0n));
      });
    });

    it("joins and moves bits, and takes words where they are set", async () => {
      const bits = Uint8Array.of(0b10110100, 0b01);
      const bitsToo = Uint8Array.of(0b11010110, 0b10);
      const [x, y] = [plain.bits(bits, 10), plain.bits(bitsToo, 10)];
      const values = plain.randomIntegers(5, 10);
      const out = await opened(5, async (me) => {
        const a = await me.shareBits(one, 10, me.self === one ? bits : null);
        const b = await me.shareBits(two, 10, me.self === two ? bitsToo : null);
        const [words] = await inputs(me, values, values);
        const mixed = me.xor(a, b);
        return {
          mixed,
          not: me.not(mixed),
          and: await me.and(a, me.not(b)),
          picked: me.pickBits(a, Uint32Array.of(9, 2, 2)),
          joined: me.joinBits([a, b, a]),
          words: await me.toWords(mixed),
          injected: await me.inject(mixed, words),
        };
      });
      const mixed = x.map((bit, i) => bit ^ y[i]!);
      expect(out.mixed).toEqual(mixed);
      expect(out.not).toEqual(mixed.map((bit) => 1n - bit));
      expect(out.and).toEqual(x.map((bit, i) => bit & (1n - y[i]!)));
      expect(out.picked).toEqual([x[9], x[2], x[2]]);
      expect(out.joined).toEqual([...x, ...y, ...x]);
      expect(out.words).toEqual(mixed);
      expect(out.injected).toEqual(mixed.map((bit, i) => bit * values[i]!));
    });

    it("shifts down exactly, or to one of the neighbours, and takes words apart", async () => {
      const { x, y } = pairs(6);
      const inRange = x.map((value, i) => (value + y[i]!) / 4n);
      const out = await opened(6, async (me) => {
        const [a, b] = await inputs(
          me,
          inRange.map((value) => value - 99n),
          inRange.map(() => 99n),
        );
        const sum = me.add(a, b);
        return {
          down: await me.shift(sum, 20, "down"),
          near: await me.shift(sum, 20, "near"),
          far: await me.shift(sum, 61, "down"),
          low: await me.toBits(sum, 5),
          all: await me.toBits(sum, 64),
          lowest: await me.toBits(sum, 1),
        };
      });
      expect(out.down).toEqual(inRange.map((value) => value >> 20n));
      expect(out.far).toEqual(inRange.map((value) => value >> 61n));
      inRange.forEach((value, i) => {
        expect([value >> 20n, (value >> 20n) + 1n]).toContain(out.near![i]);
      });
      const places = (width: number): bigint[] =>
        Array.from({ length: width }, (_, place) => inRange.map((value) => (value >> BigInt(place)) & 1n)).flat();
      expect(out.low).toEqual(places(5));
      expect(out.all).toEqual(places(64));
      expect(out.lowest).toEqual(places(1));
    });

    it("computes functions made of straight pieces, with constants beyond them", async () => {
      const values = [...Array.from({ length: 157 }, (_, i) => BigInt(4 * i - 312)), 2n ** 40n, -(2n ** 40n)];
      const at = Array.from({ length: 32 }, (_, i) => i);
      const line = (place: number, x: number): number => place * x + 20_000 - 100 * place;
      const pieces = {
        step: 4,
        slopes: at,
        intercepts: at.map((place) => line(place, 0)),
        below: 7,
        above: 2 ** 31 - 1,
        shift: 3,
        width: 43,
      };
      const out = await opened(9, async (me) => {
        const [a] = await inputs(me, values, values);
        return { value: await me.pieces(a, pieces), exact: await me.pieces(a, { ...pieces, shift: 0 }) };
      });
      values.forEach((value, i) => {
        const x = Number(value);
        const upper = Math.floor(x / 16 + 1 / 2) + 16;
        const allowed = [
          ...(Math.abs(x) <= 244 ? [line(upper, x), line(upper - 1, x)] : []),
          ...(x >= 236 ? [pieces.above] : []),
          ...(x <= -236 ? [pieces.below] : []),
        ];
        expect(allowed.map(BigInt), String(x)).toContain(out.exact![i]);
        expect(
          allowed.flatMap((each) => [BigInt(each >> 3), BigInt(each >> 3) + 1n]),
          String(x),
        ).toContain(out.value![i]);
      });
    });

    it("opens to the one party named and to no other", async () => {
      const results = await run(7, async (me) => {
        const [a, b] = await inputs(me, [5n, -3n], [1n, 1n]);
        const [product, sign] = [await me.multiply(a, b), await me.negative(a)];
        const got = [];
        for (const to of roles) got.push({ words: await me.open(product, to), bits: await me.openBits(sign, to) });
        return got;
      });
      const told = { words: plain.words([5n, -3n]), bits: Uint8Array.of(0b10) };
      for (const role of roles)
        expect(results[role]).toEqual(roles.map((to) => (to === role ? told : { words: null, bits: null })));
    });

    it("takes vectors of no length, and refuses those that do not fit", async () => {
      await run(8, async (me) => {
        const [a, b] = await inputs(me, [], []);
        expect((await me.multiply(a, b)).length).toBe(0);
        expect((await me.negative(a)).length).toBe(0);
        const [c, d] = await inputs(me, [1n], [1n, 2n]);
        await expect(me.multiply(c, d)).rejects.toThrow(RangeError);
        await expect(me.negative(c, { width: 9, dropped: 8 })).rejects.toThrow(RangeError);
        await expect(me.negative(c, { width: 65 })).rejects.toThrow(RangeError);
        await expect(me.isZero(c, 0)).rejects.toThrow(RangeError);
        expect(() => me.add(c, d)).toThrow(RangeError);
        await expect(me.share(one, 1, me.self === one ? null : plain.words([1n]))).rejects.toThrow(TypeError);
      });
    });
  });
}
