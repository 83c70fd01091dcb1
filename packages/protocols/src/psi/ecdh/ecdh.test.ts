import { atWindows, type Me, runWorld, seededSecrets, type World, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultIdRules, encodeIds, strictIdPolicy } from "../ids/index.ts";
import { guest, host, messages, type PsiOptions, type PsiResult, trafficBytes } from "./index.ts";

/** Party i's ids are sets[i]; party 0 is the guest. */
type Sets = readonly (readonly string[])[];
const names = (sets: Sets): string[] => sets.map((_, i) => `party-${i}`);

async function match(me: Me, sets: Sets, options: Partial<PsiOptions> = {}): Promise<PsiResult> {
  const column = sets[me.parties.indexOf(me.id)]!;
  const ids = encodeIds([{ column, rules: defaultIdRules }], strictIdPolicy);
  const settings = { chunkRows: 3, hostCount: sets.length - 1, ...options, secrets: me.secrets };
  const [first, ...others] = me.parties as [string, ...string[]];
  if (me.id !== first) return host(ids, await me.peer(messages, "host", first, "guest"), settings);
  const hosts = await Promise.all(others.map((id) => me.peer(messages, "guest", id, "host")));
  return guest(ids, hosts, settings);
}

const run = (sets: Sets, world: WorldOptions = {}, options: Partial<PsiOptions> = {}): Promise<World<PsiResult>> =>
  runWorld(names(sets), { seed: 1, ...world }, (me) => match(me, sets, options));

const matchedIds = (world: World<PsiResult>, sets: Sets, i: number): string[] =>
  Array.from(world.result(`party-${i}`).rows, (row) => sets[i]![row]!);

/** The plaintext twin. */
const intersection = (sets: Sets): string[] => sets[0]!.filter((id) => sets.every((set) => set.includes(id)));

function expectMatched(world: World<PsiResult>, sets: Sets): void {
  const joint = matchedIds(world, sets, 0);
  expect([...joint].sort()).toEqual([...intersection(sets)].sort());
  sets.forEach((_, i) => {
    expect(matchedIds(world, sets, i)).toEqual(joint);
  });
}

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

/** Two hosts with the same ids. */
const star = ([guests, hosts]: readonly [readonly string[], readonly string[]]): Sets => [guests, hosts, hosts];

