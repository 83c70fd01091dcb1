/** VOLE-PSI over its own correlations. */
import { concat, toHex } from "@tombolo/base";
import { blockStream } from "@tombolo/crypto";
import { atWindows, runParties, runWorld, type WorldOptions } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { DIRECT_MAX, voleBytes } from "../../vole/parameters.ts";
import { receiver as labelledReceiver, sender as labelledSender } from "../labelled/index.ts";
import {
  messages,
  receiver,
  SETTINGS,
  type SettingName,
  sender,
  shapeOf,
  trafficBytes,
  type VolePsiOptions,
} from "./index.ts";

const stream = await blockStream(new Uint8Array(16), 16 * 2 ** 17);
/** Items [from, to) of one random list. */
const items = (from: number, to: number): Uint8Array => stream.slice(16 * from, 16 * to);

const match = (a: Uint8Array, b: Uint8Array, options: Partial<VolePsiOptions> = {}, world: WorldOptions = {}) =>
  runParties(
    { seed: 1, deadlineMs: 60_000, ...world },
    [
      "bank",
      async (me) =>
        receiver(a, await me.peer(messages, "receiver", "shop", "sender"), { ...options, secrets: me.secrets }),
    ],
    [
      "shop",
      async (me) =>
        sender(b, await me.peer(messages, "sender", "bank", "receiver"), { ...options, secrets: me.secrets }),
    ],
  );

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const settings = Object.keys(SETTINGS) as SettingName[];

describe.each(settings)("VOLE-PSI with its correlations, %s,", (setting) => {
  it.each([
    [0, 0],
    [1, 1],
    [3, 700],
    [3000, 2000],
  ])("matches %i with %i items at windows 1 and 8", (receivers, senders) =>
    atWindows([1, 8], async (window) => {
      const common = Math.min(receivers, senders) >> 1;
      const { results } = await match(
        items(0, receivers),
        items(receivers - common, receivers - common + senders),
        { setting },
        { window },
      );
      expect([...results[0]]).toEqual(range(receivers - common, receivers));
      expect([...results[1]]).toEqual(range(0, common));
    }),
  );

  it("sends the rounds and bytes it declares", async () => {
    const { world } = await match(items(0, 2000), items(1000, 2500), { setting });
    const sizes = { receiverRows: 2000, senderRows: 1500 };
    const { adversary } = SETTINGS[setting];
    const { toReceiver, toSender } = trafficBytes(sizes, { setting });
    expect(world.cost.rounds).toBe(adversary === "malicious" ? 9 : 7);
    expect(world.cost.bytes).toBe(
      toReceiver + toSender + voleBytes(shapeOf(sizes, SETTINGS[setting], 40).slots, adversary),
    );
  });
});

describe("VOLE-PSI with its correlations", () => {
  it("finds one among many, both ways round", async () => {
    const many = items(0, 2 ** 16);
    const [one, none] = [items(777, 778), items(100_000, 100_001)];
    expect((await match(one, many)).results.map((positions) => [...positions])).toEqual([[0], [777]]);
    expect((await match(many, concat(none, one))).results.map((positions) => [...positions])).toEqual([[777], [1]]);
  });

  it("runs for bucket after bucket in one session", async () => {
    const bindings = [1, 2].map((bucket) => new Uint8Array(32).fill(bucket));
    const { results } = await runParties(
      { seed: 1, deadlineMs: 60_000 },
      [
        "bank",
        async (me) => {
          const peer = await me.peer(messages, "receiver", "shop", "sender");
          const run = (binding: Uint8Array) => receiver(items(0, 900), peer, { binding, secrets: me.secrets });
          return [await run(bindings[0]!), await run(bindings[1]!)];
        },
      ],
      [
        "shop",
        async (me) => {
          const peer = await me.peer(messages, "sender", "bank", "receiver");
          const run = (binding: Uint8Array) => sender(items(890, 1700), peer, { binding, secrets: me.secrets });
          return [await run(bindings[0]!), await run(bindings[1]!)];
        },
      ],
    );
    for (const positions of results[0]) expect([...positions]).toEqual(range(890, 900));
    for (const positions of results[1]) expect([...positions]).toEqual(range(0, 10));
  });

  it("hands over labels", async () => {
    const values = Uint8Array.from({ length: 50 * 20 }, (_, i) => i & 255);
    const { results } = await runParties(
      { seed: 1 },
      [
        "bank",
        async (me) =>
          labelledReceiver(items(40, 80), 20, await me.peer(messages, "receiver", "shop", "sender"), {
            secrets: me.secrets,
            output: "receiver",
          }),
      ],
      [
        "shop",
        async (me) =>
          labelledSender(items(0, 50), { width: 20, values }, await me.peer(messages, "sender", "bank", "receiver"), {
            secrets: me.secrets,
            output: "receiver",
          }),
      ],
    );
    expect([...results[0].positions]).toEqual(range(0, 10));
    expect(toHex(results[0].labels)).toBe(toHex(values.slice(40 * 20)));
    expect(results[1]).toHaveLength(0);
  });
});

/** Other choices in some transfers than in the rest: what tells a receiver bits of delta where nobody checks. */
async function* inconsistent(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of chunks) {
    const changed = chunk.slice();
    if (first) for (let at = 0; at < changed.length / 4; at += 48) changed[at]! ^= 1;
    first = false;
    yield changed;
  }
}

describe("a receiver that asks for inconsistent transfers", () => {
  const cheat = async (rows: number, setting: SettingName): Promise<string> => {
    const world = await runWorld(["bank", "shop"], { seed: 5, deadlineMs: 20_000 }, async (me) => {
      const options = { secrets: me.secrets, setting };
      if (me.id === "shop") return sender(items(0, 50), await me.peer(messages, "sender", "bank", "receiver"), options);
      const peer = await me.peer(messages, "receiver", "shop", "sender");
      const cheating = new Proxy(peer, {
        get: (of, key) => {
          const value: unknown = Reflect.get(of, key);
          if (key === "sendEach")
            return (name: "otCorrections", chunks: AsyncIterable<Uint8Array>) =>
              peer.sendEach(name, name === "otCorrections" ? inconsistent(chunks) : chunks);
          return typeof value === "function" ? value.bind(of) : value;
        },
      });
      return receiver(items(0, rows), cheating, options);
    });
    const { shop } = world.outcomes;
    return shop!.ok ? "nothing" : shop!.error.code;
  };

  it("is found out by the malicious setting, and in every run of transfers alone", async () => {
    const direct = 100;
    const sizes = { receiverRows: direct, senderRows: 50 };
    expect(shapeOf(sizes, SETTINGS.fast, 40).slots).toBeLessThanOrEqual(DIRECT_MAX);
    for (const setting of ["fast", "malicious"] as const)
      expect([setting, await cheat(direct, setting)]).toEqual([setting, "protocol.oblivious-transfer"]);
    expect(await cheat(3000, "malicious")).toBe("protocol.oblivious-transfer");
    expect(await cheat(3000, "fast")).not.toBe("protocol.oblivious-transfer");
  });
});
