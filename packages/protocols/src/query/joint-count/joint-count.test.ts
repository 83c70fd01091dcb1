import { createHash } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guest, host, idPrefix, messages, trafficBytes } from "./index.ts";
import { sharesOfZero } from "./steps.ts";
import { entriesAt } from "./threshold.ts";

const digestsOf =
  (ids: readonly string[]) =>
  async (run: Uint8Array): Promise<Uint8Array> =>
    Buffer.concat(ids.map((id) => createHash("sha256").update(idPrefix(run)).update(id).digest().subarray(0, 16)));

type Lists = Readonly<Record<string, readonly string[]>>;

async function count(me: Me, own: readonly string[], lists: Lists, budget = 1000, least?: number): Promise<unknown> {
  const hosts = Object.keys(lists);
  if (me.id === "bank") {
    const peers = await Promise.all(hosts.map((each) => me.peer(messages, "receiver", each, "sender")));
    return guest(peers, {
      secrets: me.secrets,
      digestsOf: digestsOf(own),
      count: own.length,
      ...(least === undefined ? {} : { least }),
    });
  }
  const threshold = least === undefined ? {} : { threshold: { least, first: me.id === hosts[0] } };
  const list = lists[me.id]!;
  const admit = async (asked: number): Promise<void> => {
    if (asked > budget) throw new TomboloError("consent.budget", "too many ids");
  };
  const peer = await me.peer(messages, "sender", "bank", "receiver");
  return host(peer, { secrets: me.secrets, digestsOf: digestsOf(list), count: list.length, admit, ...threshold });
}
const run = (own: readonly string[], lists: Lists, world = {}, budget?: number, least?: number) =>
  runWorld(["bank", ...Object.keys(lists)], { seed: 1, ...world }, (me) => count(me, own, lists, budget, least));
const plain = (own: readonly string[], lists: Lists): Uint8Array =>
  Uint8Array.from(own, (id) => Object.values(lists).filter((list) => list.includes(id)).length);

