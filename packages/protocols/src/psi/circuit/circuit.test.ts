import { concat, toHex } from "@tombolo/base";
import { BLOCK_BYTES, sha256 } from "@tombolo/crypto";
import { atWindows, runParties, runWorld, seededSecrets, tamperEvery, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuckoo } from "./cuckoo.ts";
import {
  type CircuitOptions,
  messages,
  NO_ROW,
  type ReceiverShares,
  receiver,
  type SenderShares,
  sender,
  shapeOf,
  trafficBytes,
} from "./index.ts";
import { binsOf, hashed, joinsOf, placeOf } from "./steps.ts";

const BINDING = new Uint8Array(32).fill(3);
const item = (i: number): Uint8Array => {
  const out = new Uint8Array(BLOCK_BYTES);
  new DataView(out.buffer).setUint32(6, i);
  return out;
};
const itemsOf = (numbers: readonly number[]): Uint8Array => concat(...numbers.map(item));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** Word w of the payload of item i. */
const wordOf = (i: number, w: number): bigint => BigInt.asUintN(64, -(BigInt(i) << 33n) - BigInt(7 * w + i));

interface Given extends WorldOptions {
  readonly payloadWords?: number;
}

const optionsOf = (receivers: readonly number[], senders: readonly number[], payloadWords: number) => ({
  binding: BINDING,
  receiverCount: receivers.length,
  senderCount: senders.length,
  payloadWords,
});
const payloadOf = (numbers: readonly number[], payloadWords: number): BigUint64Array =>
  BigUint64Array.from(numbers.flatMap((each) => Array.from({ length: payloadWords }, (_, w) => wordOf(each, w))));

async function run(
  receivers: readonly number[],
  senders: readonly number[],
  { payloadWords = 1, ...world }: Given = {},
) {
  const options = optionsOf(receivers, senders, payloadWords);
  const { results, world: finished } = await runParties(
    { seed: 1, ...world },
    [
      "bank",
      async (me) =>
        receiver(itemsOf(receivers), await me.peer(messages, "receiver", "shop", "sender"), {
          ...options,
          secrets: me.secrets,
        }),
    ],
    [
      "shop",
      async (me) => {
        const peer = await me.peer(messages, "sender", "bank", "receiver");
        return sender(itemsOf(senders), payloadOf(senders, payloadWords), peer, { ...options, secrets: me.secrets });
      },
    ],
  );
  return { received: results[0], sent: results[1], cost: finished.cost };
}

/** The plaintext twin: what the shares open to is what both have, and its payload. */
function expectShares(
  receivers: readonly number[],
  senders: readonly number[],
  { received, sent }: { received: ReceiverShares; sent: SenderShares },
  payloadWords = 1,
): void {
  const rows = [...received.rows].filter((row) => row !== NO_ROW);
  expect(rows.sort((a, b) => a - b)).toEqual([...receivers.keys()]);
  const inBoth = new Set(senders);
  received.rows.forEach((row, bin) => {
    const both = row !== NO_ROW && inBoth.has(receivers[row]!);
    expect(received.bits[bin]! ^ sent.bits[bin]!).toBe(both ? 1 : 0);
    if (!both) return;
    for (let word = 0; word < payloadWords; word++) {
      const at = bin * payloadWords + word;
      expect(BigInt.asUintN(64, received.payload[at]! + sent.payload[at]!)).toBe(wordOf(receivers[row]!, word));
    }
    expect(sent.bins.some((of) => of[senders.indexOf(receivers[row]!)] === bin)).toBe(true);
  });
}

