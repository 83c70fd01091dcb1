import { createHash } from "node:crypto";
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
import {
  type CountOptions,
  dummyPlan,
  type GuestCount,
  guest,
  type HostCount,
  host,
  messages,
  trafficBytes,
} from "./index.ts";

const digestsOf = (ids: readonly string[]): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(id).digest().subarray(0, 16)));
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

type Sets = readonly [readonly string[], readonly string[]];
type Result = GuestCount | HostCount;

async function play(me: Me, sets: Sets, changes: Partial<CountOptions> = {}): Promise<Result> {
  const options: CountOptions = {
    minimum: 1,
    noise: { kind: "none", epsilonMilli: 0 },
    hideFromHost: null,
    chunkRows: 3,
    ...changes,
    secrets: me.secrets,
  };
  if (me.id === "bank") return guest(digestsOf(sets[0]), await me.peer(messages, "guest", "telco", "host"), options);
  return host(digestsOf(sets[1]), await me.peer(messages, "host", "bank", "guest"), options);
}

const run = (sets: Sets, changes: Partial<CountOptions> = {}, world: WorldOptions = {}): Promise<World<Result>> =>
  runWorld(["bank", "telco"], { seed: 1, ...world }, (me) => play(me, sets, changes));

const counts = (world: World<Result>): [number, number] => [
  (world.result("bank") as GuestCount).count,
  (world.result("telco") as HostCount).seen,
];

describe("cardinality", () => {
  const cases: Record<string, Sets> = {
    some: [numbered(0, 20), numbered(13, 40)],
    all: [numbered(0, 9), numbered(0, 9).reverse()],
    "one of one": [["a"], ["a"]],
    "one of many": [["id-77"], numbered(0, 100)],
    "many of one": [numbered(0, 100), ["id-77"]],
  };
  for (const [name, sets] of Object.entries(cases))
    it(`counts ${name} at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => {
        const common = sets[0].filter((id) => sets[1].includes(id)).length;
        const world = await run(sets, {}, { window });
        expect(counts(world)).toEqual([common, common]);
        expect(world.result("bank").partnerRows).toBe(sets[1].length);
        expect(world.result("telco").partnerRows).toBe(sets[0].length);
      }));

  it("equals the plaintext count on any sets, hidden from the host or not", async () => {
    const ids = fc.uniqueArray(fc.constantFrom(...numbered(0, 30)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(ids, ids, fc.nat(), fc.boolean(), async (a, b, seed, hidden) => {
        const hideFromHost = hidden ? 50_000 : null;
        const common = a.filter((id) => b.includes(id)).length;
        const outcome = (await run([a, b], { hideFromHost }, { seed })).outcomes.bank!;
        if (outcome.ok) expect((outcome.value as GuestCount).count).toBe(common);
        else expect(common).toBeLessThan(1 + dummyPlan(hideFromHost).capacity);
        if (!hidden) expect(outcome.ok).toBe(common > 0);
      }),
      { numRuns: 20 },
    );
  });

  it("refuses fewer matches than the minimum before the guest has a count, also of empty sets", async () => {
    for (const sets of [
      [numbered(0, 5), numbered(1, 6)],
      [[], numbered(0, 3)],
      [numbered(0, 3), []],
      [[], []],
    ] as Sets[]) {
      const world = await run(sets, { minimum: 5 });
      for (const party of ["bank", "telco"]) expect(world.error(party).code).toBe("consent.minimum-matched");
      expect(world.cost.byDirection["telco->bank"]).not.toHaveProperty("count");
    }
    expect(counts(await run([numbered(0, 5), numbered(0, 6)], { minimum: 5 }))).toEqual([5, 5]);
  });

  it("hides the count from the host among dummies, and holds the minimum for sure", async () => {
    const hideFromHost = 2000;
    const { capacity, draw } = dummyPlan(hideFromHost);
    const secrets = seededSecrets(5, "dummies");
    for (let i = 0; i < 1000; i++) expect(draw(secrets)).toSatisfy((d: number) => d >= 0 && d <= capacity);
    const ids = numbered(0, 60);
    const seen = new Set<number>();
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const world = await run([ids, ids], { hideFromHost }, { seed });
      expect((world.result("bank") as GuestCount).count).toBe(60);
      seen.add((world.result("telco") as HostCount).seen);
    }
    expect(seen.size).toBeGreaterThan(1);
    expect((await run([ids, ids], { hideFromHost, minimum: 61 })).error("bank").code).toBe("consent.minimum-matched");
  });

  it("releases a count with noise where agreed", async () => {
    const ids = numbered(0, 30);
    const noise = { kind: "laplace", epsilonMilli: 200 } as const;
    const released = new Set<number>();
    for (const seed of [1, 2, 3, 4]) {
      const [count, seen] = counts(await run([ids, ids], { noise }, { seed }));
      expect(seen).toBe(30);
      expect(Math.abs(count - 30)).toBeLessThan(150);
      released.add(count);
    }
    expect(released.size).toBeGreaterThan(1);
  });

  it("sends the rounds and bytes it declares", async () => {
    for (const hideFromHost of [null, 20_000]) {
      const ids = numbered(0, 12);
      const { cost } = await run([ids.slice(2), ids], { hideFromHost, minimum: 1 }, { latencyMs: 150 });
      const dummies = dummyPlan(hideFromHost).capacity;
      const bytes = (direction: string) => Object.values(cost.byDirection[direction]!).reduce((n, m) => n + m.bytes, 0);
      expect(cost.rounds).toBe(4);
      expect({ toGuest: bytes("telco->bank"), toHost: bytes("bank->telco") }).toEqual(
        trafficBytes({ guestRows: 10, hostRows: 12, dummies }),
      );
    }
  });

  it("refuses a partner outside the agreed sizes before any id leaves, and options without meaning", async () => {
    for (const limits of [{ partnerRowsMax: 9 }, { partnerRowsMin: 11 }]) {
      const world = await run([numbered(0, 10), numbered(0, 10)], limits);
      for (const party of ["bank", "telco"]) expect(world.error(party).code).toBe("consent.rows");
      expect(world.cost.byDirection["bank->telco"]).not.toHaveProperty("guestPoints");
    }
    expect((await run([["a"], ["a"]], { minimum: 0 })).error("bank").code).toBe("input.minimum");
    expect((await run([["a"], ["a"]], { chunkRows: 0 })).error("bank").code).toBe("input.chunk-rows");
  });
});

describe("tampering with any message", () => {
  const lost = "a changed id is another id, which nobody else has: the count is smaller, or refused";
  it("ends in an error, or in a smaller count", () =>
    tamperEvery<Result>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => play(me, [numbered(0, 6), numbered(2, 10)]),
      check(world, name) {
        const outcome = world.outcomes.bank!;
        if (outcome.ok && name !== "count") expect((outcome.value as GuestCount).count).toBeLessThanOrEqual(4);
      },
      tolerated: { guestPoints: lost, hostPoints: lost, doubled: lost, count: "the host may return any count" },
    }));
});
