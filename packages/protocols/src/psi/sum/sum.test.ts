import { createHash } from "node:crypto";
import { systemSecrets } from "@tombolo/base";
import { generateHeKey } from "@tombolo/crypto";
import {
  atWindows,
  type Me,
  runWorld,
  seededSecrets,
  tamperEvery,
  type World,
  type WorldOptions,
} from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planNoise } from "../../noise/index.ts";
import { dummyPlan } from "../cardinality/index.ts";
import {
  type AttributeBounds,
  Figures,
  type GuestSums,
  guest,
  type HostSum,
  host,
  messages,
  type SumOptions,
  trafficBytes,
} from "./index.ts";

const digestsOf = (ids: readonly string[]): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(id).digest().subarray(0, 16)));
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

interface Input {
  readonly guest: readonly string[];
  readonly host: readonly string[];
  /** Attribute by attribute, in the host's order. */
  readonly values: readonly (readonly number[])[];
}
type Result = GuestSums | HostSum;

const BOUNDS: readonly AttributeBounds[] = [
  { lower: 0, upper: 1000 },
  { lower: -500, upper: 2 ** 40 },
];

/** Made once: what takes longest is no part of these tests. */
const keys = Promise.all([1, 2].map(() => generateHeKey({ scheme: "paillier" }, systemSecrets())));

async function play(me: Me, input: Input, changes: Partial<SumOptions> = {}): Promise<Result> {
  const options: SumOptions = {
    minimum: 1,
    noise: { kind: "none", epsilonMilli: 0 },
    hideFromHost: null,
    attributes: BOUNDS,
    revealCount: true,
    chunkRows: 3,
    key: (await keys)[me.id === "bank" ? 0 : 1]!,
    ...changes,
    secrets: me.secrets,
  };
  if (me.id === "bank")
    return guest(digestsOf(input.guest), await me.peer(messages, "guest", "telco", "host"), options);
  const values = input.values.map((each) => Float64Array.from(each));
  return host(digestsOf(input.host), values, await me.peer(messages, "host", "bank", "guest"), options);
}

const run = (input: Input, changes: Partial<SumOptions> = {}, world: WorldOptions = {}): Promise<World<Result>> =>
  runWorld(["bank", "telco"], { seed: 1, ...world }, (me) => play(me, input, changes));

const example = (guestIds: readonly string[], hostIds: readonly string[]): Input => ({
  guest: guestIds,
  host: hostIds,
  values: [hostIds.map((_, i) => (i * 37) % 1001), hostIds.map((_, i) => (i % 3 === 0 ? -500 : 2 ** 40 - i))],
});

/** The plaintext twin. */
function plain({ guest: own, host: theirs, values }: Input): { count: number; sums: bigint[] } {
  const matched = theirs.flatMap((id, row) => (own.includes(id) ? [row] : []));
  return {
    count: matched.length,
    sums: values.map((column) => matched.reduce((sum, row) => sum + BigInt(column[row]!), 0n)),
  };
}

const released = (world: World<Result>): { count: number | null; sums: readonly bigint[] } => {
  const { count, sums } = world.result("bank") as GuestSums;
  return { count, sums };
};