describe("joint count", () => {
  it("says in how many lists each id is, at windows 1 and 8", () =>
    atWindows([1, 8], async (window) => {
      const own = ["a", "b", "c", "d"];
      const lists = { telco: ["a", "b", "x"], insurer: ["b", "c"], shop: ["b", "y", "a", "z"] };
      const world = await run(own, lists, { window });
      expect(world.result("bank")).toEqual(Uint8Array.of(2, 3, 1, 0));
      for (const party of Object.keys(lists)) expect(world.result(party)).toBe(4);
      expect(world.cost.bytes).toBe(trafficBytes(4, [3, 2, 4]));
      // Counted one after another, though hosts work at the same time.
      expect(world.cost.rounds).toBeLessThanOrEqual(3 * (10 + 7));
    }));

  it("equals the plaintext, for any lists of two to four parties", { timeout: 60_000 }, async () => {
    const ids = fc.uniqueArray(fc.nat(30).map(String), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(ids, fc.array(ids, { minLength: 2, maxLength: 4 }), async (own, all) => {
        const lists = Object.fromEntries(all.map((list, i) => [`host-${i}`, list]));
        expect((await run(own, lists)).result("bank")).toEqual(plain(own, lists));
      }),
      { numRuns: 6 },
    );
  });

  it("masks what single hosts send: shares of zero add up, and are not zero themselves", async () => {
    const keys = [0, 1, 2].map((i) => seededSecrets(i, "pairs").bytes(32));
    const [ab, ac, bc] = keys as [Uint8Array, Uint8Array, Uint8Array];
    const shares = await Promise.all([
      sharesOfZero([ab, ac], 0, 500),
      sharesOfZero([ab, bc], 1, 500),
      sharesOfZero([ac, bc], 2, 500),
    ]);
    const sum = Uint8Array.from({ length: 500 }, (_, bin) => shares.reduce((total, share) => total + share[bin]!, 0));
    expect(sum).toEqual(new Uint8Array(500));
    for (const share of shares) expect(share.filter((byte) => byte === 0).length).toBeLessThan(20);
  });

  it("takes two lists at least, and what hosts admit", async () => {
    expect((await run(["a"], { telco: ["a"] })).error("bank").code).toBe("input.parties");
    const world = await run(["a", "b"], { telco: ["a"], insurer: ["b"] }, {}, 1);
    expect(world.error("bank").code).toBe("consent.budget");
  });

  it("refuses a host's key that was not its own", async () => {
    const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id === "telco") return count(me, [], { telco: ["a"] });
      const peer = await me.peer(messages, "receiver", "telco", "sender");
      await peer.send("start", { value: new Uint8Array(32), count: 1 });
      const { value } = await peer.receive("joins");
      const keys = new Uint8Array(64);
      keys.set(value);
      await peer.send("hosts", { place: 1, keys });
      return peer.receive("equalTables" as never);
    });
    expect(world.error("telco")).toMatchObject({ code: "protocol.key", blame: "bank" });
  });

  it("ends in an error, or with the right counts, when its own messages are tampered with", {
    timeout: 60_000,
  }, async () => {
    const unused = "what is changed may be the share of a bin that holds no id";
    await tamperEvery<unknown>({
      parties: ["bank", "telco", "insurer"],
      table: messages,
      names: ["start", "joins", "hosts", "flips", "counts"],
      seed: 4,
      deadlineMs: 400,
      run: (me) => count(me, ["a", "b"], { telco: ["a"], insurer: ["b", "c"] }),
      check({ outcomes }) {
        // A changed share is any of 256, of which three are counts.
        if (outcomes.bank!.ok) expect(outcomes.bank!.value).toEqual(Uint8Array.of(1, 1));
        for (const list of [outcomes.telco!, outcomes.insurer!]) if (list.ok) expect(list.value).toBe(2);
      },
      tolerated: { flips: unused, counts: unused },
    });
  });

  it("says only whether a threshold is reached, within the declared cost", async () => {
    const lists = { telco: ["a", "b", "x"], insurer: ["b", "c"], shop: ["b", "y", "a", "z"] };
    const world = await run(["a", "b", "c", "d"], lists, { window: 1 }, 1000, 2);
    expect(world.result("bank")).toEqual(Uint8Array.of(1, 1, 0, 0));
    expect(world.cost.bytes).toBe(trafficBytes(4, [3, 2, 4], true));
  });

  it("reaches every threshold as the plaintext does", { timeout: 60_000 }, async () => {
    const ids = fc.uniqueArray(fc.nat(12).map(String), { maxLength: 8 });
    const some = fc
      .array(ids, { minLength: 2, maxLength: 4 })
      .chain((all) =>
        fc.record({ all: fc.constant(all), least: fc.integer({ min: 1, max: all.length }), seed: fc.nat() }),
      );
    await fc.assert(
      fc.asyncProperty(ids, some, async (own, { all, least, seed }) => {
        const lists = Object.fromEntries(all.map((list, i) => [`host-${i}`, list]));
        const expected = plain(own, lists).map((hits) => (hits >= least ? 1 : 0));
        expect((await run(own, lists, { seed }, 1000, least)).result("bank")).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });

  it("lays sixteen bits out for every mask, count and threshold", () => {
    for (let least = 1; least <= 15; least++)
      for (let mask = 0; mask < 256; mask++) {
        const word = entriesAt(mask, least, 15);
        const told = Array.from({ length: 16 }, (_, hits) => (word >>> ((hits + mask) & 15)) & 1);
        if (told.lastIndexOf(0) !== least - 1 || told.indexOf(1) !== least)
          expect({ least, mask, told }).toBeUndefined();
      }
  });

  it("takes thresholds that lists can reach, and hosts in the order that all know", async () => {
    const lists = { telco: ["a"], insurer: ["b"] };
    for (const least of [0, 3, 1.5])
      expect((await run(["a"], lists, {}, 9, least)).error("bank").code).toBe("input.threshold");
    const world = await runWorld(["bank", "telco", "insurer"], { seed: 1 }, (me) =>
      me.id === "bank" ? count(me, ["a"], { insurer: ["a"], telco: ["a"] }, 9, 1) : count(me, ["a"], lists, 9, 1),
    );
    expect(["telco", "insurer"].map((party) => world.error(party).code)).toContain("protocol.place");
  });
});
