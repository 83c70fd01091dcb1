import { toHex } from "@tombolo/base";
import { atWindows, type Me, runParties, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  BATCH_OTS,
  correlatedOtReceiver,
  correlatedOtSender,
  type OtOptions,
  type OtReceiverPeer,
  otMessages,
  otReceiver,
  otSender,
  randomOtReceiver,
  randomOtSender,
} from "./index.ts";

const table = otMessages("sender", "receiver");
const parties = ["alice", "bob"];
type Setting = Omit<OtOptions, "secrets" | "label">;
const semiHonest: Setting = { adversary: "semi-honest" };

const optionsOf = (me: Me, setting: Setting): OtOptions => ({ ...setting, secrets: me.secrets, label: "test" });
const alice = (me: Me) => me.peer(table, "sender", "bob", "receiver");
const bob = (me: Me) => me.peer(table, "receiver", "alice", "sender");
const sendCorrelated = async (me: Me, count: number, setting: Setting, delta?: Uint8Array) =>
  correlatedOtSender(count, delta, await alice(me), optionsOf(me, setting));
const receiveCorrelated = async (me: Me, count: number, setting: Setting) =>
  correlatedOtReceiver(count, await bob(me), optionsOf(me, setting));

const bit = (bits: Uint8Array, j: number): number => (bits[j >> 3]! >> (j & 7)) & 1;
const block = (blocks: Uint8Array, j: number): Uint8Array => blocks.subarray(16 * j, 16 * j + 16);

async function correlated(count: number, setting: Setting, delta?: Uint8Array, window = 8) {
  return runParties(
    { seed: 6, window },
    ["alice", (me) => sendCorrelated(me, count, setting, delta)],
    ["bob", (me) => receiveCorrelated(me, count, setting)],
  );
}

/** q = t + choice·delta; choices about half ones, q's distinct. */
function expectCorrelated(
  count: number,
  { delta, q }: { delta: Uint8Array; q: Uint8Array },
  { choices, t }: { choices: Uint8Array; t: Uint8Array },
): void {
  expect([q.length, t.length, choices.length]).toEqual([16 * count, 16 * count, Math.ceil(count / 8)]);
  let wrong = 0;
  for (let j = 0; j < count; j++)
    if (block(q, j).some((byte, i) => byte !== (block(t, j)[i]! ^ (bit(choices, j) * delta[i]!)))) wrong++;
  expect(wrong).toBe(0);
}

describe("correlated oblivious transfer", () => {
  for (const adversary of ["semi-honest", "malicious"] as const)
    for (const fieldBits of [1, 2, 4, 8] as const)
      it(`${adversary}, ${fieldBits} bits: q = t + choice·delta`, async () => {
        const { results } = await correlated(301, { adversary, fieldBits });
        expectCorrelated(301, ...results);
      });

  it("takes a given delta, in several batches, at window 1", () =>
    atWindows([1, 8], async (window) => {
      const delta = Uint8Array.from({ length: 16 }, (_, i) => 200 - 11 * i);
      const count = BATCH_OTS + 5;
      const { results } = await correlated(count, { adversary: "malicious" }, delta, window);
      expect(results[0].delta).toEqual(delta);
      const [last, ones] = [
        results[1].choices.at(-1)!,
        results[1].choices.reduce((sum, byte) => sum + popcount(byte), 0),
      ];
      expect(last >> 5).toBe(0);
      expect(Math.abs(ones - count / 2)).toBeLessThan(5 * Math.sqrt(count / 4));
      const tail = { delta, q: results[0].q.subarray(16 * (count - 64)) };
      const [from, choices] = [count - 64, new Uint8Array(8)];
      for (let j = 0; j < 64; j++) choices[j >> 3]! |= bit(results[1].choices, from + j) << (j & 7);
      expectCorrelated(64, tail, { choices, t: results[1].t.subarray(16 * from) });
    }));

  it("costs the declared rounds and bytes", async () => {
    for (const [setting, more] of [
      [semiHonest, 0],
      [{ adversary: "malicious" } as const, 1056 + 2560],
    ] as const) {
      const { world } = await correlated(1000, setting);
      expect(world.cost.rounds).toBe(2);
      expect(world.cost.bytes).toBe(8192 + 8192 + 496 * 8 + more);
    }
  });
});