describe("private intersection-sum", () => {
  const cases: Record<string, Input> = {
    some: example(numbered(0, 10), numbered(6, 20)),
    all: example(numbered(0, 9), numbered(0, 9).reverse()),
    "one of one": example(["a"], ["a"]),
    "one of many": example(["id-17"], numbered(0, 20)),
    "many of one": example(numbered(0, 20), ["id-17"]),
  };
  for (const [name, input] of Object.entries(cases))
    it(`sums over ${name} at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => {
        const world = await run(input, {}, { window });
        expect(released(world)).toEqual(plain(input));
        expect((world.result("telco") as HostSum).seen).toBe(plain(input).count);
        expect(world.result("bank").partnerRows).toBe(input.host.length);
      }));

  it("equals the plaintext sums on any rows, bounds and options", async () => {
    const ids = fc.uniqueArray(fc.constantFrom(...numbered(0, 12)), { minLength: 1, maxLength: 10 });
    const bounds = fc.tuple(fc.integer({ min: -(2 ** 30), max: 0 }), fc.integer({ min: 0, max: 2 ** 30 }));
    await fc.assert(
      fc.asyncProperty(
        ids,
        ids,
        fc.array(bounds, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.boolean(),
        async (a, b, ends, seed, revealCount) => {
          const attributes = ends.map(([lower, upper]) => ({ lower, upper }));
          const values = attributes.map(({ lower, upper }, k) =>
            b.map((_, i) => lower + Math.floor((((seed + 7919 * (i + k)) % 1000) / 999) * (upper - lower))),
          );
          const input = { guest: a, host: b, values };
          const { count, sums } = plain(input);
          const world = await run(input, { attributes, revealCount }, { seed });
          if (count === 0) expect(world.error("bank").code).toBe("consent.minimum-matched");
          else expect(released(world)).toEqual({ count: revealCount ? count : null, sums });
        },
      ),
      { numRuns: 8 },
    );
  });

  it("is exact at the ends of its bounds", async () => {
    const attributes = [{ lower: -(2 ** 51), upper: 2 ** 51 }];
    for (const value of [-(2 ** 51), 2 ** 51, 0]) {
      const input = { guest: ["a", "b", "c"], host: ["a", "b", "c"], values: [[value, value, value]] };
      expect(released(await run(input, { attributes })).sums).toEqual([3n * BigInt(value)]);
    }
  });

  it("refuses fewer matches than the minimum before anyone has a sum", async () => {
    for (const input of [
      example(numbered(0, 5), numbered(1, 6)),
      example([], numbered(0, 3)),
      example(numbered(0, 3), []),
    ]) {
      const world = await run(input, { minimum: 5 });
      for (const party of ["bank", "telco"]) expect(world.error(party).code).toBe("consent.minimum-matched");
      expect(world.cost.byDirection["telco->bank"]).not.toHaveProperty("result");
    }
  });

  it("hides the count from the host, and keeps sums and count exact for the guest", async () => {
    const ids = numbered(0, 8);
    const input = example(ids, ids);
    const hideFromHost = 20_000;
    const world = await run(input, { hideFromHost });
    const { capacity } = dummyPlan(hideFromHost);
    const outcome = world.outcomes.bank!;
    expect(capacity).toBeGreaterThan(0);
    expect(
      outcome.ok && { count: (outcome.value as GuestSums).count, sums: (outcome.value as GuestSums).sums },
    ).toEqual(plain(input));
  });

  it("adds noise to all it releases where agreed", async () => {
    const input = example(numbered(0, 8), numbered(0, 8));
    const attributes = [
      { lower: 0, upper: 1000 },
      { lower: -500, upper: 500 },
    ];
    const values = [input.values[0]!, input.values[0]!.map((value) => value % 500)];
    const noise = { kind: "gaussian", epsilonMilli: 1000 } as const;
    const exact = plain({ ...input, values });
    const { count, sums } = released(await run({ ...input, values }, { attributes, noise, revealCount: false }));
    const sources = planNoise(noise.kind, noise.epsilonMilli, [1000n, 500n]);
    expect(count).toBeNull();
    sums.forEach((sum, k) => {
      const difference = sum - exact.sums[k]!;
      expect(difference).not.toBe(0n);
      expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(sources[k]!.bound);
    });
  });

  it("sends the rounds and bytes it declares", async () => {
    const { cost } = await run(example(numbered(0, 5), numbered(2, 9)), {}, { latencyMs: 150 });
    const bytes = (direction: string) => Object.values(cost.byDirection[direction]!).reduce((n, m) => n + m.bytes, 0);
    expect(cost.rounds).toBe(4);
    expect({ toGuest: bytes("telco->bank"), toHost: bytes("bank->telco") }).toEqual(
      trafficBytes({ guestRows: 5, hostRows: 7, dummies: 0, keyBits: 2048 }),
    );
  });

  it("refuses other sizes than agreed, and attributes that do not fit", async () => {
    const input = example(numbered(0, 3), numbered(0, 3));
    expect((await run(input, { partnerRowsMax: 2 })).error("bank").code).toBe("consent.rows");
    const many = Array.from({ length: 60 }, () => ({ lower: 0, upper: 2 ** 40 }));
    const values = many.map(() => [0, 0, 0]);
    expect((await run({ ...input, values }, { attributes: many })).error("bank").code).toBe("input.attributes");
    for (const bounds of [
      { lower: 1, upper: 2 },
      { lower: 0, upper: 2 ** 53 },
      { lower: 0.5, upper: 1 },
    ])
      expect((await run({ ...input, values: [[0, 0, 0]] }, { attributes: [bounds] })).error("bank").code).toBe(
        "input.bounds",
      );
  });
});

describe("figures", () => {
  it("keep slots apart and refuse totals that no honest rows give", () => {
    const figures = new Figures(
      [
        { lower: -3, upper: 4 },
        { lower: 0, upper: 1 },
      ],
      planNoise("none", 0, [4n, 1n]),
      10,
    );
    const values = [Float64Array.of(-3, 4, 0), Float64Array.of(1, 0, 1)];
    const total = [0, 1, 2].reduce((sum, row) => sum + figures.pack(values, row), 0n);
    const completed = total + figures.completion(3, seededSecrets(1, "figures"));
    expect(figures.unpack(completed)).toEqual([1n, 2n]);
    expect(() => figures.unpack(1n << BigInt(figures.bits))).toThrow(/bounds/);
    expect(() => figures.unpack((1n << BigInt(figures.bits)) - 1n)).toThrow(/bounds/);
    expect(() => figures.pack([Float64Array.of(5), Float64Array.of(0)], 0)).toThrow(RangeError);
  });
});

describe("tampering with any message", () => {
  const lost = "a changed id is another id, which nobody else has: fewer rows are summed, or it is refused";
  it("ends in an error, or in other sums", { timeout: 60_000 }, () =>
    tamperEvery<Result>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 1000,
      actions: ["flip", "drop", "duplicate"],
      run: (me) => play(me, example(numbered(0, 6), numbered(2, 10))),
      tolerated: {
        guestPoints: lost,
        hostRows: lost,
        masked: lost,
        guestOffer: "a flipped key may still be a key",
        hostOffer: "a flipped key may still be a key",
        result: "the host may return any sums",
      },
    }),
  );
});
