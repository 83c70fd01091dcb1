import { concat, toHex } from "@tombolo/base";
import { sha256 } from "@tombolo/crypto";
import { atWindows, runParties, type World, type WorldOptions } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  psiMessages,
  type Received,
  receive,
  receiverRowsBound,
  SETTINGS,
  type SettingName,
  send,
  shapeOf,
  tagBytes,
  trafficBytes,
  type VolePsiOptions,
} from "./index.ts";
import { dealer } from "./testing/dealer.ts";

const messages = psiMessages("receiver", "sender");

type Options = Omit<Partial<VolePsiOptions>, "secrets">;
interface Case extends Options {
  readonly labelBytes?: number;
  readonly senderOptions?: Options;
}

/** Item i, a digest as the protocol takes it. */
const item = (i: number): Uint8Array => {
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  for (let word = 0; word < 4; word++)
    view.setUint32(4 * word, Math.imul(i + 1, 0x9e3779b1 + 2 * word) ^ (i << word), true);
  view.setUint32(12, i, true);
  return out;
};
const itemsOf = (numbers: readonly number[]): Uint8Array => concat(...numbers.map(item));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const labelOf = (number: number, width: number): Uint8Array =>
  Uint8Array.from({ length: width }, (_, i) => (number * 7 + i) & 255);

interface Outcome {
  readonly received: Received;
  readonly sent: Uint32Array;
  readonly world: World<Received | Uint32Array>;
}

async function match(
  receivers: readonly number[],
  senders: readonly number[],
  { labelBytes = 0, senderOptions, ...options }: Case = {},
  setting: WorldOptions = {},
): Promise<Outcome> {
  const deal = dealer(3);
  const { results, world } = await runParties(
    { seed: 1, ...setting },
    [
      "bank",
      async (me) =>
        receive(itemsOf(receivers), labelBytes, deal.receive, await me.peer(messages, "receiver", "shop", "sender"), {
          ...options,
          secrets: me.secrets,
        }),
    ],
    [
      "shop",
      async (me) =>
        send(
          itemsOf(senders),
          { width: labelBytes, values: concat(...senders.map((number) => labelOf(number, labelBytes))) },
          deal.send,
          await me.peer(messages, "sender", "bank", "receiver"),
          { ...options, ...senderOptions, secrets: me.secrets },
        ),
    ],
  );
  return { received: results[0], sent: results[1], world };
}

/** The plaintext twin. */
function expectMatched({ received, sent }: Outcome, receivers: readonly number[], senders: readonly number[]): void {
  const [mine, theirs] = [new Set(receivers), new Set(senders)];
  expect([...received.positions]).toEqual([...receivers.keys()].filter((i) => theirs.has(receivers[i]!)));
  expect([...sent]).toEqual([...senders.keys()].filter((i) => mine.has(senders[i]!)));
}

const settings = Object.keys(SETTINGS) as SettingName[];

describe.each(settings)("VOLE-PSI, %s,", (setting) => {
  const cases: Record<string, [number[], number[]]> = {
    "some items": [range(0, 50), range(30, 100)],
    "nothing at the receiver": [[], range(0, 9)],
    "nothing at the sender": [range(0, 9), []],
    "nothing at all": [[], []],
    "one item, equal": [[5], [5]],
    "one item, different": [[5], [6]],
    "all items, in another order": [range(0, 40), range(0, 40).reverse()],
    "no item": [range(0, 40), range(40, 90)],
  };
  for (const [name, [a, b]] of Object.entries(cases))
    it(`finds ${name} at windows 1 and 8`, () =>
      atWindows([1, 8], async (window) => expectMatched(await match(a, b, { setting }, { window }), a, b)));

  it("equals the plaintext intersection on any sets", async () => {
    const numbers = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.nat(), async (a, b, seed) =>
        expectMatched(await match(a, b, { setting }, { seed }), a, b),
      ),
      { numRuns: 15 },
    );
  });

  it("gives the sender nothing if one-sided", async () => {
    const { received, sent, world } = await match(range(0, 20), range(10, 30), { setting, output: "receiver" });
    expect([...received.positions]).toEqual(range(10, 20));
    expect(sent).toHaveLength(0);
    expect(world.cost.byDirection["bank->shop"]).not.toHaveProperty("psiMatched");
  });

  it.each([1, 32, 45, 100])("hands over labels of %i bytes where matched", async (labelBytes) => {
    const [a, b] = [range(0, 30).reverse(), range(20, 60)];
    const outcome = await match(a, b, { setting, labelBytes, output: "receiver" });
    const expected = [...outcome.received.positions].map((i) => labelOf(a[i]!, labelBytes));
    expect(expected).toHaveLength(10);
    expect(toHex(outcome.received.labels)).toBe(toHex(concat(...expected)));
  });

  it("sends the rounds and bytes it declares", async () => {
    for (const output of ["both", "receiver"] as const) {
      const { world } = await match(range(0, 70), range(50, 75), { setting, output, labelBytes: 5 });
      expect(world.cost.rounds).toBe(4);
      const sizes = { receiverRows: 70, senderRows: 25 };
      const sum = (direction: string) =>
        Object.values(world.cost.byDirection[direction]!).reduce((n, m) => n + m.bytes, 0);
      expect({ toReceiver: sum("shop->bank"), toSender: sum("bank->shop") }).toEqual(
        trafficBytes(sizes, { setting, output, labelBytes: 5 }),
      );
    }
  });
});

