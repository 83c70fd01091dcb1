import { toHex } from "@tombolo/base";
import { runWorld, seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { Backend, Bits, Words } from "../backend.ts";
import { Engine, shuffle } from "../engine/index.ts";
import { sigmoid } from "../functions/index.ts";
import { compliance } from "../testing/compliance.ts";
import { words } from "../testing/plain.ts";
import { type Counted, RoundCounter } from "../testing/rounds.ts";
import { partiesOf, runSeveral } from "../testing/several-parties.ts";
import { sent } from "../testing/two-parties.ts";
import { type AdditivePeer, additive, dryAdditive, type Parties } from "./index.ts";

const THREE = ["north", "east", "south"];
const FIVE = [...THREE, "west", "middle"];

for (const roles of [THREE, FIVE])
  compliance(`${roles.length} parties of which all but one may collude`, {
    roles,
    run: async (seed, program) => (await runSeveral(roles, { seed }, program)).results,
  });

const COUNT = 64;
const values = words(Array.from({ length: COUNT }, (_, i) => BigInt(i * i * 977 - 9000)));
const shared = (me: Backend, owner: string): Promise<Words> =>
  me.share(owner, COUNT, me.self === owner ? values : null);

const ZEROS = new Array<number>(32).fill(0);
const PIECES = { step: 16, slopes: ZEROS, intercepts: ZEROS, below: 0, above: 1, shift: 20, width: 41 };

type Step = (me: Backend, x: Words, y: Words, bits: Bits) => Promise<unknown>;
/** Of README.md, of one element: rounds, bytes, and bit pairs that each two use up; at three parties, at five. */
type Cost = readonly [rounds: number, bytes: number, pairs: number];
const COSTS: Readonly<Record<string, readonly [Cost, Cost, Step]>> = {
  share: [[0, 0, 0], [0, 0, 0], (me) => shared(me, "south")],
  open: [[1, 48, 0], [1, 160, 0], (me, x) => me.open(x)],
  "open to one": [[1, 16, 0], [1, 32, 0], (me, x) => me.open(x, "north")],
  multiply: [[1, 96, 0], [1, 320, 0], (me, x, y) => me.multiply(x, y)],
  square: [[1, 48, 0], [1, 160, 0], (me, x) => me.square(x)],
  and: [[1, 1.5, 1], [1, 5, 1], (me, _x, _y, bits) => me.and(bits, bits)],
  negative: [[8, 328.5, 188], [10, 1725, 314], (me, x) => me.negative(x)],
  "negative of 27": [[7, 134.25, 77], [9, 707.5, 129], (me, x) => me.negative(x, { width: 27 })],
  isZero: [[8, 283.5, 189], [10, 1575, 315], (me, x) => me.isZero(x)],
  toWords: [[3, 24.375, 0], [5, 81.25, 0], (me, _x, _y, bits) => me.toWords(bits)],
  inject: [[4, 48.75, 0], [6, 162.5, 0], (me, x, _y, bits) => me.inject(bits, x)],
  near: [[8, 163.5, 36], [12, 977.5, 84], (me, x) => me.shift(x, 20, "near")],
  "down by 16": [[18, 303, 106], [26, 1535, 173], (me, x) => me.shift(x, 16, "down")],
  pieces: [[31, 1474.125, 246], [43, 6053.75, 433], (me, x) => me.pieces(x, PIECES)],
  "toBits of 8": [[5, 52.5, 28], [7, 245, 42], (me, x) => me.toBits(x, 8)],
};

type Marked = (name: string, step: () => Promise<unknown>) => Promise<void>;

async function everything(me: Backend, marked: Marked): Promise<void> {
  const [x, y] = [await shared(me, "north"), me.publicWords(values)];
  const bits = await me.shareBits("east", COUNT, me.self === "east" ? new Uint8Array(COUNT / 8).fill(85) : null);
  for (const [name, [, , step]] of Object.entries(COSTS)) await marked(name, () => step(me, x, y, bits));
}

/**
 * Each step is measured so often, and the least number of rounds counts: where one of two that nothing binds to an order comes in
 * before the other is sent, the counter sees a chain that is none.
 */
const TIMES = 3;

/** After it all have the same depth. */
const openAll = async (me: Backend): Promise<unknown> => me.open(await shared(me, me.roles[0]!));

/** A program's correlations, by the other's role, and the bit pairs of each of its steps. */
async function counted(roles: readonly string[], self: string) {
  const { backend, cost } = dryAdditive(roles, self, seededSecrets(1, self));
  const pairsUsed = (): number => [...backend.used.values()][0]!.bitTriples / COUNT;
  const pairs: Record<string, number> = {};
  await everything(backend, async (name, step) => {
    await openAll(backend);
    const before = pairsUsed();
    for (let i = 0; i < TIMES; i++) await step();
    pairs[name] = (pairsUsed() - before) / TIMES;
  });
  await openAll(backend);
  return { pairs, cost: cost() };
}

describe("additive sharing", () => {
  it.each([3, 5] as const)("costs at %i parties what its table says, made ahead as a dry run counts", async (count) => {
    const [roles, counter] = [count === 3 ? THREE : FIVE, new RoundCounter()];
    const dry = new Map(await Promise.all(roles.map(async (role) => [role, await counted(roles, role)] as const)));
    const { results } = await runSeveral(roles, { seed: 1, observe: counter }, async (me) => {
      const counts = new Map(Array.from(dry.get(me.self)!.cost, ([role, { correlations }]) => [role, correlations]));
      await me.prepare(counts);
      const marks: Record<string, Counted> = {};
      await everything(me, async (name, step) => {
        for (let i = 0; i < TIMES; i++) {
          await openAll(me);
          const before = counter.at(me.self);
          await step();
          const { bytes } = counter.at(me.self);
          await openAll(me);
          const rounds = counter.at(me.self).rounds - before.rounds - 1;
          marks[name] = { rounds: Math.min(rounds, marks[name]?.rounds ?? rounds), bytes: bytes - before.bytes };
        }
      });
      await openAll(me);
      expect(me.used).toEqual(counts);
      return marks;
    });
    for (const [name, costs] of Object.entries(COSTS)) {
      const [rounds, bytes, pairs] = costs[count === 3 ? 0 : 1];
      const all = roles.map((role) => results[role]![name]!);
      expect(all.reduce((sum, mark) => sum + mark.bytes, 0) / COUNT, name).toBe(bytes);
      expect(Math.max(...all.map((mark) => mark.rounds)), name).toBe(rounds);
      expect(dry.get(roles[0]!)!.pairs[name], name).toBe(pairs);
    }
  });

  it("sends at each party what a dry run counts, at window 1 too", async () => {
    const program = async (me: Backend): Promise<void> => {
      const [x, y] = [await shared(me, "east"), await shared(me, "south")];
      const less = await me.negative(me.subtract(await me.multiply(x, y), y));
      await me.shift(await me.inject(less, await me.square(y)), 9, "down");
      await me.openBits(await me.isZero(x, 9), "south");
      await me.open(y);
    };
    const { cost } = await runSeveral(THREE, { seed: 3, window: 1 }, program);
    for (const self of THREE) {
      const run = dryAdditive(THREE, self, seededSecrets(1, self));
      await program(run.backend);
      for (const [role, counted] of run.cost()) {
        expect(counted.out).toEqual(sent(cost.byDirection[`${self}->${role}`]!));
        expect(counted.in).toEqual(sent(cost.byDirection[`${role}->${self}`]!));
      }
    }
  });

  it("runs the programs of the engine; all parties shuffle in turn", async () => {
    const inputs = Float64Array.of(-3, -0.5, 0, 0.25, 4, 1, 2, -1);
    const { results } = await runSeveral(THREE, { seed: 2 }, async (backend) => {
      const me = new Engine(backend);
      const x = await me.fixed("south", { shape: [8], bound: 8 }, me.self === "south" ? inputs : undefined);
      const [shuffled] = await shuffle(me, [x], seededSecrets(9, me.self));
      return { sigmoid: await me.open(await sigmoid(me, x), "east"), shuffled: await me.open(shuffled!) };
    });
    expect([results.north!.sigmoid, results.south!.sigmoid]).toEqual([null, null]);
    results.east!.sigmoid!.forEach((value, i) => {
      expect(value).toBeCloseTo(1 / (1 + Math.exp(-inputs[i]!)), 5);
    });
    const { shuffled } = results.north!;
    expect(shuffled).not.toEqual(inputs);
    expect(shuffled!.toSorted()).toEqual(inputs.toSorted());
  });

  it("refuses roles that are no list of parties", async () => {
    const { secrets, peers } = { secrets: seededSecrets(1, ""), peers: new Map() };
    for (const roles of [
      ["a"],
      ["a", "b", "b"],
      ["b", "c"],
      Array.from({ length: 17 }, (_, i) => (i ? String(i) : "a")),
    ])
      await expect(additive({ roles, self: "a", peers }, secrets)).rejects.toThrow(RangeError);
    await expect(additive({ roles: ["a", "b"], self: "a", peers }, secrets)).rejects.toThrow(TypeError);
  });
});

/** A party's peers, of which it changes what it sends of one kind. */
function meddling(parties: Parties, kind: string, change: (value: Uint8Array) => Uint8Array): Parties {
  const changed = (peer: AdditivePeer): AdditivePeer =>
    new Proxy(peer, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "send") return value.bind(target);
        return (message: string, payload: Uint8Array) =>
          value.call(target, message, message.endsWith(kind) ? change(payload) : payload);
      },
    });
  return { ...parties, peers: new Map(Array.from(parties.peers, ([role, peer]) => [role, changed(peer)])) };
}

