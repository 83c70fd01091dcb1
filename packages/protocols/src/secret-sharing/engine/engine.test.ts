import { inspect } from "node:util";
import { seededSampling } from "@tombolo/base";
import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { run, runEngines, sent } from "../testing/two-parties.ts";
import { dryRun, Engine, largest } from "./index.ts";

const sampling = seededSampling(11);
const reals = (length: number, bound: number): Float64Array =>
  Float64Array.from({ length }, () => (2 * sampling.next() - 1) * bound);
const wholes = (length: number, bound: number): Float64Array => reals(length, bound).map(Math.round);
const UNIT = 2 ** -20;

const N = 40;
const [x, y] = [reals(N, 100), reals(N, 100)];
const [m, n] = [wholes(N, 1000), wholes(N, 3)];
n[5] = m[5]!;

async function inputs(me: Engine) {
  return {
    a: await me.fixed("first", { shape: [N], bound: 100 }, x),
    b: await me.fixed("second", { shape: [N], bound: 100 }, y),
    c: await me.integers("first", { shape: [N], bound: 1000 }, m),
    d: await me.integers("second", { shape: [N], bound: 1000 }, n),
  };
}

function expectNear(
  got: Float64Array | null | undefined,
  wanted: readonly number[] | Float64Array,
  units = 1.01,
): void {
  expect(got?.length).toBe(wanted.length);
  const worst = Math.max(...Array.from(wanted, (value, i) => Math.abs(got![i]! - value)));
  expect(worst).toBeLessThanOrEqual(units * UNIT);
}

const each = <R>(of: (i: number) => R): R[] => Array.from({ length: N }, (_, i) => of(i));
/** As fixed-point numbers hold it. */
const held = (value: number): number => Math.round(value / UNIT) * UNIT;

/** A bit of everything that has a price. */
async function program(me: Engine) {
  const { a, b, c, d } = await inputs(me);
  const less = await me.less(a, b);
  const equal = await me.equal(c, d);
  const matrix = me.reshape(a, [4, 10]);
  return {
    sum: await me.open(me.sub(me.add(a, b), 2.5)),
    product: await me.open(await me.mul(a, b)),
    mixed: await me.open(await me.mul(c, b)),
    whole: await me.open(await me.mul(c, d)),
    half: await me.open(await me.mul(a, 0.5)),
    thirds: await me.open(await me.mul(c, 1 / 4)),
    square: await me.open(await me.square(a)),
    dot: await me.open(await me.dot(a, b)),
    matmul: await me.open(await me.matmul(matrix, me.transpose(me.reshape(b, [4, 10])))),
    sums: await me.open(me.sum(matrix)),
    less: await me.openFlags(less),
    above: await me.openFlags(await me.less(c, 0)),
    equal: await me.openFlags(equal),
    or: await me.openFlags(await me.or(less, me.not(equal))),
    count: await me.open(me.sum(await me.numberOf(less))),
    select: await me.open(await me.select(less, a, b)),
    abs: await me.open(await me.abs(a)),
  };
}

const listed = (role: "first" | "second") =>
  dryRun(role, seededSecrets(1, "dry"), async (me) => {
    const { a, b } = await inputs(me);
    await me.open(await me.mul(a, b));
    await me.open(await me.numberOf(await me.less(a, b)));
  });