describe("circuit-PSI", () => {
  for (const [name, receivers, senders] of [
    ["some items of both", range(0, 40), range(25, 80)],
    ["all items", range(0, 30), range(0, 30).reverse()],
    ["no item", range(0, 20), range(20, 40)],
    ["one item each, equal", [7], [7]],
    ["one item each, different", [7], [8]],
    ["nothing at the receiver", [], range(0, 5)],
    ["nothing at the sender", range(0, 5), []],
    ["nothing at all", [], []],
  ] as const)
    it(`shares membership and payload: ${name}, at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => expectShares(receivers, senders, await run(receivers, senders, { window }))));

  it.each([0, 1, 2, 3, 6])("shares payloads of %i words", async (payloadWords) => {
    const [receivers, senders] = [range(0, 20), range(10, 30)];
    expectShares(receivers, senders, await run(receivers, senders, { payloadWords }), payloadWords);
  });

  it("equals its plaintext twin on any sets", async () => {
    const numbers = fc.uniqueArray(fc.nat(40), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.nat(), async (a, b, seed) => expectShares(a, b, await run(a, b, { seed }))),
      { numRuns: 5 },
    );
  });

  it("gives the same shares in every version", async () => {
    const { received, sent } = await run([1, 2, 3], [2, 3, 4]);
    const digest = async (bytes: Uint8Array) => toHex(await sha256(bytes)).slice(0, 16);
    const bytesOf = ({ bits, payload }: { bits: Uint8Array; payload: BigUint64Array }) =>
      concat(bits, new Uint8Array(payload.buffer));
    expect(await Promise.all([received, sent].map((each) => digest(bytesOf(each))))).toMatchInlineSnapshot(`
      [
        "1901de25462a4f2f",
        "02f92b7aa8bda751",
      ]
    `);
  });

  it("works through several runs of bins", async () => {
    const [receivers, senders] = [range(0, 14_000), range(13_000, 16_000)];
    expect(shapeOf({ ...optionsOf(receivers, senders, 1), secrets: seededSecrets(1, "a") }).bins).toBeGreaterThan(
      2 ** 14,
    );
    const { received, sent } = await run(receivers, senders, { deadlineMs: 60_000 });
    const shared = [...received.rows].filter((row, bin) => row !== NO_ROW && received.bits[bin] !== sent.bits[bin]);
    expect(shared.sort((a, b) => a - b)).toEqual(range(13_000, 14_000));
  }, 60_000);

  it("gives either side bits and words that look random, whatever matches", async () => {
    const items = range(0, 300);
    for (const senders of [items, range(300, 600)]) {
      const { received, sent } = await run(items, senders);
      for (const { bits, payload } of [received, sent]) {
        const ones = bits.reduce((sum, bit) => sum + bit, 0) / bits.length;
        expect(ones).toBeGreaterThan(0.4);
        expect(ones).toBeLessThan(0.6);
        expect(new Set(payload).size).toBe(payload.length);
      }
    }
  });

  it("sends the rounds and bytes it declares, the same whatever matches", async () => {
    for (const [receivers, senders, payloadWords, rounds] of [
      [range(0, 30), range(20, 60), 1, 10],
      [range(0, 30), range(60, 100), 1, 10],
      [range(0, 700), range(100, 400), 4, 12],
    ] as const) {
      const { cost } = await run(receivers, senders, { payloadWords });
      const secrets = seededSecrets(1, "a");
      expect(cost.bytes).toBe(trafficBytes({ ...optionsOf(receivers, senders, payloadWords), secrets }));
      expect(cost.rounds).toBe(rounds);
    }
  });

  it("refuses sizes it cannot keep its promises for", () => {
    const options: CircuitOptions = { ...optionsOf([1], [1], 1), secrets: seededSecrets(1, "a") };
    for (const [change, code] of [
      [{ receiverCount: 2 ** 23 }, "input.rows"],
      [{ senderCount: -1 }, "input.rows"],
      [{ payloadWords: 65 }, "input.payload"],
      [{ failureBits: 80 }, "input.rows"],
    ] as const)
      expect(() => shapeOf({ ...options, ...change })).toThrow(expect.objectContaining({ code }));
  });
});

describe("bins", () => {
  it("hold all items, each in one of its own, for any seed", async () => {
    for (const count of [1, 2, 5, 64, 3000])
      for (let seed = 0; seed < 8; seed++) {
        const { region, bins } = shapeOf({ ...optionsOf(range(0, count), [], 0), secrets: seededSecrets(seed, "a") });
        const hashes = await hashed(itemsOf(range(0, count)), new Uint8Array(16).fill(seed), BINDING);
        const places = hashes.map((each, j) => binsOf(each, j, region));
        const { rows, hashes: used } = cuckoo(places, bins, seededSecrets(seed, "walk"));
        const found = [...rows].flatMap((row, bin) => (row === NO_ROW ? [] : [[row, bin] as const]));
        expect(found.map(([row]) => row).sort((a, b) => a - b)).toEqual(range(0, count));
        for (const [row, bin] of found) expect(places[used[bin]!]![row]).toBe(bin);
      }
  });

  it("fail when four items have the same three, and with a typed error", () => {
    const places = [0, 1, 2].map((bin) => Uint32Array.from([bin, bin, bin, bin]));
    expect(() => cuckoo(places, 30, seededSecrets(1, "walk"))).toThrow(
      expect.objectContaining({ code: "state.cuckoo" }),
    );
  });

  it("are as many as the bound on such items asks for", () => {
    for (const count of [4, 30, 500, 4000, 10 ** 6]) {
      const { bins } = shapeOf({ ...optionsOf([], [], 0), receiverCount: count, secrets: seededSecrets(1, "a") });
      expect(Math.log2(820) + 4 * Math.log2(count) - 9 * Math.log2(bins)).toBeLessThan(-42);
      expect(bins).toBeGreaterThanOrEqual(1.27 * count);
    }
  });

  it("know where words stand, and how parts are joined", () => {
    expect([0, 1, 2, 3].map(placeOf)).toEqual([
      { table: 0, half: 1 },
      { table: 1, half: 0 },
      { table: 1, half: 1 },
      { table: 2, half: 0 },
    ]);
    for (const parts of [1, 2, 11, 15, 16]) expect(joinsOf(parts).reduce((sum, n) => sum + n, 0)).toBe(parts - 1);
  });
});

describe("a meddling partner", () => {
  const [receivers, senders] = [range(0, 12), range(6, 20)];
  const options = optionsOf(receivers, senders, 1);

  it("is noticed, or makes the shares wrong", async () => {
    const wrong = "shares of something else, which nobody opens here";
    const names = ["circuitSeed", "equalChoices", "equalTables", "receiverMasked", "senderMasked"];
    await tamperEvery<unknown>({
      parties: ["bank", "shop"],
      table: messages,
      names,
      seed: 4,
      run: async (me) =>
        me.id === "bank"
          ? receiver(itemsOf(receivers), await me.peer(messages, "receiver", "shop", "sender"), {
              ...options,
              secrets: me.secrets,
            })
          : sender(itemsOf(senders), payloadOf(senders, 1), await me.peer(messages, "sender", "bank", "receiver"), {
              ...options,
              secrets: me.secrets,
            }),
      tolerated: Object.fromEntries(names.map((name) => [name, wrong])),
      deadlineMs: 1500,
    });
  });

  it.each([
    ["receiverCount", 400],
    ["senderCount", 900],
    ["payloadWords", 3],
  ] as const)("that takes %s for %i is refused", async (name, value) => {
    const world = await runWorld<unknown>(["bank", "shop"], { seed: 1, deadlineMs: 1500 }, async (me) => {
      if (me.id === "shop")
        return sender(itemsOf(senders), payloadOf(senders, 1), await me.peer(messages, "sender", "bank", "receiver"), {
          ...options,
          secrets: me.secrets,
        });
      const changed = { ...options, [name]: value, secrets: me.secrets };
      const own = range(0, changed.receiverCount);
      return receiver(itemsOf(own), await me.peer(messages, "receiver", "shop", "sender"), changed);
    });
    const failed = ["bank", "shop"].map((id) => world.outcomes[id]!).find((each) => !each.ok);
    expect(failed).toMatchObject({ ok: false, error: { family: expect.stringMatching(/^(protocol|transport)$/) } });
  });
});
