import type { TomboloError } from "@tombolo/base";
import { type Me, runParties, runWorld, seededSecrets, type WorldOptions } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { ends } from "../testing/two-parties.ts";
import { Background } from "./background.ts";
import type { Counts, Supply } from "./correlations.ts";
import { dryTwoParty, type Role, type TwoParty, type TwoPartyPeer, twoParty } from "./index.ts";

const N = 600;
const VALUES = BigUint64Array.from({ length: N }, (_, i) => BigInt.asUintN(64, BigInt((i * 7919) % 1000) - 500n));

/** A comparison, what it chooses, and a product. */
async function step(me: Backend): Promise<BigUint64Array> {
  const a = await me.share("first", N, me.self === "first" ? VALUES : null);
  const b = await me.share("second", N, me.self === "second" ? VALUES.slice().reverse() : null);
  const chosen = await me.inject(await me.negative(me.subtract(a, b)), a);
  return (await me.open(await me.multiply(chosen, b)))!;
}
const EXPECTED = VALUES.map((a, i) => {
  const b = VALUES[N - 1 - i]!;
  return BigInt.asIntN(64, a) < BigInt.asIntN(64, b) ? a * b : 0n;
});

async function countsOf(role: Role): Promise<Counts> {
  const { backend } = dryTwoParty(role, seededSecrets(1, role));
  await step(backend);
  return backend.used;
}

/** Of a program that fails at both. */
async function errorsOf(program: Program, changed = (end: TwoPartyPeer): TwoPartyPeer => end): Promise<TomboloError[]> {
  const run = await runWorld(["alice", "bob"], { seed: 7 }, async (me) => {
    const end = me.id === "alice" ? await ends.first(me) : changed(await ends.second(me));
    return program(await twoParty(end, { secrets: me.secrets, background: true }));
  });
  return [run.error("alice"), run.error("bob")];
}

type Program = (me: TwoParty) => Promise<BigUint64Array[]>;

function world(program: Program, options: WorldOptions) {
  const start = (role: Role) => async (me: Me) =>
    program(await twoParty(await ends[role](me), { secrets: me.secrets, background: true }));
  return runParties(options, ["alice", start("first")], ["bob", start("second")]);
}

const steps =
  (count: number, foreseen: number): Program =>
  async (me) => {
    me.foresee(new Array<Counts>(foreseen).fill(await countsOf(me.self)));
    const results: BigUint64Array[] = [];
    for (let i = 0; i < count; i++) results.push(await step(me));
    await me.finish();
    return results;
  };

describe("correlations made in the background", () => {
  it("are what the program takes, whose own rounds are those of the steps alone", async () => {
    const count = 3;
    for (const window of [1, 8]) {
      const [own, ahead] = [
        await world(steps(count, 0), { seed: 3, window }),
        await world(steps(count, count), { seed: 3, window }),
      ];
      for (const { results } of [own, ahead])
        for (const result of [...results[0], ...results[1]]) expect(result).toEqual(EXPECTED);
      // Each step had made its transfers of three kinds, its bit triples and its products.
      expect(ahead.world.cost.rounds).toBeLessThanOrEqual(own.world.cost.rounds - 4 * count);
      expect([own.world.cost.laneRounds, ahead.world.cost.laneRounds > 4 * count]).toEqual([0, true]);
    }
  });

  it("may be fewer than are taken, or more", async () => {
    for (const foreseen of [1, 4]) {
      const { results } = await world(steps(2, foreseen), { seed: 4, window: 1 });
      for (const result of [...results[0], ...results[1]]) expect(result).toEqual(EXPECTED);
    }
  });

  it("are on their way while the program's rounds are", async () => {
    const links: number[] = [];
    const tamper: WorldOptions["tamper"] = (sent) => {
      if (sent.index > 0) links.push(sent.link);
      return [sent.frame];
    };
    const marks: number[] = [];
    const program: Program = async (me) => {
      me.foresee(new Array<Counts>(4).fill(await countsOf(me.self)));
      for (let i = 0; i < 4; i++) {
        await step(me);
        if (me.self === "first") marks.push(links.length);
      }
      await me.finish();
      return [];
    };
    await world(program, { seed: 5, latencyMs: 3, tamper });
    // Before the first step has ended what the next one takes is being made: frames of the lane come among its own.
    const first = links.slice(0, marks[0]);
    const [started, ended] = [first.indexOf(1), first.lastIndexOf(0)];
    expect(started).toBeGreaterThan(-1);
    const among = first.slice(started, ended);
    const turns = among.filter((link, i) => i > 0 && link !== among[i - 1]).length;
    expect(turns).toBeGreaterThan(4);
  });

  it("are foreseen of the parts of a long vector", async () => {
    const n = 3 * 2 ** 17 + 5;
    const bits = new Uint8Array(Math.ceil(n / 8)).map((_, i) => (i * 37) % 256);
    bits[bits.length - 1]! &= 31;
    const { results, world: run } = await world(
      async (me) => {
        const words = await me.toWords(await me.shareBits("first", n, me.self === "first" ? bits : null));
        await me.finish();
        return [(await me.open(words))!];
      },
      { seed: 6, window: 1 },
    );
    const wrong = results[0][0]!.findIndex((word, i) => word !== BigInt((bits[i >> 3]! >> (i & 7)) & 1));
    expect(wrong).toBe(-1);
    expect(run.cost.laneRounds).toBeGreaterThan(0);
  });

  it("wait for the program beyond so many bytes, but not while it waits for them", async () => {
    const [counts, heldBytesMax] = [await countsOf("first"), 3000];
    const made: number[] = [];
    const supply = counting(made);
    const background = new Background({
      open: async () => supply,
      signal: new AbortController().signal,
      heldBytesMax,
    });
    background.plan(new Array<Counts>(50).fill(counts));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [sizes, before] = [made.reduce((sum, bytes) => sum + bytes, 0), made.length];
    expect(sizes - made.at(-1)!).toBeLessThan(heldBytesMax);
    expect(before).toBeLessThan(20);
    await background.squares(0);
    // A kind that comes late in each step: all before it are made whatever they take.
    const { count } = await background.bitTriples(40 * counts.bitTriples);
    expect(count).toBe(40 * counts.bitTriples);
    expect(made.length).toBeGreaterThan(4 * before);
    await background.finish();
    expect(background.idle).toBe(false);
  });
});

