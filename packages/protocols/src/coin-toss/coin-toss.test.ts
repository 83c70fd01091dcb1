import { createHash } from "node:crypto";
import { concat, toHex } from "@tombolo/base";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { combineCoins, hub, leaf, makeCoin, messages } from "./index.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `party-${i}`);

async function toss(me: Me): Promise<string> {
  const [first, ...others] = me.parties as [string, ...string[]];
  if (me.id !== first) return toHex(await leaf(await me.peer(messages, "leaf", first, "hub"), me.secrets));
  const leaves = await Promise.all(others.map((id) => me.peer(messages, "hub", id, "leaf")));
  return toHex(await hub(leaves, me.secrets));
}

const binding = new Uint8Array(32).fill(7);

describe("coin toss", () => {
  for (const count of [2, 3, 5])
    it(`gives ${count} parties the same fresh bytes`, () =>
      atWindows([1, 8], async (window) => {
        const world = await runWorld(names(count), { seed: 1, window }, toss);
        const results = new Set(names(count).map((id) => world.result(id)));
        expect(results.size).toBe(1);
        const [result] = results;
        expect(result).toMatch(/^[0-9a-f]{64}$/);
        const other = await runWorld(names(count), { seed: 2, window }, toss);
        expect(other.result("party-0")).not.toBe(result);
        expect(world.cost.rounds).toBe(4);
        expect(world.cost.bytes).toBe((count - 1) * (32 + (4 + 32 * count) + 64 + (4 + 64 * count)));
      }));

  it("depends on the session and on every coin", async () => {
    const coins = await Promise.all(["a", "b"].map((id) => makeCoin(binding, seededSecrets(1, id))));
    const commitments = concat(...coins.map((coin) => coin.commitment));
    const openings = concat(...coins.map((coin) => coin.opening));
    const result = await combineCoins(binding, commitments, openings);
    const expected = createHash("sha256").update("tombolo/coin-toss/1/result\0").update(binding).update(commitments);
    for (const { opening } of coins) expected.update(opening.subarray(32));
    expect(toHex(result)).toBe(expected.digest("hex"));
    await expect(combineCoins(new Uint8Array(32), commitments, openings)).rejects.toMatchObject({
      code: "protocol.coin",
    });
    for (const bit of [0, 40, 64, 127]) {
      const changed = openings.slice();
      changed[bit]! ^= 1;
      await expect(combineCoins(binding, commitments, changed)).rejects.toMatchObject({ code: "protocol.coin" });
    }
    await expect(combineCoins(binding, commitments, openings.subarray(64))).rejects.toMatchObject({
      code: "protocol.coin",
    });
  });

  it("refuses a copied coin", async () => {
    const { commitment, opening } = await makeCoin(binding, seededSecrets(1, "a"));
    const twice = combineCoins(binding, concat(commitment, commitment), concat(opening, opening));
    await expect(twice).rejects.toMatchObject({ code: "protocol.coin" });
  });

  it("notices every changed message", () =>
    tamperEvery({ parties: names(3), table: messages, seed: 3, run: toss, deadlineMs: 200 }));
});
