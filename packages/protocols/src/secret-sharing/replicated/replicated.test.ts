import { toHex } from "@tombolo/base";
import { runWorld } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { Backend, Bits, Words } from "../backend.ts";
import { Engine } from "../engine/index.ts";
import { sigmoid } from "../functions/index.ts";
import { compliance } from "../testing/compliance.ts";
import { words } from "../testing/plain.ts";
import { ringOf, runThree } from "../testing/three-parties.ts";
import { dryReplicated, type Ring, replicated } from "./index.ts";

for (const roles of [
  ["first", "second", "third"],
  ["third", "first", "second"],
])
  compliance(`three parties, of which the ${roles[0]} begins`, {
    roles,
    run: async (seed, program) => (await runThree(seed, program)).results,
  });

const COUNT = 64;
const values = words(Array.from({ length: COUNT }, (_, i) => BigInt(i * i * 977 - 9000)));
const shared = (me: Backend, owner: string): Promise<Words> =>
  me.share(owner, COUNT, me.self === owner ? values : null);

const ZEROS = new Array<number>(32).fill(0);
const PIECES = { step: 16, slopes: ZEROS, intercepts: ZEROS, below: 0, above: 1, shift: 20, width: 41 };

/** Of README.md: rounds and bytes of one element, on words x, y and bits. */
const COSTS: Readonly<
  Record<string, readonly [number, number, (me: Backend, x: Words, y: Words, bits: Bits) => Promise<unknown>]>
> = {
  share: [1, 8, (me) => shared(me, "third")],
  open: [1, 24, (me, x) => me.open(x)],
  "open to one": [1, 8, (me, x) => me.open(x, "second")],
  multiply: [1, 24, (me, x, y) => me.multiply(x, y)],
  multiplyMatrices: [1, 24 / 8, (me, x, y) => me.multiplyMatrices(x, y, { rows: 2, inner: 32, columns: 4 })],
  and: [1, 3 / 8, (me, _x, _y, bits) => me.and(bits, bits)],
  negative: [8, 78.125, (me, x) => me.negative(x)],
  isZero: [7, 31.625, (me, x) => me.isZero(x)],
  toWords: [2, 32, (me, _x, _y, bits) => me.toWords(bits)],
  inject: [3, 56, (me, x, _y, bits) => me.inject(bits, x)],
  near: [3, 40, (me, x) => me.shift(x, 20, "near")],
  down: [12, 72 + 16 / 8 + (3 / 8) * (16 + 2 * 15), (me, x) => me.shift(x, 16, "down")],
  pieces: [20, 1029.625, (me, x) => me.pieces(x, PIECES)],
  toBits: [5, 1 + (3 / 8) * 7 + (3 / 4) * (6 + 5 + 3), (me, x) => me.toBits(x, 8)],
};

