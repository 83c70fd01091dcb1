import { seededSampling } from "@tombolo/base";
import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { dryRun, type Engine, type Fixed } from "../engine/index.ts";
import { runEngines } from "../testing/two-parties.ts";
import { divide, exp, log, reciprocal, sigmoid, softmax, sqrt, tanh } from "./index.ts";

const UNIT = 2 ** -20;
const sampling = seededSampling(17);

/** Spread evenly over the range, or over its orders of magnitude; with both ends, and values as they are held. */
const evenly = (from: number, to: number, count: number): Float64Array =>
  held(Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1)));
const magnitudes = (from: number, to: number, count: number): Float64Array =>
  held(Float64Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1))));
const held = (values: Float64Array): Float64Array => values.map((value) => Math.round(value / UNIT) * UNIT);

interface Case {
  readonly name: string;
  readonly inputs: Float64Array;
  readonly bound: number;
  readonly secret: (me: Engine, x: Fixed) => Promise<Fixed>;
  readonly plain: (x: number) => number;
  /** Allowed units of the last place, and part of the result. */
  readonly units: number;
  readonly part: number;
}

const COUNT = 96;
const CASES: readonly Case[] = [
  {
    name: "sigmoid",
    inputs: evenly(-20, 20, 161),
    bound: 1000,
    secret: (me, x) => sigmoid(me, x),
    plain: (x) => 1 / (1 + Math.exp(-x)),
    units: 1.5,
    part: 0,
  },
  {
    name: "sigmoid far out",
    inputs: evenly(-1000, 1000, 9),
    bound: 1000,
    secret: (me, x) => sigmoid(me, x),
    plain: (x) => 1 / (1 + Math.exp(-x)),
    units: 1.5,
    part: 0,
  },
  {
    name: "sigmoid, fast",
    inputs: Float64Array.of(...evenly(-9, 9, 217), ...evenly(-1000, 1000, 11)),
    bound: 1000,
    secret: (me, x) => sigmoid(me, x, { precision: "fast" }),
    plain: (x) => 1 / (1 + Math.exp(-x)),
    units: 0.005 / UNIT,
    part: 0,
  },
  { name: "tanh", inputs: evenly(-10, 10, 81), bound: 10, secret: tanh, plain: Math.tanh, units: 3, part: 0 },
  {
    name: "exp",
    inputs: evenly(-20, 10, COUNT),
    bound: 20,
    secret: (me, x) => exp(me, x),
    plain: (x) => Math.exp(Math.min(x, 10)),
    units: 1.5,
    part: 2 ** -21,
  },
  {
    name: "exp of what is not above 0",
    inputs: evenly(-30, 0, COUNT),
    bound: 30,
    secret: (me, x) => exp(me, x, { most: 0 }),
    plain: Math.exp,
    units: 1.5,
    part: 2 ** -22,
  },
  {
    name: "exp of what is known to be no larger",
    inputs: evenly(-30, 0, COUNT),
    bound: 30,
    secret: (me, x) => exp(me, x, { most: 0, within: true }),
    plain: Math.exp,
    units: 1.5,
    part: 2 ** -22,
  },
  {
    name: "exp, bounded above",
    inputs: evenly(-3, 3, 30),
    bound: 100,
    secret: (me, x) => exp(me, x, { most: 2 }),
    plain: (x) => Math.exp(Math.min(x, 2)),
    units: 1.5,
    part: 2 ** -22,
  },
  {
    name: "reciprocal",
    inputs: magnitudes(2 ** -10, 2 ** 20, COUNT),
    bound: 2 ** 20,
    secret: (me, x) => reciprocal(me, x, { least: 2 ** -10 }),
    plain: (x) => 1 / x,
    units: 1.01,
    part: 2 ** -23,
  },
  {
    name: "reciprocal over a narrow range",
    inputs: evenly(1, 2, 50),
    bound: 2,
    secret: (me, x) => reciprocal(me, x, { least: 1 }),
    plain: (x) => 1 / x,
    units: 1.01,
    part: 2 ** -23,
  },
  {
    name: "sqrt",
    inputs: Float64Array.of(0, UNIT, 2 * UNIT, ...magnitudes(2 ** -18, 2 ** 20, COUNT)),
    bound: 2 ** 20,
    secret: sqrt,
    plain: Math.sqrt,
    units: 1.1,
    part: 2 ** -24,
  },
  {
    name: "log",
    inputs: magnitudes(2 ** -10, 2 ** 20, COUNT),
    bound: 2 ** 20,
    secret: (me, x) => log(me, x, { least: 2 ** -10 }),
    plain: Math.log,
    units: 1.2,
    part: 0,
  },
];

