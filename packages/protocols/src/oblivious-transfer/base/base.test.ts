import { toHex } from "@tombolo/base";
import { ristretto255, sha256 } from "@tombolo/crypto";
import { atWindows, type Me, runParties, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { BASE_COUNT, baseOtMessages, baseOtReceiver, baseOtSender } from "./index.ts";
import { allSides, deriveKeys, halfOf, hashPoints } from "./steps.ts";

const table = baseOtMessages("sender", "receiver");
const parties = ["alice", "bob"];
const session = new Uint8Array(32).fill(7);
const choices = Uint8Array.from({ length: 16 }, (_, i) => 37 * i + 91);
const bit = (i: number): 0 | 1 => (((choices[i >> 3]! >> (i & 7)) & 1) === 0 ? 0 : 1);
const keyAt = (keys: Uint8Array, i: number): string => toHex(keys.subarray(16 * i, 16 * i + 16));

const send = async (me: Me) =>
  baseOtSender(await me.peer(table, "sender", "bob", "receiver"), { session, secrets: me.secrets });
const receive = async (me: Me) =>
  baseOtReceiver(choices, await me.peer(table, "receiver", "alice", "sender"), { session, secrets: me.secrets });

describe("base oblivious transfer", () => {
  it("gives the receiver the chosen key and no other, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const { results, world } = await runParties({ seed: 3, window }, ["alice", send], ["bob", receive]);
      const [both, chosen] = results;
      for (let i = 0; i < BASE_COUNT; i++) {
        expect(keyAt(chosen, i)).toBe(keyAt(both[bit(i)], i));
        expect(keyAt(chosen, i)).not.toBe(keyAt(both[bit(i) === 0 ? 1 : 0], i));
      }
      const all = new Set(both.flatMap((keys) => Array.from({ length: BASE_COUNT }, (_, i) => keyAt(keys, i))));
      expect(all.size).toBe(2 * BASE_COUNT);
      expect(world.cost.rounds).toBe(2);
      expect(world.cost.byDirection["bob->alice"]!.baseOtChoices!.bytes).toBe(8192);
      expect(world.cost.byDirection["alice->bob"]!.baseOtKeys!.bytes).toBe(4096);
    }));

  it("is exactly the paper's key agreement", async () => {
    const secrets = seededSecrets(5, "by hand");
    const scalars = (): Uint8Array => ristretto255.randomScalar(secrets);
    const [a, b] = [scalars(), scalars()];
    const repeat = (one: Uint8Array): Uint8Array =>
      Uint8Array.from({ length: 32 * BASE_COUNT }, (_, i) => one[i % 32]!);
    const other = await ristretto255.multiplyBase(repeat(scalars()));
    const own = await ristretto255.subtract(
      await ristretto255.multiplyBase(repeat(b)),
      await hashPoints(session, allSides(1), other),
    );
    const pairs = new Uint8Array(64 * BASE_COUNT);
    for (let i = 0; i < BASE_COUNT; i++) {
      pairs.set(other.subarray(32 * i, 32 * i + 32), 64 * i);
      pairs.set(own.subarray(32 * i, 32 * i + 32), 64 * i + 32);
    }
    expect(halfOf(pairs, allSides(1))).toEqual(own);
    const keys = await ristretto255.multiplyBase(repeat(a));
    const sums = await ristretto255.add(own, await hashPoints(session, allSides(1), other));
    const product = await ristretto255.multiplyEach(keys, repeat(b)); // b·a·G
    expect(await ristretto255.multiplyEach(sums, repeat(a))).toEqual(product);
    const derived = await deriveKeys(session, allSides(1), { pairs, keys }, product);
    expect(derived).not.toEqual(await deriveKeys(session, allSides(0), { pairs, keys }, product));
    expect(derived).not.toEqual(await deriveKeys(await sha256(session), allSides(1), { pairs, keys }, product));
  });

  it("sends pairs that look the same whatever was chosen", async () => {
    // Each point decodes, and none repeats: neither half of a pair is marked.
    let pairs = new Uint8Array(0);
    await runWorld(parties, { seed: 4 }, async (me) => {
      if (me.id === "bob") return void (await receive(me));
      const peer = await me.peer(table, "sender", "bob", "receiver");
      pairs = (await peer.receive("baseOtChoices")).slice();
      await peer.send("baseOtKeys", await ristretto255.multiplyBase(new Uint8Array(32 * BASE_COUNT).fill(1)));
    });
    await ristretto255.validate(pairs);
    expect(new Set(Array.from({ length: 256 }, (_, i) => toHex(pairs.subarray(32 * i, 32 * i + 32)))).size).toBe(256);
  });

  it("ends typed or with other keys on every changed message", () =>
    tamperEvery({
      parties,
      table,
      seed: 2,
      deadlineMs: 500,
      run: (me) => (me.id === "alice" ? send(me).then((both) => both[0]) : receive(me)),
      tolerated: { baseOtKeys: "keys that do not agree are noticed where they are used", baseOtChoices: "likewise" },
    }));

  it("refuses points outside the group", async () => {
    const world = await runWorld(parties, { seed: 1 }, async (me) => {
      if (me.id === "alice") return void (await send(me));
      const peer = await me.peer(table, "receiver", "alice", "sender");
      await peer.send("baseOtChoices", new Uint8Array(64 * BASE_COUNT).fill(255));
      await peer.receive("baseOtKeys");
    });
    expect(world.error("alice")).toMatchObject({ code: "protocol.point", blame: "bob" });
  });
});
