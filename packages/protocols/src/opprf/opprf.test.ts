import { concat, toHex } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { atWindows, type Me, runParties, runWorld, tamperEvery, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addBlocks,
  hintBytes,
  hintMessages,
  oprfBytes,
  oprfMessages,
  oprfReceiver,
  oprfSender,
  receiveHints,
  sendHints,
} from "./index.ts";

const messages = { ...oprfMessages("receiver", "sender"), ...hintMessages("receiver", "sender") };
const FAILURE_BITS = 40;
const [RECEIVER, SENDER] = ["bank", "telco"] as const;

const item = (i: number): Uint8Array => {
  const out = new Uint8Array(BLOCK_BYTES);
  new DataView(out.buffer).setUint32(3, i, true);
  return out;
};
const itemsOf = (numbers: readonly number[]): Uint8Array => concat(...numbers.map(item));
const blocksOf = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / BLOCK_BYTES }, (_, i) =>
    toHex(bytes.subarray(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1))),
  );
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** What the sender programs for its item i. */
const target = (i: number): Uint8Array => item(1000 + i);

interface Case {
  readonly binding?: Uint8Array;
}

async function asReceiver(
  me: Me,
  items: readonly number[],
  senders: number,
  { binding }: Case,
): Promise<[Uint8Array, Uint8Array]> {
  const peer = await me.peer(messages, "receiver", SENDER, "sender");
  const options = { secrets: me.secrets, binding: binding ?? peer.binding, failureBits: FAILURE_BITS };
  const values = await oprfReceiver(itemsOf(items), peer, options);
  const programmed = await receiveHints(itemsOf(items), senders, peer, FAILURE_BITS);
  await addBlocks(programmed, values);
  return [values, programmed];
}

async function asSender(me: Me, items: readonly number[], receivers: number, { binding }: Case): Promise<Uint8Array> {
  const peer = await me.peer(messages, "sender", RECEIVER, "receiver");
  const options = { secrets: me.secrets, binding: binding ?? peer.binding, failureBits: FAILURE_BITS };
  const values = await oprfSender(itemsOf(items), receivers, peer, options);
  const hints = concat(...items.map(target));
  await addBlocks(hints, values);
  await sendHints(itemsOf(items), hints, peer, options);
  return values;
}

async function run(
  receivers: readonly number[],
  senders: readonly number[],
  options: WorldOptions = {},
  given: Case = {},
) {
  const { results, world } = await runParties(
    { seed: 1, ...options },
    [RECEIVER, (me) => asReceiver(me, receivers, senders.length, given)],
    [SENDER, (me) => asSender(me, senders, receivers.length, given)],
  );
  const [[values, programmed], sent] = results;
  return { values: blocksOf(values), programmed: blocksOf(programmed), sent: blocksOf(sent), world };
}

/** The plaintext twin: one function at both sides, programmed where the sender has the item. */
function expectFunction(
  receivers: readonly number[],
  senders: readonly number[],
  { values, programmed, sent }: Awaited<ReturnType<typeof run>>,
): void {
  const byItem = new Map(senders.map((each, i) => [each, sent[i]!]));
  const targets = new Set(senders.map((each) => toHex(target(each))));
  receivers.forEach((each, i) => {
    if (byItem.has(each)) expect([values[i], programmed[i]]).toEqual([byItem.get(each), toHex(target(each))]);
    else {
      expect(sent).not.toContain(values[i]);
      expect(targets).not.toContain(programmed[i]);
    }
  });
  const all = [...values, ...sent.filter((_, i) => !receivers.includes(senders[i]!))];
  expect(new Set(all).size).toBe(all.length);
}

describe("the programmable function", () => {
  for (const [name, receivers, senders] of [
    ["some items of both", range(0, 60), range(40, 90)],
    ["all items", range(0, 20), range(0, 20).reverse()],
    ["none", range(0, 20), range(20, 30)],
    ["nothing at the receiver", [], range(0, 5)],
    ["nothing at the sender", range(0, 5), []],
    ["one item", [3], [3]],
    ["many items", range(0, 3000), range(1500, 4000)],
  ] as const)
    it(`has the same values at both sides: ${name}, at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) =>
        expectFunction(receivers, senders, await run(receivers, senders, { window })),
      ));

  it("equals its plaintext twin on any sets", async () => {
    const numbers = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.nat(), async (a, b, seed) =>
        expectFunction(a, b, await run(a, b, { seed })),
      ),
      { numRuns: 8 },
    );
  });

  it("is another one in each run and under each binding", async () => {
    const [items, given] = [range(0, 5), { binding: new Uint8Array(32).fill(1) }];
    const runs = [await run(items, items), await run(items, items, { seed: 2 }), await run(items, items, {}, given)];
    const values = runs.flatMap((each) => each.values);
    expect(new Set(values).size).toBe(values.length);
  });

  it("sends the rounds and bytes it declares", async () => {
    for (const [receivers, senders] of [
      [70, 25],
      [700, 900],
    ] as const) {
      const { world } = await run(range(0, receivers), range(0, senders));
      // Many correlations need a message more than few: their trees.
      expect(world.cost.rounds).toBe(receivers === 70 ? 3 : 5);
      expect(world.cost.bytes).toBe(oprfBytes(receivers, FAILURE_BITS) + hintBytes(senders, FAILURE_BITS));
    }
  });

  it("gives the same values in every version", async () => {
    const { values } = await run([1, 2], [2, 3]);
    expect(values).toMatchInlineSnapshot(`
      [
        "954759a13ee80204f81518c95a51f3d7",
        "b2f2496596d0c0935378d0fc0576e182",
      ]
    `);
  });
});

describe("a meddling partner", () => {
  it("is noticed, or has made another function", async () => {
    const lost = "another item or function, whose values nobody else has";
    await tamperEvery({
      parties: [RECEIVER, SENDER],
      table: messages,
      seed: 4,
      run: async (me) => {
        if (me.id === RECEIVER) return (await asReceiver(me, range(0, 30), 20, {}))[0];
        return asSender(me, range(20, 40), 30, {});
      },
      names: ["oprfSeed", "oprfTable", "hintSeed", "hintTable"],
      tolerated: { oprfSeed: lost, oprfTable: lost, hintSeed: lost, hintTable: lost },
      deadlineMs: 1500,
    });
  });

  it.each([400, 1400])("sending a table for %i items and not 900 is refused", async (count) => {
    const world = await runWorld<unknown>([RECEIVER, SENDER], { seed: 1 }, (me) =>
      me.id === RECEIVER ? asReceiver(me, range(0, 500), 900, {}) : asSender(me, range(0, count), 500, {}),
    );
    expect(world.error(RECEIVER)).toMatchObject({ code: "protocol.size", blame: SENDER });
  });
});
