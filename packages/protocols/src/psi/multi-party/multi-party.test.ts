import { concat, toHex } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, type World, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addBlocks, oprfReceiver, oprfSender, receiveHints } from "../../opprf/index.ts";
import { plainNamed } from "../../renamed.ts";
import { guest, guestTraffic, host, hostTraffic, type MultiPartyOptions, messages } from "./index.ts";
import type { ToEarlier, ToLater } from "./messages.ts";
import { functionOptions, Sum, startRun, zeros } from "./steps.ts";

/** Party i's items; party 0 is the guest. */
type Sets = readonly (readonly number[])[];
type Options = Partial<MultiPartyOptions>;

const item = (i: number): Uint8Array => {
  const out = new Uint8Array(BLOCK_BYTES);
  new DataView(out.buffer).setUint32(5, i, false);
  return out;
};
const itemsOf = (numbers: readonly number[]): Uint8Array => concat(...numbers.map(item));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `party-${i}`);

async function match(me: Me, sets: Sets, given: Options = {}): Promise<Uint32Array> {
  const place = me.parties.indexOf(me.id);
  const digests = itemsOf(sets[place]!);
  const counts = sets.map((set) => set.length);
  const options = { secrets: me.secrets, binding: new Uint8Array(32).fill(9), counts, ...given };
  const [first, ...hosts] = me.parties as [string, ...string[]];
  if (place === 0)
    return guest(digests, await Promise.all(hosts.map((id) => me.peer(messages, "guest", id, "host"))), options);
  const [peer, earlier, later] = await Promise.all([
    me.peer(messages, "host", first, "guest"),
    Promise.all(hosts.slice(0, place - 1).map((id) => me.peer(messages, "later host", id, "earlier host"))),
    Promise.all(hosts.slice(place).map((id) => me.peer(messages, "earlier host", id, "later host"))),
  ]);
  return host(digests, peer, { earlier, later }, options);
}

const run = (sets: Sets, world: WorldOptions = {}, options: Options = {}): Promise<World<Uint32Array>> =>
  runWorld(names(sets.length), { seed: 1, ...world }, (me) => match(me, sets, options));

const matchedOf = (world: World<Uint32Array>, sets: Sets, place: number): number[] =>
  Array.from(world.result(`party-${place}`), (at) => sets[place]![at]!);

/** The plaintext twin. */
const intersection = (sets: Sets): number[] => sets[0]!.filter((each) => sets.every((set) => set.includes(each)));

function expectMatched(world: World<Uint32Array>, sets: Sets): void {
  const expected = intersection(sets).sort((a, b) => a - b);
  for (const place of sets.keys()) {
    const positions = [...world.result(`party-${place}`)];
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(matchedOf(world, sets, place).sort((a, b) => a - b)).toEqual(expected);
  }
}