describe("functions of secrets", () => {
  it.each(CASES)(
    "$name is within its stated error over its range",
    async ({ inputs, bound, secret, plain, units, part }) => {
      const { first } = await runEngines(30, async (me) => {
        const x = await me.fixed("second", { shape: [inputs.length], bound }, inputs);
        const result = await secret(me, x);
        return { opened: await me.open(result), bound: result.bound };
      });
      const excess = Array.from(inputs, (x, i) => {
        const [got, wanted] = [first.opened![i]!, plain(x)];
        expect(Math.abs(got)).toBeLessThanOrEqual(first.bound);
        return { x, got, wanted, units: (Math.abs(got - wanted) - part * Math.abs(wanted)) / UNIT };
      });
      const worst = excess.reduce((most, each) => (each.units > most.units ? each : most));
      expect(worst, JSON.stringify(worst)).toSatisfy(() => worst.units <= units);
    },
  );

  it("divides within its stated error", async () => {
    const b = magnitudes(2 ** -8, 1000, COUNT);
    const a = held(Float64Array.from(b, () => (2 * sampling.next() - 1) * 1000));
    const { first } = await runEngines(31, async (me) => {
      const x = await me.fixed("first", { shape: [COUNT], bound: 1000 }, a);
      const y = await me.fixed("second", { shape: [COUNT], bound: 1000 }, b);
      return me.open(await divide(me, x, y, { least: 2 ** -8 }));
    });
    a.forEach((value, i) => {
      const wanted = value / b[i]!;
      const allowed = 1.01 * (1 + 1 / b[i]!) * UNIT + Math.abs(wanted) * 2 ** -23;
      expect(Math.abs(first![i]! - wanted), `${value} / ${b[i]}`).toBeLessThanOrEqual(allowed);
    });
  });

  it.each([2, 3, 5])("softmax of %i numbers is within its stated error, however far apart they are", async (count) => {
    const vectors = 40;
    const values = held(
      Float64Array.from({ length: count * vectors }, (_, i) => {
        const spread = [0, 0.1, 3, 20, 900][(i % vectors) % 5]!;
        return (2 * sampling.next() - 1) * spread + (i % 7 === 0 ? spread / 3 : 0);
      }),
    ).map((value) => Math.max(-900, Math.min(900, value)));
    const { first } = await runEngines(33, async (me) => {
      const x = await me.fixed("second", { shape: [count * vectors], bound: 900 }, values);
      const result = await softmax(me, x, count);
      return { opened: (await me.open(result))!, bound: result.bound };
    });
    for (let i = 0; i < vectors; i++) {
      const own = Array.from({ length: count }, (_, c) => values[c * vectors + i]!);
      const top = Math.max(...own);
      const sum = own.reduce((all, z) => all + Math.exp(z - top), 0);
      own.forEach((z, c) => {
        const [got, wanted] = [first.opened[c * vectors + i]!, Math.exp(z - top) / sum];
        expect(Math.abs(got - wanted) - 2 ** -21 * wanted).toBeLessThanOrEqual((1.5 * count + 5) * UNIT);
        expect(Math.abs(got)).toBeLessThanOrEqual(first.bound);
      });
    }
  });

  it("softmax refuses what are no vectors of so many", async () => {
    const program = async (me: Engine) => softmax(me, await me.fixed("first", { shape: [7], bound: 1 }), 3);
    await expect(dryRun("first", seededSecrets(1, "dry"), program)).rejects.toMatchObject({ code: "input.shape" });
  });

  it("works with other fraction bits", async () => {
    const inputs = Float64Array.of(-3, -0.5, 0, 0.25, 2);
    const { first } = await runEngines(
      32,
      async (me) => {
        const x = await me.fixed("first", { shape: [5], bound: 3 }, inputs);
        const above = me.add(x, 4);
        return [
          await me.open(await sigmoid(me, x)),
          await me.open(await exp(me, x)),
          await me.open(await log(me, above, { least: 1 })),
        ];
      },
      { fraction: 14 },
    );
    inputs.forEach((x, i) => {
      expect(Math.abs(first[0]![i]! - 1 / (1 + Math.exp(-x)))).toBeLessThan(3 * 2 ** -14);
      expect(Math.abs(first[1]![i]! - Math.exp(x))).toBeLessThan((2 + Math.exp(x)) * 2 ** -14);
      expect(Math.abs(first[2]![i]! - Math.log(x + 4))).toBeLessThan(3 * 2 ** -14);
    });
  });

  it.each<[string, (me: Engine, x: Fixed) => Promise<unknown>, number]>([
    ["a divisor that may be 0", (me, x) => reciprocal(me, x, { least: 0 }), 10],
    ["a range of divisors wider than words", (me, x) => reciprocal(me, x, { least: UNIT }), 2 ** 35],
    ["a quotient that may be too large", (me, x) => divide(me, x, x, { least: 2 ** -20 }), 2 ** 20],
    ["an exponent whose power does not fit", (me, x) => exp(me, x, { most: 15 }), 20],
    ["arguments of the sigmoid that do not fit its work", (me, x) => sigmoid(me, x), 2 ** 38],
    ["a logarithm of what may be below the least number held", (me, x) => log(me, x, { least: 2 ** -21 }), 10],
  ])("%s is refused before anything is sent", async (_, compute, bound) => {
    const program = async (me: Engine) => compute(me, await me.fixed("first", { shape: [1], bound }));
    await expect(dryRun("first", seededSecrets(1, "dry"), program)).rejects.toMatchObject({ code: "input.range" });
  });
});