describe("what one of three sends", () => {
  const attempt = (kind: string, change: (value: Uint8Array) => Uint8Array) =>
    runWorld(THREE, { seed: 4 }, async (me) => {
      const parties = await partiesOf(me);
      const party = await additive(me.id === "north" ? meddling(parties, kind, change) : parties, me.secrets);
      const x = await shared(party, "north");
      await party.openBits(await party.shareBits("east", 3, me.id === "east" ? Uint8Array.of(5) : null));
      return [await party.open(x), await party.open(x)];
    });

  it.each(["maskKey", "Shares", "BitShares"])("is refused as %s of another length, by name", async (kind) => {
    for (const change of [(value: Uint8Array) => value.subarray(1), () => new Uint8Array(0)])
      expect((await attempt(kind, change)).error("south")).toMatchObject({ blame: "north" });
  });

  it("is refused with bits after the last", async () => {
    const world = await attempt("BitShares", (value) => value.map((byte) => byte | 128));
    expect(world.error("east")).toMatchObject({ code: "protocol.range", blame: "north" });
  });

  it("is masked in an opening, anew each time: inputs are one party's share until then", async () => {
    const seen: string[] = [];
    const world = await attempt("Shares", (value) => {
      if (value.length === 8 * COUNT) seen.push(toHex(value));
      return value;
    });
    expect(world.result("south")).toEqual([values, values]);
    expect(new Set(seen).size).toBe(2);
    const plain = toHex(new Uint8Array(values.buffer)).match(/.{16}/g)!;
    const shown = seen.flatMap((hex) => hex.match(/.{16}/g)!);
    expect(shown.filter((word) => plain.includes(word))).toEqual([]);
  });
});