describe("VOLE-PSI", () => {
  it("finds one among many, both ways round", async () => {
    const many = range(0, 2 ** 16);
    expectMatched(await match([777], many), [777], many);
    expectMatched(await match(many, [65_535, 99_999]), many, [65_535, 99_999]);
  });

  it("keeps buckets apart: the same sets under another binding send other bytes", async () => {
    const sent = async (binding: Uint8Array): Promise<string[]> => {
      const seen: string[] = [];
      const tamper: WorldOptions["tamper"] = ({ frame }) => {
        if (frame.length > 200) seen.push(toHex(frame));
        return [frame];
      };
      await match(range(0, 40), range(20, 60), { binding }, { tamper });
      return seen;
    };
    const [first, again] = [await sent(new Uint8Array(32)), await sent(new Uint8Array(32))];
    const other = await sent(new Uint8Array(32).fill(1));
    expect(first).toHaveLength(2);
    expect(again).toEqual(first);
    expect(other.filter((frame) => first.includes(frame))).toEqual([]);
  });

  it("sends fingerprints in an order that the input's does not change", async () => {
    const tagsOf = async (senders: number[]) => {
      let tags = "";
      const tamper: WorldOptions["tamper"] = (sent) => {
        if (sent.from === "shop" && sent.frame.length > 200) tags = toHex(sent.frame);
        return [sent.frame];
      };
      await match(range(0, 30), senders, {}, { tamper });
      return tags;
    };
    const tags = await tagsOf(range(20, 60));
    expect(tags.length).toBeGreaterThan(400);
    expect(await tagsOf(range(20, 60).reverse())).toBe(tags);
  });

  it("reports progress up to the end", async () => {
    const seen: number[] = [];
    await match(range(0, 5), range(0, 5), { progress: (share) => seen.push(share) });
    expect(Math.max(...seen)).toBe(1);
    expect(seen).toHaveLength(8);
  });

  it("has tags wide enough for the sets and the runs", () => {
    expect(tagBytes(2 ** 20, 2 ** 20, 40)).toBe(10);
    expect(tagBytes(1, 1, 40)).toBe(5);
    expect(tagBytes(2 ** 22, 2 ** 22, 50)).toBe(12);
    const shape = (setting: SettingName) =>
      shapeOf({ receiverRows: 2 ** 20, senderRows: 2 ** 20 }, SETTINGS[setting], 40);
    expect(shape("low-communication").slots).toBeLessThan(0.93 * shape("fast").slots);
    expect(shape("malicious").tagWidth).toBe(11);
  });

  it("bounds what a malicious receiver can put in", () => {
    for (const rows of [2 ** 10, 2 ** 16, 2 ** 20]) {
      const { slots } = shapeOf({ receiverRows: rows, senderRows: 1 }, SETTINGS.malicious, 40);
      const bound = receiverRowsBound(slots);
      expect(bound / rows).toBeGreaterThan(2);
      expect(bound / rows).toBeLessThan(4.5);
      expect(receiverRowsBound(slots, 128)).toBeGreaterThan(bound);
    }
  });

  it("gives the same tags in every version", async () => {
    let tags: Uint8Array = new Uint8Array(0);
    const tamper: WorldOptions["tamper"] = (sent) => {
      if (sent.from === "shop" && sent.frame.length > 200) tags = sent.frame.slice();
      return [sent.frame];
    };
    const digests: string[] = [];
    for (const setting of settings) {
      await match(range(0, 30), range(20, 60), { setting }, { tamper });
      digests.push(toHex(await sha256(tags)).slice(0, 16));
    }
    expect(digests).toMatchInlineSnapshot(`
      [
        "6e8a94f95938328c",
        "6e8a94f95938328c",
        "d9f1813bfcb3c8ad",
      ]
    `);
  });
});
