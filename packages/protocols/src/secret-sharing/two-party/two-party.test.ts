import { toHex } from "@tombolo/base";
import { runWorld } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { compliance } from "../testing/compliance.ts";
import { matrixProduct, randomIntegers, words } from "../testing/plain.ts";
import { ends, run, sent } from "../testing/two-parties.ts";
import { dryTwoParty, type TwoPartyPeer, twoParty } from "./index.ts";
import { batchBudget } from "./products.ts";
import { drySlotCipher } from "./slot-cipher.ts";

compliance("two parties", {
  roles: ["first", "second"],
  run: async (seed, program) => {
    const { first, second } = await run(seed, program);
    return { first, second };
  },
});

/** A bit of everything, some of it in several parts. */
async function everything(me: Backend): Promise<void> {
  const values = words(Array.from({ length: 37 }, (_, i) => BigInt(i * i - 300)));
  const a = await me.share("first", 37, me.self === "first" ? values : null);
  const b = await me.share("second", 37, me.self === "second" ? values : null);
  const small = Uint32Array.of(0, 1, 2, 3);
  const product = await me.shift(await me.multiply(a, b), 3, "near");
  const less = await me.negative(me.subtract(product, b));
  const same = await me.isZero(a);
  await me.multiplyMatrices(me.pick(a, small), me.pick(b, small), { rows: 2, inner: 2, columns: 2 });
  await me.inject(await me.and(less, same), await me.square(await me.toWords(less)));
  await me.toBits(await me.shift(product, 5, "down"), 9);
  await me.pieces(me.subtract(a, b), STRAIGHT);
  await me.open(a, "second");
  await me.openBits(less);
  await me.open(b);
}

/** More than a batch of products, and a few beside it. */
async function manyProducts(me: Backend): Promise<BigUint64Array> {
  const n = MANY.length;
  const a = await me.share("first", n, me.self === "first" ? MANY : null);
  const b = await me.share("second", n, me.self === "second" ? MANY.slice().reverse() : null);
  const square = await me.square(a);
  return (await me.open(me.join([await me.multiply(a, b), square])))!;
}
const MANY = BigUint64Array.from({ length: 8192 + 900 }, (_, i) => 0n - BigInt(i) * 0x9e3779b97f4a7c15n);

