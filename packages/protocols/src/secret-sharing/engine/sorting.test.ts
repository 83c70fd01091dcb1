import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { runThree } from "../testing/three-parties.ts";
import { run, sent } from "../testing/two-parties.ts";
import { dryRun, Engine, groupSum, shuffle, sort } from "./index.ts";
import { permutingLayers, sortingLayers, switchesFor } from "./network.ts";

const KEYS = Float64Array.of(5, -3, 7, 5, 0, 12, -3, 5, 1, 7, 7);
const WEIGHTS = KEYS.map((_, i) => i + 0.5);
const COUNT = KEYS.length;

async function inputs(me: Engine) {
  return {
    key: await me.integers("first", { shape: [COUNT], bound: 20 }, me.self === "first" ? KEYS : undefined),
    weight: await me.fixed("second", { shape: [COUNT], bound: 20 }, me.self === "second" ? WEIGHTS : undefined),
  };
}
/** Every pair of sources of randomness differs, so that each party has a permutation of its own. */
const secretsOf = (me: Backend) => seededSecrets(8, me.self);

const sorted = async (backend: Backend) => {
  const me = new Engine(backend);
  const { key, weight } = await inputs(me);
  const { key: keys, columns } = await sort(me, key, [weight]);
  return { keys: await me.open(keys), weights: await me.open(columns[0]!) };
};
const shuffled = async (backend: Backend) => {
  const me = new Engine(backend);
  const { key, weight } = await inputs(me);
  const [keys, weights] = await shuffle(me, [key, weight], secretsOf(backend));
  return { keys: await me.open(keys!), weights: await me.open(weights!) };
};
const summed = async (backend: Backend) => {
  const me = new Engine(backend);
  const { key, weight } = await inputs(me);
  const groups = await groupSum(me, key, [weight], secretsOf(backend));
  const [keys, sums] = [await me.open(groups.key), await me.open(groups.sums[0]!)];
  return { keys, sums, counts: await me.open(groups.counts), present: await me.openFlags(groups.present) };
};

type Moved = Awaited<ReturnType<typeof sorted>>;
const pairsIn = ({ keys, weights }: Moved): string[] => Array.from(keys!, (key, i) => `${key}:${weights![i]}`);
const given = pairsIn({ keys: KEYS, weights: WEIGHTS });

/** Two parties, and three. */
const ways = [
  ["two", async <R>(seed: number, program: (me: Backend) => Promise<R>) => (await run(seed, program)).second],
  [
    "three",
    async <R>(seed: number, program: (me: Backend) => Promise<R>) => (await runThree(seed, program)).results.third,
  ],
] as const;

describe.each(ways)("moved elements among %s parties", (_, runs) => {
  it("are sorted, what belongs to them with them", async () => {
    const out = await runs(21, sorted);
    expect([...out.keys!]).toEqual([...KEYS].sort((a, b) => a - b));
    expect(pairsIn(out).sort()).toEqual([...given].sort());
  });

  it("are shuffled, all of them and together", async () => {
    const out = await runs(22, shuffled);
    expect(pairsIn(out)).not.toEqual(given);
    expect(pairsIn(out).sort()).toEqual([...given].sort());
  });

  it("are added up by their keys", async () => {
    const { keys, sums, counts, present } = await runs(23, summed);
    const groups = Array.from(present!.keys())
      .filter((i) => present![i] === 1)
      .map((i) => [keys![i]!, sums![i]!, counts![i]!])
      .sort((a, b) => a[0]! - b[0]!);
    const wanted = [...new Set(KEYS)]
      .sort((a, b) => a - b)
      .map((key) => {
        const own = [...WEIGHTS].filter((_, i) => KEYS[i] === key);
        return [key, own.reduce((sum, value) => sum + value, 0), own.length];
      });
    expect(groups).toEqual(wanted);
    for (const i of present!.keys()) if (present![i] === 0) expect([keys![i], sums![i], counts![i]]).toEqual([0, 0, 0]);
  });
});

describe("sorting", () => {
  it("costs what a dry run counts, whatever the keys are", async () => {
    const program = async (me: Engine) => {
      const { key, weight } = await inputs(me);
      await groupSum(me, key, [weight], seededSecrets(9, me.self));
    };
    const { cost } = await run(24, (backend) => program(new Engine(backend)));
    const dry = await dryRun("first", seededSecrets(9, "first"), program);
    expect(dry.out).toEqual(sent(cost.byDirection["alice->bob"]!));
    expect(dry.in).toEqual(sent(cost.byDirection["bob->alice"]!));
  });

  it("takes none and one, and refuses columns that do not fit", async () => {
    await run(25, async (backend) => {
      const me = new Engine(backend);
      for (const length of [0, 1]) {
        const column = me.constant("integer", new Float64Array(length).fill(4));
        expect(await me.open((await sort(me, column)).key)).toEqual(new Float64Array(length).fill(4));
        expect(await me.open((await shuffle(me, [column], secretsOf(backend)))[0]!)).toEqual(
          new Float64Array(length).fill(4),
        );
      }
      const [short, long] = [me.constant("integer", new Float64Array(2)), me.constant("integer", new Float64Array(3))];
      await expect(sort(me, short, [long])).rejects.toMatchObject({ code: "input.shape" });
    });
  });
});

describe("networks", () => {
  it("sort any number of elements", () => {
    for (let count = 0; count <= 12; count++) {
      const layers = sortingLayers(count);
      // Whatever sorts all columns of zeros and ones sorts (Knuth, 5.3.4, theorem Z).
      for (let bits = 0; bits < 2 ** count; bits++) {
        const values = Array.from({ length: count }, (_, i) => (bits >> i) & 1);
        for (const { low, high } of layers)
          low.forEach((a, i) => {
            const b = high[i]!;
            if (values[b]! < values[a]!) [values[a], values[b]] = [values[b]!, values[a]!];
          });
        if (values.some((value, i) => i > 0 && value < values[i - 1]!))
          expect.unreachable(`${count} elements, ${bits}`);
      }
    }
  });

  it("bring elements into any order", () => {
    const check = (sources: readonly number[]): void => {
      const places = sources.map((_, i) => i);
      const switches = switchesFor(sources);
      permutingLayers(sources.length).forEach(({ low, high }, layer) => {
        low.forEach((a, i) => {
          const b = high[i]!;
          if (switches[layer]![i] === 1) [places[a], places[b]] = [places[b]!, places[a]!];
        });
      });
      expect(places).toEqual(sources);
    };
    const orders = (rest: readonly number[]): number[][] =>
      rest.length === 0
        ? [[]]
        : rest.flatMap((one) => orders(rest.filter((each) => each !== one)).map((more) => [one, ...more]));
    for (const count of [1, 2, 4]) for (const order of orders(Array.from({ length: count }, (_, i) => i))) check(order);
    for (let seed = 1; seed < 40; seed++)
      check(Array.from({ length: 16 }, (_, i) => (i * 5 + seed * 3) % 16).reverse());
    check([3, 9, 14, 0, 5, 12, 1, 15, 7, 2, 11, 4, 10, 6, 13, 8]);
  });
});