/** Zeros, and how many bytes of them there were each time. */
function counting(made: number[]): Supply {
  const { correlations } = dryTwoParty("first", seededSecrets(1, "first")).backend.joining;
  const counted = async <T extends Readonly<Record<string, { readonly byteLength: number }>>>(columns: Promise<T>) => {
    made.push(Object.values(await columns).reduce((sum, { byteLength }) => sum + byteLength, 0));
    return columns;
  };
  return {
    bitTriples: (count) => counted(correlations.bitTriples(count)),
    triples: (count) => counted(correlations.triples(count)),
    squares: (count) => counted(correlations.squares(count)),
    async transfers(cut, sent, received) {
      const transfers = await correlations.transfers(cut, sent, received);
      await counted(Promise.resolve({ ...transfers.sent, ...transfers.received }));
      return transfers;
    },
  };
}

/** The second party's lane, which changes what it sends there. */
function onLane(end: TwoPartyPeer, change: (value: Uint8Array, name: string) => Uint8Array): TwoPartyPeer {
  if (end.role !== "second") throw new Error("the second meddles");
  const { peer } = end;
  const lane = async (): Promise<typeof peer> => {
    const further = await peer.lane();
    return new Proxy(further, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === "send") return (kind: never, bytes: Uint8Array) => target.send(kind, change(bytes, kind) as never);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const changed = new Proxy(peer, {
    get(target, name) {
      if (name === "lane") return lane;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { role: "second", peer: changed };
}

describe("a background that fails", () => {
  it.each(["secondDigitCorrections", "secondDigitTrees", "secondFactors", "secondAnswers"])(
    "ends the program at both sides with what is wrong: %s",
    async (kind) => {
      const short = (value: Uint8Array, name: string): Uint8Array => (name === kind ? value.subarray(1) : value);
      const errors = await errorsOf(
        async (me) => {
          const counts = await countsOf(me.self);
          me.foresee([{ ...counts, triples: 8192 * 2 }, counts]);
          return [await step(me), await step(me)];
        },
        (end) => onLane(end, short),
      );
      for (const error of errors)
        expect(error).toMatchObject({ code: expect.stringMatching(/^protocol\./), blame: "bob" });
    },
  );

  it("ends with the program, cancelled while nobody takes what it makes", async () => {
    const errors = await errorsOf(async (me) => {
      me.foresee(new Array<Counts>(3).fill(await countsOf(me.self)));
      if (me.self === "first") throw new Error("stopped");
      await me.openBits(await me.shareBits("first", 8, null), "second");
      await me.finish();
      return [];
    });
    for (const error of errors) expect(error).toMatchObject({ code: "state.internal", message: "stopped" });
  });
});