describe("two-party computing", () => {
  it("leaves products to transfers beyond what batches may release", () => {
    const takes = batchBudget(5);
    // Of three batches one party answers two.
    expect([3, 3, 4, 2, 1].map(takes)).toEqual([true, true, false, true, false]);
    // What a party releases in several pairs adds up to what one pair may release.
    expect(15 * drySlotCipher(15).batchesMax).toBeLessThanOrEqual(drySlotCipher(1).batchesMax);
    expect(drySlotCipher(15).batchesMax).toBeGreaterThan(1000);
  });

  it("makes products by the batch, at the cost that a dry run counts", async () => {
    const { first, second, cost } = await run(14, manyProducts);
    const reversed = MANY.slice().reverse();
    const expected = [...MANY.map((x, i) => x * reversed[i]!), ...MANY.map((x) => x * x)];
    expect(first).toEqual(BigUint64Array.from(expected));
    expect(second).toEqual(first);
    const secrets = { kind: "secrets", bytes: (length: number) => new Uint8Array(length) } as const;
    const dry = dryTwoParty("first", secrets);
    await manyProducts(dry.backend);
    expect(dry.cost().out).toEqual(sent(cost.byDirection["alice->bob"]!));
    expect(dry.cost().in).toEqual(sent(cost.byDirection["bob->alice"]!));
    const { firstAnswers, secondAnswers } = { ...dry.cost().out, ...dry.cost().in };
    expect([firstAnswers, secondAnswers]).toMatchObject([undefined, { messages: 2 }]);
  });

  it("makes products by several messages, of which a later one is on its way while answers are opened", async () => {
    const n = 65536 + 2 * 8192 + 8;
    const x = BigUint64Array.from({ length: n }, (_, i) => BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n));
    const { first, second } = await run(
      16,
      async (me) => {
        const a = await me.share("first", n, me.self === "first" ? x : null);
        const b = await me.share("second", n, me.self === "second" ? x.slice().reverse() : null);
        return (await me.open(await me.multiply(a, b)))!;
      },
      1,
    );
    expect(first.findIndex((word, i) => word !== BigInt.asUintN(64, x[i]! * x[n - 1 - i]!))).toBe(-1);
    expect(second).toEqual(first);
  });

  it("costs what a dry run counts, whoever runs it, made ahead or not, at window 1 too", async () => {
    const { cost } = await run(9, everything, 1);
    const secrets = { kind: "secrets", bytes: (length: number) => new Uint8Array(length) } as const;
    const runs = { first: dryTwoParty("first", secrets), second: dryTwoParty("second", secrets) };
    for (const { backend } of Object.values(runs)) await everything(backend);
    const [first, second] = [runs.first.cost(), runs.second.cost()];
    expect(first.out).toEqual(sent(cost.byDirection["alice->bob"]!));
    expect(first.in).toEqual(sent(cost.byDirection["bob->alice"]!));
    expect([second.in, second.out, second.rounds]).toEqual([first.out, first.in, first.rounds]);
    expect(cost.bytes).toBe(first.bytes);
    // What the meter sees may be a longer chain, where one side was quick to send.
    expect(cost.rounds).toBeGreaterThanOrEqual(first.rounds);

    const ahead = await run(9, async (me) => {
      await me.prepare((me.self === "first" ? first : second).correlations);
      await everything(me);
      return me.used;
    });
    expect(ahead.first).toEqual(first.correlations);
    expect(ahead.second).toEqual(second.correlations);
  });

  it("gives the same over a slow link, at a fraction of the bytes and at the cost that a dry run counts", async () => {
    const compare = async (me: Backend): Promise<Uint8Array> => {
      const n = 4000;
      const values = BigUint64Array.from({ length: n }, (_, i) => BigInt(i * 977) - 2_000_000n);
      const less = await me.negative(await me.share("first", n, me.self === "first" ? values : null));
      await everything(me);
      return (await me.openBits(less))!;
    };
    const [fast, slow] = [await run(15, compare, 1), await run(15, compare, 1, "slow")];
    expect(slow.first).toEqual(fast.first);
    expect(slow.second).toEqual(fast.first);
    const secrets = { kind: "secrets", bytes: (length: number) => new Uint8Array(length) } as const;
    for (const role of ["first", "second"] as const) {
      const dry = dryTwoParty(role, secrets, "slow");
      await compare(dry.backend);
      const { out, in: received, bytes } = dry.cost();
      const [toBob, toAlice] = [slow.cost.byDirection["alice->bob"]!, slow.cost.byDirection["bob->alice"]!];
      expect([out, received]).toEqual(role === "first" ? [sent(toBob), sent(toAlice)] : [sent(toAlice), sent(toBob)]);
      expect(bytes).toBe(slow.cost.bytes);
    }
    expect(slow.cost.bytes).toBeLessThan(0.6 * fast.cost.bytes);
  });

  it.each([
    { rows: 2, inner: 2, columns: 4101 },
    { rows: 4101, inner: 1, columns: 3 },
  ])("multiplies matrices in parts: $rows x $inner x $columns", async (shape) => {
    const [x, y] = [randomIntegers(1, shape.rows * shape.inner), randomIntegers(2, shape.inner * shape.columns)];
    const { first } = await run(13, async (me) => {
      const a = await me.share("second", x.length, me.self === "second" ? words(x) : null);
      const b = await me.share("first", y.length, me.self === "first" ? words(y) : null);
      return me.open(await me.multiplyMatrices(a, b, shape));
    });
    expect(first).toEqual(words(matrixProduct(x, y, shape)));
  });

  it("works in parts", async () => {
    const n = 2 ** 15 + 11;
    const values = words(Array.from({ length: n }, (_, i) => BigInt((i * 7919) % 1000) - 500n));
    const { first, second } = await run(10, async (me) => {
      const a = await me.share("first", n, me.self === "first" ? values : null);
      return me.open(await me.toWords(await me.negative(a)));
    });
    expect(first).toEqual(values.map((value) => value >> 63n));
    expect(second).toEqual(first);
  });
});

const STRAIGHT = {
  step: 5,
  slopes: new Array<number>(32).fill(1),
  intercepts: new Array<number>(32).fill(600),
  below: 1,
  above: 999,
  shift: 2,
  width: 16,
};