describe("replicated sharing", () => {
  it("costs what its table says", async () => {
    const start = async (me: Backend) => {
      const [x, y] = [await shared(me, "first"), me.publicWords(values)];
      const bits = await me.shareBits(
        "second",
        COUNT,
        me.self === "second" ? new Uint8Array(COUNT / 8).fill(85) : null,
      );
      return { x, y, bits };
    };
    const base = (await runThree(1, start)).cost;
    expect(base.bytes).toBe(48 + 8 * COUNT + COUNT / 8);
    for (const [name, [rounds, bytes, run]] of Object.entries(COSTS)) {
      const { cost } = await runThree(1, async (me) => {
        const { x, y, bits } = await start(me);
        const matrix = me.join([y, y]);
        await run(me, x, name === "multiplyMatrices" ? matrix : y, bits);
      });
      expect((cost.bytes - base.bytes) / COUNT, name).toBeCloseTo(bytes, 6);
      expect(cost.rounds, name).toBeLessThanOrEqual(base.rounds + rounds);
    }
  });

  it("sends at each party what a dry run counts", async () => {
    const everything = async (me: Backend): Promise<void> => {
      const [x, y] = [await shared(me, "second"), await shared(me, "third")];
      const less = await me.negative(me.subtract(await me.multiply(x, y), y));
      await me.shift(await me.inject(await me.and(less, await me.isZero(x)), y), 9, "down");
      await me.pieces(x, PIECES);
      await me.openBits(await me.toBits(x, 7), "first");
      await me.open(y);
    };
    const { cost } = await runThree(3, everything);
    const parties = { alice: "first", bob: "second", carol: "third" } as const;
    const names = Object.keys(parties);
    for (const [i, [name, role]] of Object.entries(parties).entries()) {
      const { backend, cost: counted } = dryReplicated(role);
      await everything(backend);
      const sentTo = (steps: number) => cost.byDirection[`${name}->${names[(i + steps) % 3]}`]!;
      expect(counted().out).toEqual({ ...sentTo(1), ...sentTo(2) });
    }
  });

  it("runs the programs of the engine, at window 1 too", async () => {
    const inputs = Float64Array.of(-3, -0.5, 0, 0.25, 4);
    const { results } = await runThree(
      2,
      async (backend) => {
        const me = new Engine(backend);
        const x = await me.fixed("third", { shape: [5], bound: 8 }, me.self === "third" ? inputs : undefined);
        return me.open(await sigmoid(me, x), "second");
      },
      1,
    );
    expect([results.first, results.third]).toEqual([null, null]);
    results.second!.forEach((value, i) => {
      expect(value).toBeCloseTo(1 / (1 + Math.exp(-inputs[i]!)), 5);
    });
  });

  /** The third party's ring, which changes what it sends of one kind. */
  function meddling({ role, next, previous }: Ring, kind: string, change: (value: Uint8Array) => Uint8Array): Ring {
    const changed = <V>(name: string, value: V): V => (name === kind ? (change(value as Uint8Array) as V) : value);
    return {
      role,
      next: { ...methods(next), send: (name, value) => next.send(name, changed(name, value)) },
      previous: { ...methods(previous), send: (name, value) => previous.send(name, changed(name, value)) },
    };
  }
  const attempt = (kind: string, change: (value: Uint8Array) => Uint8Array) =>
    runWorld(["alice", "bob", "carol"], { seed: 4 }, async (me) => {
      const ring = await ringOf(me);
      const party = await replicated(me.id === "carol" ? meddling(ring, kind, change) : ring, me.secrets);
      const [x, bits] = [
        await shared(party, "third"),
        await party.shareBits("third", 3, me.id === "carol" ? Uint8Array.of(5) : null),
      ];
      await party.openBits(await party.and(bits, bits));
      return party.open(await party.multiply(x, x));
    });

  it.each(["backKey", "onInputs", "onBitInputs", "backProducts", "backBitProducts", "onShares", "onBitShares"])(
    "refuses %s of another length, and names who sent it",
    async (kind) => {
      const to = kind.startsWith("on") ? "alice" : "bob";
      for (const change of [(value: Uint8Array) => value.subarray(1), () => new Uint8Array(0)])
        expect((await attempt(kind, change)).error(to)).toMatchObject({ code: "protocol.size", blame: "carol" });
    },
  );

  it("masks anew each time: the same product twice shows nothing alike", async () => {
    const seen: string[] = [];
    await runWorld(["alice", "bob", "carol"], { seed: 5 }, async (me) => {
      const ring = await ringOf(me);
      const spy = (value: Uint8Array): Uint8Array => {
        seen.push(toHex(value));
        return value;
      };
      const party = await replicated(me.id === "carol" ? meddling(ring, "backProducts", spy) : ring, me.secrets);
      const x = await shared(party, "first");
      await party.multiply(x, x);
      await party.multiply(x, x);
    });
    expect(new Set(seen.flatMap((hex) => hex.match(/.{16}/g)!)).size).toBe(2 * COUNT);
  });
});

/** A peer's own methods, which another may stand beside. */
const methods = <P extends Ring["next"] | Ring["previous"]>(peer: P): P =>
  ({
    party: peer.party,
    binding: peer.binding,
    signal: peer.signal,
    wear: peer.wear,
    send: peer.send.bind(peer),
    receive: peer.receive.bind(peer),
    exchange: peer.exchange.bind(peer),
    sendEach: peer.sendEach.bind(peer),
    receiveEach: peer.receiveEach.bind(peer),
  }) as unknown as P;