describe("a program on secrets", () => {
  it("computes what it reads like, the same at both, at the cost that a dry run lists", async () => {
    const { first, second, cost } = await runEngines(20, program);
    expect(second).toEqual(first);
    expectNear(
      first.sum,
      each((i) => x[i]! + y[i]! - 2.5),
    );
    expectNear(
      first.product,
      each((i) => held(x[i]!) * held(y[i]!)),
    );
    expectNear(
      first.mixed,
      each((i) => m[i]! * held(y[i]!)),
      0,
    );
    expectNear(
      first.whole,
      each((i) => m[i]! * n[i]!),
      0,
    );
    expectNear(
      first.half,
      each((i) => held(x[i]!) / 2),
    );
    expectNear(
      first.thirds,
      each((i) => m[i]! / 4),
      0,
    );
    expectNear(
      first.square,
      each((i) => held(x[i]!) ** 2),
    );
    expectNear(first.dot, [each((i) => held(x[i]!) * held(y[i]!)).reduce((sum, value) => sum + value)]);
    const rowDot = (r: number, s: number): number =>
      Array.from({ length: 10 }, (_, k) => held(x[10 * r + k]!) * held(y[10 * s + k]!)).reduce((sum, v) => sum + v);
    expectNear(
      first.matmul,
      [0, 1, 2, 3].flatMap((r) => [0, 1, 2, 3].map((s) => rowDot(r, s))),
    );
    expectNear(
      first.sums,
      [0, 1, 2, 3].map((r) => x.slice(10 * r, 10 * r + 10).reduce((sum, v) => sum + held(v), 0)),
      0,
    );
    const [less, equal] = [each((i) => Number(x[i]! < y[i]!)), each((i) => Number(m[i] === n[i]))];
    expect(Array.from(first.less!)).toEqual(less);
    expect(Array.from(first.above!)).toEqual(each((i) => Number(m[i]! < 0)));
    expect(Array.from(first.equal!)).toEqual(equal);
    expect(Array.from(first.or!)).toEqual(each((i) => Number(less[i] === 1 || equal[i] === 0)));
    expect(first.count![0]).toBe(less.reduce((sum, bit) => sum + bit));
    expectNear(
      first.select,
      each((i) => held(Math.min(x[i]!, y[i]!))),
      0,
    );
    expectNear(
      first.abs,
      each((i) => Math.abs(held(x[i]!))),
      0,
    );

    const dry = await dryRun("first", seededSecrets(1, "dry"), program);
    expect(dry.out).toEqual(sent(cost.byDirection["alice->bob"]!));
    expect(dry.in).toEqual(sent(cost.byDirection["bob->alice"]!));
    expect(cost.rounds).toBeGreaterThanOrEqual(dry.rounds);
  });

  it("finds the largest of each row, the first of equal ones", async () => {
    const rows = [3, -1, 7, 7, 2, 5, 5, 4, 5, 1, -9, -8, -7, -7, -9].map((value) => value / 2);
    const { first } = await runEngines(21, async (me) => {
      const a = await me.fixed("second", { shape: [3, 5], bound: 10 }, Float64Array.from(rows));
      const { max, argmax } = await largest(me, a);
      const one = await largest(me, me.pick(a, Uint32Array.of(2), [1, 1]));
      return [await me.open(max), await me.open(argmax), await me.open(one.max), await me.open(one.argmax)];
    });
    expect(first.map((values) => Array.from(values!))).toEqual([[3.5, 2.5, -3.5], [2, 0, 2], [3.5], [0]]);
  });

  it("takes calls that were made at once in the order they were made", async () => {
    const { first } = await runEngines(22, async (me) => {
      const { a, b, c, d } = await inputs(me);
      const [product, less, whole] = await Promise.all([me.mul(a, b), me.less(a, b), me.mul(c, d)]);
      return Promise.all([me.open(product, "first"), me.openFlags(less, "first"), me.open(whole)]);
    });
    expectNear(
      first[0],
      each((i) => held(x[i]!) * held(y[i]!)),
    );
    expect(Array.from(first[1]!)).toEqual(each((i) => Number(x[i]! < y[i]!)));
    expectNear(
      first[2],
      each((i) => m[i]! * n[i]!),
      0,
    );
  });

  it("waits for correlations that are made ahead meanwhile, and uses them", async () => {
    const dry = { first: await listed("first"), second: await listed("second") };
    const { first, cost } = await run(25, async (backend) => {
      const me = new Engine(backend);
      const ahead = me.inTurn(() => backend.prepare(dry[backend.self].correlations));
      const { a, b } = await inputs(me);
      const results = [
        await me.open(await me.mul(a, b)),
        await me.open(me.fixedOf(await me.numberOf(await me.less(a, b)))),
      ];
      await ahead;
      return { results, used: backend.used };
    });
    expectNear(
      first.results[0],
      each((i) => held(x[i]!) * held(y[i]!)),
    );
    expectNear(
      first.results[1],
      each((i) => Number(x[i]! < y[i]!)),
      0,
    );
    expect(first.used).toEqual(dry.first.correlations);
    // Made at one go for both calls, not once for each.
    expect(cost.byDirection["alice->bob"]!.toFirstOtCorrections!.bytes).toBeLessThanOrEqual(
      dry.first.out.toFirstOtCorrections!.bytes,
    );
  });

  it("shows nothing of a value that is printed", async () => {
    const { first } = await runEngines(23, async (me) => {
      const secret = await me.integers("first", { shape: [1], bound: 1e9 }, Float64Array.of(123456789));
      return (
        inspect(secret, { depth: 10, showHidden: true }) +
        JSON.stringify(secret, (_, v) => (typeof v === "bigint" ? String(v) : v))
      );
    });
    expect(first).not.toContain("123456789");
    expect(first).not.toContain("123_456_789");
    expect(first).toContain("words");
  });
});