/** Kinds of messages, each with what sends it. */
const SENDING: Readonly<Record<string, (me: Backend) => Promise<unknown>>> = {
  DigitTrees: async () => {},
  DigitCorrections: async (me) => me.negative((await two(me))[0]),
  Products: async (me) => me.multiply(...(await two(me))),
  Keys: async (me) => me.multiply(...(await two(me, 2 * 8192))),
  Factors: async (me) => me.multiply(...(await two(me, 2 * 8192))),
  Answers: async (me) => me.multiply(...(await two(me, 2 * 8192))),
  Masked: async (me) => me.multiply(...(await two(me))),
  MaskedBits: async (me) => me.negative((await two(me))[0]),
  Digits: async (me) => me.negative((await two(me))[0]),
  Tables: async (me) => me.isZero((await two(me))[0]),
  Intervals: async (me) => me.pieces((await two(me))[0], STRAIGHT),
  Pieces: async (me) => me.pieces((await two(me))[0], STRAIGHT),
  Choices: async (me) => me.shift((await two(me))[0], 3, "near"),
  Corrections: async (me) => me.shift((await two(me))[0], 3, "near"),
  Shares: async (me) => me.open((await two(me))[0]),
  BitShares: async (me) => me.openBits(await me.shareBits("first", 3, me.self === "first" ? Uint8Array.of(5) : null)),
};

async function two(me: Backend, n = 20) {
  const values = words(Array.from({ length: n }, (_, i) => BigInt(i)));
  return [
    await me.share("first", n, me.self === "first" ? values : null),
    await me.share("second", n, me.self === "second" ? values : null),
  ] as const;
}

/** The second party's peer, which changes what it sends of one kind. */
function meddling(end: TwoPartyPeer, kind: string, change: (value: Uint8Array) => Uint8Array): TwoPartyPeer {
  if (end.role !== "second") throw new Error("the second meddles");
  const { peer } = end;
  const changed: typeof peer = {
    self: peer.self,
    party: peer.party,
    binding: peer.binding,
    signal: peer.signal,
    wear: peer.wear,
    send: (name, value) =>
      peer.send(name, (name === `second${kind}` ? change(value as Uint8Array) : value) as typeof value),
    receive: (name) => peer.receive(name),
    exchange: (send, value, receive) => peer.exchange(send, value, receive),
    sendEach: (name, chunks) => peer.sendEach(name, chunks),
    receiveEach: (name) => peer.receiveEach(name),
    lane: () => peer.lane(),
  };
  return { role: "second", peer: changed };
}

describe("what is sent", () => {
  it("is masked anew each time: the same product twice shows nothing alike", async () => {
    const seen: string[] = [];
    const spy = (value: Uint8Array): Uint8Array => {
      seen.push(toHex(value));
      return value;
    };
    await runWorld(["alice", "bob"], { seed: 12 }, async (me) => {
      const end = me.id === "alice" ? await ends.first(me) : meddling(await ends.second(me), "Masked", spy);
      const party = await twoParty(end, { secrets: me.secrets });
      const [a, b] = await two(party);
      await party.multiply(a, b);
      await party.multiply(a, b);
    });
    const wordsSeen = seen.flatMap((hex) => hex.match(/.{16}/g)!);
    expect(seen.length).toBe(2);
    expect(new Set(wordsSeen).size).toBe(2 * 2 * 20);
  });
});

describe("a meddling partner", () => {
  const attempt = (kind: string, change: (value: Uint8Array) => Uint8Array) =>
    runWorld(["alice", "bob"], { seed: 11, deadlineMs: 20_000 }, async (me) => {
      const end = me.id === "alice" ? await ends.first(me) : meddling(await ends.second(me), kind, change);
      await SENDING[kind]!(await twoParty(end, { secrets: me.secrets }));
    });

  it.each(Object.keys(SENDING))("is refused with %s of another length", async (kind) => {
    for (const change of [
      (value: Uint8Array) => value.subarray(1),
      (value: Uint8Array) => new Uint8Array(value.length + 8),
    ])
      expect((await attempt(kind, change)).error("alice")).toMatchObject({ code: "protocol.size", blame: "bob" });
  });

  it.each(["Keys", "Factors", "Answers"])("is refused with %s that are not what was agreed on", async (kind) => {
    for (const at of [1, 12 + 32 + 40]) {
      const spoilt = (value: Uint8Array): Uint8Array => value.slice().fill(255, at, at + 16);
      expect((await attempt(kind, spoilt)).error("alice")).toMatchObject({ code: "protocol.rlwe", blame: "bob" });
    }
  });

  it("is refused with bits after the last", async () => {
    const world = await attempt("BitShares", (value) => value.map((byte) => byte | 128));
    expect(world.error("alice")).toMatchObject({ code: "protocol.range", blame: "bob" });
  });
});
