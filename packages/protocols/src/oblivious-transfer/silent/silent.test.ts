import { toHex } from "@tombolo/base";
import { type Me, runParties, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  batchBytes,
  DEPTH_MIN,
  type SilentOptions,
  type SilentSenderPeer,
  setUpBytes,
  silentOtMessages,
  silentOtReceiver,
  silentOtSender,
  transfersOf,
} from "./index.ts";

type Adversary = SilentOptions["adversary"];
const table = silentOtMessages("sender", "receiver");
const parties = ["alice", "bob"];
const BATCH = transfersOf(DEPTH_MIN);

const optionsOf = (me: Me, adversary: Adversary) => ({ secrets: me.secrets, label: "test", adversary });
const sender = async (me: Me, adversary: Adversary, delta?: Uint8Array) =>
  silentOtSender(delta, await me.peer(table, "sender", "bob", "receiver"), optionsOf(me, adversary));
const receiver = async (me: Me, adversary: Adversary) =>
  silentOtReceiver(await me.peer(table, "receiver", "alice", "sender"), optionsOf(me, adversary));

const bit = (bits: Uint8Array, j: number): number => (bits[j >> 3]! >> (j & 7)) & 1;
const block = (blocks: Uint8Array, j: number): Uint8Array => blocks.subarray(16 * j, 16 * j + 16);

/** q = t + choice·delta at every place. */
function wrong(
  { delta, q }: { delta: Uint8Array; q: Uint8Array },
  { choices, t }: { choices: Uint8Array; t: Uint8Array },
) {
  let count = 0;
  for (let j = 0; j < q.length / 16; j++)
    if (block(q, j).some((byte, i) => byte !== (block(t, j)[i]! ^ (bit(choices, j) * delta[i]!)))) count++;
  return count;
}

const correlated = (count: number, adversary: Adversary, delta?: Uint8Array, window = 8) =>
  runParties(
    { seed: 5, window },
    ["alice", async (me) => (await sender(me, adversary, delta)).correlated(count)],
    ["bob", async (me) => (await receiver(me, adversary)).correlated(count)],
  );

describe("silent oblivious transfer", () => {
  it("gives q = t + choice·delta under a given delta, with choices that look random, at window 1", async () => {
    const delta = Uint8Array.from({ length: 16 }, (_, i) => 255 - 16 * i);
    const { results, world } = await correlated(BATCH, "semi-honest", delta, 1);
    const [sent, received] = results;
    expect(sent.delta).toEqual(delta);
    expect(wrong(sent, received)).toBe(0);
    let [ones, agreeing] = [0, 0];
    for (let j = 0; j < BATCH; j++) {
      ones += bit(received.choices, j);
      if (j > 0) agreeing += bit(received.choices, j) ^ bit(received.choices, j - 1);
    }
    for (const count of [ones, agreeing]) expect(Math.abs(count - BATCH / 2)).toBeLessThan(6 * Math.sqrt(BATCH / 4));
    expect(new Set(Array.from({ length: 2000 }, (_, j) => toHex(block(sent.q, j)))).size).toBe(2000);
    expect(world.cost.rounds).toBe(3);
    expect(world.cost.bytes).toBe(setUpBytes("semi-honest") + batchBytes(DEPTH_MIN, "semi-honest"));
  });

  it.each(["semi-honest", "malicious"] as const)(
    "%s: gives each transfer once, over batches that grow",
    async (adversary) => {
      const counts = [BATCH - 3, 21];
      const { results, world } = await runParties(
        { seed: 7 },
        [
          "alice",
          async (me) => {
            const from = await sender(me, adversary);
            return [await from.random(counts[0]!), await from.random(counts[1]!)] as const;
          },
        ],
        [
          "bob",
          async (me) => {
            const from = await receiver(me, adversary);
            return [await from.random(counts[0]!), await from.random(counts[1]!)] as const;
          },
        ],
      );
      const seen = new Set<string>();
      for (const take of [0, 1] as const) {
        const [{ zero, one }, { choices, keys }] = [results[0][take], results[1][take]];
        expect(keys).toHaveLength(16 * counts[take]!);
        for (let j = Math.max(0, counts[take]! - 500); j < counts[take]!; j++) {
          const [chosen, other] = bit(choices, j) === 1 ? [one, zero] : [zero, one];
          expect(block(keys, j)).toEqual(block(chosen, j));
          expect(block(keys, j)).not.toEqual(block(other, j));
          seen.add(toHex(block(zero, j)));
        }
      }
      expect(seen.size).toBe(521);
      const batches = batchBytes(DEPTH_MIN, adversary) + batchBytes(DEPTH_MIN + 1, adversary);
      expect(world.cost.bytes).toBe(setUpBytes(adversary) + batches);
      expect(world.cost.rounds).toBe(adversary === "malicious" ? 9 : 5);
    },
  );

  it("keeps of keys in bulk what the form says", async () => {
    const form = { kind: "bits", planes: 1 } as const;
    const { results } = await runParties(
      { seed: 8 },
      ["alice", async (me) => (await sender(me, "semi-honest")).bulk(256, form)],
      ["bob", async (me) => (await receiver(me, "semi-honest")).bulk(256, form)],
    );
    const [sent, { choices, kept }] = results;
    const [zero, both] = [sent.subarray(0, 32), sent.subarray(32)];
    for (let j = 0; j < 256; j++) expect(bit(kept, j)).toBe(bit(zero, j) ^ (bit(choices, j) & bit(both, j)));
  });

  it("wants an odd delta of 16 bytes", async () => {
    const peer = {} as SilentSenderPeer;
    const options = {
      secrets: { bytes: (length: number) => new Uint8Array(length) },
      label: "",
      adversary: "malicious",
    };
    for (const delta of [new Uint8Array(16), Uint8Array.of(1)])
      await expect(silentOtSender(delta, peer, options as unknown as SilentOptions)).rejects.toThrow(RangeError);
  });
});

describe("a dishonest party", () => {
  it("is found out when any message is changed", { timeout: 120_000 }, () =>
    tamperEvery<Uint8Array>({
      parties,
      table,
      seed: 2,
      deadlineMs: 1500,
      run: async (me) =>
        me.id === "alice"
          ? (await (await sender(me, "malicious")).correlated(64)).q
          : (await (await receiver(me, "malicious")).correlated(64)).t,
    }),
  );

  it("who gives inconsistent trees is found out, if it is to be", async () => {
    const cheat = async (adversary: Adversary) => {
      const world = await runWorld<unknown>(parties, { seed: 3 }, async (me) => {
        if (me.id === "bob") return (await receiver(me, adversary)).correlated(64);
        const peer = await me.peer(table, "sender", "bob", "receiver");
        const cheating: SilentSenderPeer = {
          party: peer.party,
          binding: peer.binding,
          receive: (name: "baseOtKeys" | "otTrees" | "otCheck") => peer.receive(name),
          receiveEach: (name) => peer.receiveEach(name),
          // Wrong at one side of the first level of every tree: half of the receivers' places notice.
          send: (name: "baseOtChoices" | "otSums" | "otProof", value: Uint8Array) =>
            peer.send(name, name === "otSums" ? value.map((byte, i) => (i % 288 === 2 ? byte ^ 1 : byte)) : value),
        };
        return (await silentOtSender(undefined, cheating, optionsOf(me, adversary))).correlated(64);
      });
      const outcome = world.outcomes.bob!;
      return outcome.ok ? "nothing" : outcome.error.code;
    };
    expect(await cheat("semi-honest")).toBe("nothing");
    expect(await cheat("malicious")).toBe("protocol.oblivious-transfer");
  });
});