describe("ECDH-PSI in a star", () => {
  const cases: Record<string, readonly [string[], string[]]> = {
    "some ids": [numbered(0, 20), numbered(13, 40)],
    "no rows at the guest": [[], numbered(0, 5)],
    "no rows at the host": [numbered(0, 5), []],
    "no rows at all": [[], []],
    "one row, equal": [["a"], ["a"]],
    "one row, different": [["a"], ["b"]],
    "all ids": [numbered(0, 9), numbered(0, 9).reverse()],
    "no id": [numbered(0, 9), numbered(9, 20)],
    "ids of all scripts": [
      ["张三", "Ünal", "😀", "a\u0301", " b"],
      ["😀", "á", "b", "李四"],
    ],
  };
  for (const [name, two] of Object.entries(cases))
    it(`finds ${name} at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => {
        const sets = star(two);
        const world = await run(sets, { window });
        const normal = sets.map((set) => set.map((id) => id.trim().normalize("NFC")));
        expectMatched(world, normal);
        expect(world.result("party-0").partnerRows).toEqual([two[1].length, two[1].length]);
        expect(world.result("party-1").partnerRows).toEqual([two[0].length]);
      }));

  it("orders the rows anew in each run, whatever the input's order", async () => {
    const sets = star([numbered(0, 40), numbered(0, 40)]);
    const order = async (seed: number) => matchedIds(await run(sets, { seed }), sets, 0).join();
    const orders = await Promise.all([1, 2, 3].map(order));
    expect(new Set([...orders, sets[0]!.join(), [...sets[0]!].sort().join()]).size).toBe(5);
  });

  it("gives the same order whatever the order of anyone's rows", async () => {
    const sets = star([numbered(0, 30), numbered(10, 40)]);
    const turned = sets.map((set) => set.toReversed());
    expect(matchedIds(await run(turned), turned, 0)).toEqual(matchedIds(await run(sets), sets, 0));
  });

  it("refuses a partner outside the agreed sizes before any id leaves", async () => {
    for (const limits of [{ partnerRowsMax: 9 }, { partnerRowsMin: 11 }]) {
      const world = await run(star([numbered(0, 10), numbered(0, 10)]), {}, limits);
      expect(world.error("party-0").code).toBe("consent.rows");
      expect(world.error("party-1").code).toBe("consent.rows");
      expect(world.cost.byDirection["party-0->party-1"]).toBeUndefined();
    }
  });

  it("needs two hosts, and chunks of a sensible size", async () => {
    const ids = encodeIds([{ column: ["a"], rules: defaultIdRules }], strictIdPolicy);
    const secrets = seededSecrets(1, "guest");
    await expect(guest(ids, [], { secrets, hostCount: 0 })).rejects.toMatchObject({ code: "input.parties" });
    await expect(guest(ids, [], { secrets, hostCount: 2 })).rejects.toMatchObject({ code: "input.parties" });
    const world = await run(star([["a"], ["a"]]), {}, { chunkRows: 0 });
    expect(world.error("party-0").code).toBe("input.chunk-rows");
  });

  it("reports progress up to its total", async () => {
    const seen: Record<string, number[]> = { "party-0": [], "party-1": [], "party-2": [] };
    const sets = star([numbered(0, 10), numbered(5, 12)]);
    await runWorld(names(sets), { seed: 1 }, (me) =>
      match(me, sets, { progress: ({ done, total }) => seen[me.id]!.push(done / total) }),
    );
    for (const id of names(sets)) {
      expect(seen[id]).toEqual([...seen[id]!].sort((a, b) => a - b));
      expect(seen[id]!.at(-1)).toBe(1);
    }
  });
});

describe("ECDH-PSI of several parties", () => {
  for (const parties of [3, 5])
    it(`finds what all ${parties} have, at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => {
        const sets = Array.from({ length: parties }, (_, i) => numbered(i, 20 + 2 * i));
        const world = await run(sets, { window });
        expectMatched(world, sets);
        expect(world.result("party-0").partnerRows).toEqual(sets.slice(1).map((set) => set.length));
        expect(world.result("party-1").partnerRows).toEqual([20]);
        expect(world.cost.rounds).toBe(6);
      }));

  it("equals the plaintext intersection on any sets", async () => {
    const ids = fc.uniqueArray(fc.constantFrom(...numbered(0, 12)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(ids, ids, ids), fc.nat(), async (sets, seed) =>
        expectMatched(await run(sets, { seed }), sets),
      ),
      { numRuns: 20 },
    );
  });

  it("keeps the line to a quick host warm while a slow one works", async () => {
    const sets = [numbered(0, 2), numbered(0, 2), numbered(0, 400)];
    const world = await run(sets);
    expectMatched(world, sets);
    expect(world.cost.byDirection["party-0->party-1"]!.waiting!.messages).toBeGreaterThan(5);
    expect(world.cost.rounds).toBe(6);
  });

  it("sends the bytes it declares", async () => {
    const sets = [numbered(0, 10), numbered(5, 40), numbered(0, 8)];
    const { cost } = await run(sets);
    for (const i of [1, 2]) {
      const declared = trafficBytes({ guestRows: 10, hostRows: sets[i]!.length, matched: 3, hostCount: 2 });
      const bytes = (direction: string) => Object.values(cost.byDirection[direction]!).reduce((n, m) => n + m.bytes, 0);
      expect(bytes(`party-${i}->party-0`)).toBe(declared.toGuest);
      expect(bytes(`party-0->party-${i}`)).toBe(declared.toHost);
    }
  });
});