describe("multi-party PSI", () => {
  const cases: Record<string, Sets> = {
    "some items of two": [range(0, 50), range(30, 100)],
    "some items of three": [range(0, 50), range(30, 100), range(20, 45).reverse()],
    "what pairs share but not all": [range(0, 20), range(10, 30), [...range(0, 10), ...range(20, 30)]],
    "all items of five": Array.from({ length: 5 }, () => range(0, 12)),
    "one item of five": [[1, 2, 3], [3, 4], [3], [5, 3, 1], range(0, 9)],
    "what all but one host have": [range(0, 9), range(0, 9), range(0, 9), range(9, 18), range(0, 9)],
    "nothing at the guest": [[], range(0, 5), range(0, 5)],
    "nothing at a host": [range(0, 5), [], range(0, 5)],
    "nothing at all": [[], [], []],
    "one row each, equal": [[7], [7], [7]],
    "one row each, different": [[7], [7], [8]],
  };
  for (const [name, sets] of Object.entries(cases))
    it(`finds ${name} at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => expectMatched(await run(sets, { window }), sets)));

  it("equals the plaintext intersection on any sets of 3 to 5 parties", async () => {
    const numbers = fc.uniqueArray(fc.nat(12), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { minLength: 3, maxLength: 5 }), fc.nat(), async (sets, seed) =>
        expectMatched(await run(sets, { seed }), sets),
      ),
      { numRuns: 5 },
    );
  });

  it("finds what three have among 10^5 rows", async () => {
    const sets = [range(0, 100_000), range(40_000, 140_000), [...range(0, 50_000), ...range(200_000, 250_000)]];
    const found = await run(sets, { deadlineMs: 60_000 });
    for (const place of sets.keys()) {
      const matched = matchedOf(found, sets, place);
      expect(matched.length).toBe(10_000);
      expect(matched.every((each) => each >= 40_000 && each < 50_000)).toBe(true);
    }
  }, 60_000);

  it("tells only those that are to learn", async () => {
    const sets = [range(0, 30), range(20, 60), range(10, 40)];
    const world = await run(sets, {}, { receivers: [0, 2] });
    expect(matchedOf(world, sets, 0)).toEqual(range(20, 30));
    expect(matchedOf(world, sets, 2)).toEqual(range(20, 30));
    expect(world.result("party-1")).toHaveLength(0);
    expect(world.cost.byDirection["party-0->party-1"]).not.toHaveProperty("inAll");
    expect((await run(sets, {}, { receivers: [1, 2] })).error("party-0").code).toBe("input.receivers");
  });

  it("sends the rounds and bytes it declares", async () => {
    for (const [sets, rounds] of [
      [[range(0, 70), range(50, 75)], 4],
      [[range(0, 900), range(100, 800)], 6],
      // The meter takes all that a party has from anyone for what it sends next: upper bounds.
      [[range(0, 70), range(50, 75), range(60, 90)], 10],
      [[range(0, 900), range(100, 800), range(500, 1500)], 14],
      [[range(0, 30), range(10, 40), range(20, 35), range(0, 50)], 14],
    ] as const) {
      const { cost } = await run(sets);
      if (sets.length === 2) expect(cost.rounds).toBe(rounds);
      else expect(cost.rounds).toBeLessThanOrEqual(rounds);
      const counts = sets.map((set) => set.length);
      const matched = intersection(sets).length;
      const between = (one: number, other: number): number =>
        [`party-${one}->party-${other}`, `party-${other}->party-${one}`]
          .flatMap((direction) => Object.values(cost.byDirection[direction] ?? {}))
          .reduce((sum, { bytes }) => sum + bytes, 0);
      for (let place = 1; place < sets.length; place++) {
        expect(between(0, place)).toBe(guestTraffic(counts, place, matched));
        for (let other = place + 1; other < sets.length; other++)
          expect(between(place, other)).toBe(hostTraffic(counts, place, other));
      }
    }
  });

  it("sends nothing that depends on which rows match but the matches", async () => {
    const bytesOf = async (sets: Sets) => {
      const { byDirection } = (await run(sets)).cost;
      return Object.fromEntries(Object.entries(byDirection).map(([way, { inAll: _, ...rest }]) => [way, rest]));
    };
    const none = await bytesOf([range(0, 40), range(40, 80), range(80, 120)]);
    expect(await bytesOf([range(0, 40), range(0, 40), range(80, 120)])).toEqual(none);
    expect(await bytesOf([range(0, 40), range(0, 40), range(0, 40)])).toEqual(none);
  });

  it("sends the same whatever the order of a party's rows", async () => {
    const seen = async (sets: Sets): Promise<string[]> => {
      const out: string[] = [];
      const tamper: WorldOptions["tamper"] = ({ from, to, frame }) => {
        if (from === "party-0" && to === "party-1" && frame.length > 100) out.push(toHex(frame));
        return [frame];
      };
      await run(sets, { tamper });
      return out;
    };
    const frames = await seen([range(0, 20), range(5, 25), range(0, 25)]);
    const turned = await seen([range(0, 20), range(5, 25).reverse(), range(0, 25).reverse()]);
    expect(frames.at(-1)).toBe(turned.at(-1));
  });

  it("refuses other numbers of parties or rows than agreed", async () => {
    const sets = [range(0, 3), range(0, 3), range(0, 3)];
    expect((await run(sets, {}, { counts: [3, 3] })).error("party-0").code).toBe("input.parties");
    const world = await run(sets, {}, { counts: [3, 3, 6 * 2 ** 20] });
    expect(world.error("party-0").code).toBe("input.rows");
  });

  it("reports progress up to the end", async () => {
    const seen: number[] = [];
    await run([range(0, 5), range(0, 5), range(0, 5)], {}, { progress: (share) => seen.push(share) });
    expect(seen.filter((share) => share === 1)).toHaveLength(3);
    expect(seen.every((share) => share > 0 && share <= 1)).toBe(true);
  });
});

describe("what a coalition sees", () => {
  /** Of the parties 0, the guest, and 1: for each item of the guest, what is left of party 2's value when all they know is taken off. */
  async function rests(sets: Sets, seed: number): Promise<Uint8Array[]> {
    const items = sets.map(itemsOf);
    const options = (me: Me) => ({
      secrets: me.secrets,
      binding: new Uint8Array(32).fill(9),
      counts: sets.map((set) => set.length),
    });
    const curiousGuest = async (me: Me): Promise<Uint8Array[]> => {
      const run = startRun(items[0]!, 0, 2, options(me));
      const [one, two] = await Promise.all([1, 2].map((i) => me.peer(messages, "guest", `party-${i}`, "host")));
      await oprfReceiver(items[0]!, one!, await functionOptions(run, 1, 0));
      const rest = await oprfReceiver(items[0]!, two!, await functionOptions(run, 2, 0)); // F_20
      await addBlocks(rest, await receiveHints(items[0]!, sets[2]!.length, two!, run.failureBits)); // S_2
      await two!.sendEach("inAll", []);
      return [rest];
    };
    const curiousHost = async (me: Me): Promise<Uint8Array[]> => {
      const run = startRun(items[1]!, 1, 2, options(me));
      const peer = await me.peer(messages, "host", "party-0", "guest");
      const other = await me.peer(messages, "earlier host", "party-2", "later host");
      await oprfSender(items[1]!, sets[0]!.length, peer, await functionOptions(run, 1, 0));
      const answering = plainNamed<"earlier", ToEarlier, "earlier host">("earlier", other);
      const known = await oprfReceiver(items[1]!, answering, await functionOptions(run, 2, 1)); // F_21, of own items
      const asking = plainNamed<"later", ToLater, "earlier host">("later", other);
      // It has the key of F_12, and so F_12 of the guest's items too.
      const all = await oprfSender(items[0]!, sets[2]!.length, asking, await functionOptions(run, 1, 2));
      return [all, known];
    };
    const world = await runWorld<Uint8Array[] | Uint32Array>(names(3), { seed }, (me) => {
      if (me.id === "party-0") return curiousGuest(me);
      return me.id === "party-1" ? curiousHost(me) : match(me, sets);
    });
    const [rest] = world.result("party-0") as Uint8Array[];
    const [all, known] = world.result("party-1") as Uint8Array[];
    await addBlocks(rest!, all!);
    return sets[0]!.map((each, i) => {
      const [own, at] = [rest!.slice(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1)), sets[1]!.indexOf(each)];
      const value = known!.subarray(BLOCK_BYTES * at, BLOCK_BYTES * (at + 1));
      return at < 0 ? own : own.map((byte, j) => byte ^ value[j]!);
    });
  }

  it("of an item that one of its own parties lacks is random, whether the honest party has it or not", async () => {
    // All have 0..9; party 1 lacks 10..29, of which the honest party 2 has 10..19.
    const sets = [range(0, 30), range(0, 10), range(0, 20)];
    const [first, again] = [await rests(sets, 1), await rests(sets, 2)];
    const isZero = (block: Uint8Array): boolean => block.every((byte) => byte === 0);
    expect(first.map(isZero)).toEqual(range(0, 30).map((each) => each < 10));
    const random = [...first.slice(10), ...again.slice(10)].map(toHex);
    expect(new Set(random).size).toBe(40);
  });
});

describe("sums of blocks", () => {
  it("come out in any order, and those that are zero are found", async () => {
    const blocks = itemsOf([0, 1, 2, 0]);
    expect([...zeros(blocks)]).toEqual([0, 3]);
    const sum = new Sum(blocks);
    await Promise.all([sum.add(itemsOf([5, 6, 0, 4])), sum.add(itemsOf([5, 7, 2, 0]))]);
    expect([...zeros(blocks)]).toEqual([0, 1, 2]);
  });
});