describe("random oblivious transfer", () => {
  it("gives the chosen key of each pair and no other", async () => {
    const { results } = await runParties(
      { seed: 8 },
      ["alice", async (me) => randomOtSender(200, await alice(me), optionsOf(me, semiHonest))],
      ["bob", async (me) => randomOtReceiver(200, await bob(me), optionsOf(me, semiHonest))],
    );
    const [{ zero, one }, { choices, keys }] = results;
    for (let j = 0; j < 200; j++) {
      const [chosen, other] = bit(choices, j) === 1 ? [one, zero] : [zero, one];
      expect(block(keys, j)).toEqual(block(chosen, j));
      expect(block(keys, j)).not.toEqual(block(other, j));
    }
    expect(new Set(Array.from({ length: 200 }, (_, j) => toHex(block(zero, j)) + toHex(block(one, j)))).size).toBe(200);
  });
});

describe("taking from one set-up again and again", () => {
  const COUNTS = [130, 5, 256];

  it.each(["semi-honest", "malicious"] as const)(
    "%s: gives other transfers each time, set up once",
    async (adversary) => {
      const { results, world } = await runParties(
        { seed: 10 },
        [
          "alice",
          async (me) => {
            const sender = await otSender(undefined, await alice(me), optionsOf(me, { adversary }));
            const correlated = await sender.correlated(COUNTS[0]!);
            return { correlated, random: [await sender.random(COUNTS[1]!), await sender.random(COUNTS[2]!)] };
          },
        ],
        [
          "bob",
          async (me) => {
            const receiver = await otReceiver(await bob(me), optionsOf(me, { adversary }));
            const correlated = await receiver.correlated(COUNTS[0]!);
            return { correlated, random: [await receiver.random(COUNTS[1]!), await receiver.random(COUNTS[2]!)] };
          },
        ],
      );
      const [sent, received] = results;
      expectCorrelated(COUNTS[0]!, sent.correlated, received.correlated);
      const seen = new Set<string>();
      sent.random.forEach(({ zero, one }, take) => {
        const { choices, keys } = received.random[take]!;
        for (let j = 0; j < COUNTS[take + 1]!; j++) {
          expect(block(keys, j)).toEqual(block(bit(choices, j) === 1 ? one : zero, j));
          seen.add(toHex(block(zero, j))).add(toHex(block(one, j)));
        }
      });
      expect(seen.size).toBe(2 * (COUNTS[1]! + COUNTS[2]!));
      const corrections = 496 * (2 + 1 + 2);
      const proofs = adversary === "malicious" ? 1056 + 3 * (2064 + 496) : 0;
      expect(world.cost.bytes).toBe(8192 + 8192 + corrections + proofs);
    },
  );
});

describe("a dishonest receiver", () => {
  it("is found out or changes nothing when any message is changed", () =>
    tamperEvery({
      parties,
      table,
      seed: 2,
      deadlineMs: 500,
      run: (me) =>
        me.id === "alice"
          ? sendCorrelated(me, 150, { adversary: "malicious" }).then(({ q }) => q)
          : receiveCorrelated(me, 150, { adversary: "malicious" }).then(({ t }) => t),
    }));

  it("is found out with inconsistent choices where semi-honest checks see nothing", async () => {
    const cheat = async (adversary: OtOptions["adversary"]) => {
      const world = await runWorld<unknown>(parties, { seed: 9 }, async (me) => {
        if (me.id === "alice") return sendCorrelated(me, 150, { adversary });
        const peer = await bob(me);
        const cheating: OtReceiverPeer = {
          party: peer.party,
          binding: peer.binding,
          send: (name: "baseOtKeys" | "otTrees", value: Uint8Array) => peer.send(name, value),
          receive: (name) => peer.receive(name),
          sendEach: (name, chunks) => peer.sendEach(name, flipped(chunks)),
        };
        return correlatedOtReceiver(150, cheating, optionsOf(me, { adversary }));
      });
      const outcome = world.outcomes.alice!;
      return outcome.ok ? "nothing" : outcome.error.code;
    };
    expect(await cheat("semi-honest")).toBe("nothing");
    expect(await cheat("malicious")).toBe("protocol.oblivious-transfer");
  });
});

/** One choice in the row of each tree, so that some bit of delta notices. */
async function* flipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const changed = chunk.slice();
    for (let at = 0; at < changed.length - 2064; at += 48) changed[at]! ^= 1;
    yield changed;
  }
}

function popcount(byte: number): number {
  return byte.toString(2).replaceAll("0", "").length;
}