describe("what does not fit", () => {
  const failing = (program: (me: Engine) => Promise<unknown>) => dryRun("first", seededSecrets(1, "dry"), program);
  const input = (me: Engine, bound: number, shape: readonly number[] = [4]) => me.fixed("first", { shape, bound });

  it.each<[string, (me: Engine) => Promise<unknown>]>([
    ["a product", async (me) => me.mul(await input(me, 3000), await input(me, 3000))],
    ["a square", async (me) => me.square(await input(me, 3000))],
    ["a sum of many", async (me) => me.sum(await input(me, 1e12, [4, 40]))],
    ["a matrix product", async (me) => me.matmul(await input(me, 100, [1, 900]), await input(me, 100, [900, 1]))],
    ["an input's bound", async (me) => input(me, 1e13)],
    ["a public factor", async (me) => me.times(await input(me, 1e6), 1e8)],
  ])("%s out of range is refused before anything is sent, with what would help", async (_, program) => {
    await expect(failing(program)).rejects.toMatchObject({
      code: "input.range",
      remedy: expect.stringMatching(/bounds/),
    });
  });

  it("names fraction bits that would do", async () => {
    await expect(failing(async (me) => me.square(await input(me, 3000)))).rejects.toMatchObject({
      remedy: expect.stringContaining("19 fraction bits"),
    });
    await dryRun("first", seededSecrets(1, "dry"), async (me) => me.square(await input(me, 3000)), { fraction: 19 });
  });

  it.each<[string, string, (me: Engine) => Promise<unknown>]>([
    [
      "shapes that do not go together",
      "input.shape",
      async (me) => me.mul(await input(me, 1), await input(me, 1, [5])),
    ],
    [
      "kinds that differ",
      "input.kind",
      async (me) => me.add(await input(me, 1), (await me.integers("first", { shape: [4], bound: 1 })) as never),
    ],
    ["a factor that is not whole", "input.value", async (me) => me.times(await input(me, 1), 1.5)],
    ["a public NaN", "input.range", async (me) => me.add(await input(me, 1), Number.NaN)],
    ["a shape that is too large", "input.shape", async (me) => input(me, 1, [2 ** 14, 2 ** 14])],
  ])("%s are refused", async (_, code, program) => {
    await expect(failing(program)).rejects.toMatchObject({ code });
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2.5]])(
    "an own input of %s is refused, its place told to its owner alone",
    async (value) => {
      const attempt = runEngines(24, (me) => me.fixed("first", { shape: [2], bound: 2 }, Float64Array.of(1, value)));
      await expect(attempt).rejects.toMatchObject({ cause: { code: "input.range", detail: { index: 1 } } });
    },
  );
});
