import { seededSampling, toHex } from "@tombolo/base";
import { gf128Multiply } from "@tombolo/crypto";
import { atWindows, type Me, runParties, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { DIRECT_MAX, type VoleOptions, voleMessages, voleReceiver, voleSender } from "./index.ts";
import { noiseMin, parametersOf, voleBytes } from "./parameters.ts";

type Adversary = VoleOptions["adversary"];
const table = voleMessages("receiver", "sender");
const parties = ["alice", "bob"];

const send = async (me: Me, count: number, adversary: Adversary, delta?: Uint8Array) =>
  voleSender(count, delta, await me.peer(table, "sender", "bob", "receiver"), {
    secrets: me.secrets,
    label: "test",
    adversary,
  });
const receive = async (me: Me, count: number, adversary: Adversary) =>
  voleReceiver(count, await me.peer(table, "receiver", "alice", "sender"), {
    secrets: me.secrets,
    label: "test",
    adversary,
  });
const run = (count: number, adversary: Adversary, delta?: Uint8Array, window = 8) =>
  runParties(
    { seed: 5, window },
    ["alice", (me) => send(me, count, adversary, delta)],
    ["bob", (me) => receive(me, count, adversary)],
  );

/** c = a·delta + b at every place. */
async function expectCorrelated(
  count: number,
  { delta, b }: { delta: Uint8Array; b: Uint8Array },
  { a, c }: { a: Uint8Array; c: Uint8Array },
): Promise<void> {
  expect([a.length, b.length, c.length]).toEqual([16 * count, 16 * count, 16 * count]);
  const repeated = Uint8Array.from({ length: 16 * count }, (_, i) => delta[i % 16]!);
  const products = await gf128Multiply(a, repeated);
  expect(
    Buffer.compare(
      products.map((byte, i) => byte ^ b[i]!),
      c,
    ),
  ).toBe(0);
}

describe("VOLE", () => {
  for (const adversary of ["semi-honest", "malicious"] as const)
    for (const count of [1, DIRECT_MAX, DIRECT_MAX + 1, 5000])
      it(`${adversary}, ${count}: c = a·delta + b`, async () => {
        const { results } = await run(count, adversary);
        await expectCorrelated(count, ...results);
      });

  it("takes a given delta, and at window 1", () =>
    atWindows([1, 8], async (window) => {
      const delta = Uint8Array.from({ length: 16 }, (_, i) => 255 - 16 * i);
      const { results } = await run(3000, "malicious", delta, window);
      expect(results[0].delta).toEqual(delta);
      await expectCorrelated(3000, ...results);
    }));

  it("makes 2^18 elements that look random", async () => {
    const count = 2 ** 18;
    const { results } = await run(count, "semi-honest");
    await expectCorrelated(count, ...results);
    const { a } = results[1];
    for (const bytes of [a, results[0].b]) {
      // 2^21 samples of each bit: six standard deviations.
      const ones = new Float64Array(128);
      for (let at = 0; at < bytes.length; at++)
        for (let bit = 0; bit < 8; bit++) ones[8 * (at % 16) + bit]! += (bytes[at]! >> bit) & 1;
      for (const one of ones) expect(Math.abs(one - count / 2)).toBeLessThan(6 * Math.sqrt(count / 4));
    }
    const some = seededSampling(1);
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const at = 16 * some.below(count);
      seen.add(toHex(a.subarray(at, at + 16)));
    }
    expect(seen.size).toBeGreaterThan(1950);
  });

  it("costs the declared rounds and bytes", async () => {
    for (const [adversary, rounds] of [
      ["semi-honest", 3],
      ["malicious", 5],
    ] as const)
      for (const count of [DIRECT_MAX, 2000]) {
        const { world } = await run(count, adversary);
        expect(world.cost.bytes).toBe(voleBytes(count, adversary));
        expect(world.cost.rounds).toBe(count === DIRECT_MAX ? 2 : rounds);
      }
  });

  it("has parameters for every size, and refuses others", () => {
    for (let count = DIRECT_MAX + 1; count <= 2 ** 23; count = Math.ceil(count * 1.37)) {
      const { trees, depth } = parametersOf(count, "semi-honest");
      expect(trees).toBeGreaterThanOrEqual(noiseMin(count));
      expect(trees * 2 ** depth).toBeGreaterThanOrEqual(2 * count);
    }
    for (const count of [0, -1, 1.5, 2 ** 23 + 1])
      expect(() => parametersOf(count, "malicious")).toThrow(expect.objectContaining({ code: "input.size" }));
  });
});

describe("a dishonest party", () => {
  it("is found out when any message is changed", () =>
    tamperEvery<Uint8Array>({
      parties,
      table,
      seed: 2,
      deadlineMs: 1500,
      run: async (me) =>
        me.id === "alice" ? (await send(me, 800, "malicious")).b : (await receive(me, 800, "malicious")).c,
    }));

  it("who gives inconsistent trees is found out, if it is to be", async () => {
    const cheat = async (adversary: Adversary) => {
      const world = await runWorld<unknown>(parties, { seed: 3 }, async (me) => {
        if (me.id === "bob") return receive(me, 800, adversary);
        const peer = await me.peer(table, "sender", "bob", "receiver");
        const cheating: Parameters<typeof voleSender>[2] = {
          party: peer.party,
          binding: peer.binding,
          receive: (name: "baseOtKeys" | "otTrees" | "voleCheck") => peer.receive(name),
          receiveEach: (name) => peer.receiveEach(name),
          // Wrong at one side of the first level of every tree: half of the receivers' places notice.
          send: (name: "baseOtChoices" | "voleSums" | "voleProof", value: Uint8Array) =>
            peer.send(name, name === "voleSums" ? value.map((byte, i) => (i % 64 === 0 ? byte ^ 1 : byte)) : value),
        };
        return voleSender(800, undefined, cheating, { secrets: me.secrets, label: "test", adversary });
      });
      const outcome = world.outcomes.bob!;
      return outcome.ok ? "nothing" : outcome.error.code;
    };
    expect(await cheat("semi-honest")).toBe("nothing");
    expect(await cheat("malicious")).toBe("protocol.vole");
  });
});
