import { TomboloError } from "@tombolo/base";
import { bytes, empty, integer, message, stream } from "@tombolo/channel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atWindows } from "./at-windows.ts";
import { type Me, runParties, runWorld } from "./run-world.ts";
import { tamperEvery } from "./tamper-every.ts";

const means = { en: "a test message", zh: "测试消息" };
const number = integer({ min: 0, max: 1000 });
const table = {
  ask: message("left", "right", number, { means }),
  answer: message("right", "left", number, { means }),
  parts: stream("left", "right", bytes(2 ** 20), { means, sizeMax: 2 ** 20 }),
  done: message("right", "left", empty, { means }),
};

/** Each side's own direction is typed; a wrong name does not compile. */
async function left(me: Me, parts: readonly Uint8Array[]): Promise<number> {
  const peer = await me.peer(table, "left", "telco", "right");
  await peer.send("ask", 20);
  const answer = await peer.receive("answer");
  await peer.sendEach("parts", parts);
  await peer.receive("done");
  return answer;
}

async function right(me: Me): Promise<Uint8Array[]> {
  const peer = await me.peer(table, "right", "bank", "left");
  await peer.send("answer", (await peer.receive("ask")) + 1);
  const parts: Uint8Array[] = [];
  for await (const part of peer.receiveEach("parts")) parts.push(part.slice());
  await peer.send("done", undefined);
  return parts;
}

const both = (parts: readonly Uint8Array[], options = {}) =>
  runParties({ seed: 1, ...options }, ["bank", (me) => left(me, parts)], ["telco", right]);

describe("runWorld", () => {
  test("delivers at windows 1 and 8 and measures rounds and bytes", () =>
    atWindows([1, 8], async (window) => {
      const parts = [new Uint8Array(10).fill(1), new Uint8Array(0), new Uint8Array(300_000).fill(7)];
      const { results, world } = await both(parts, { window });
      expect(results).toEqual([21, parts]);
      // ask, answer, parts (a stream counts once), done
      expect(world.cost.rounds).toBe(4);
      expect(world.cost.byDirection).toEqual({
        "bank->telco": { ask: { messages: 1, bytes: 8 }, parts: { messages: 3, bytes: 300_010 } },
        "telco->bank": { answer: { messages: 1, bytes: 8 }, done: { messages: 1, bytes: 0 } },
      });
    }));

  test("random sizes, frame sizes, windows and delays arrive once and in order", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 12 });
    const setting = fc.record({
      sizes,
      window: fc.integer({ min: 1, max: 5 }),
      frameBytes: fc.integer({ min: 1, max: 4000 }).map((n) => Math.max(n, 97)),
      delayMsMax: fc.constantFrom(0, 0.2),
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ sizes, window, frameBytes, delayMsMax, seed }) => {
        const parts = sizes.map((size, i) => new Uint8Array(size).map((_, j) => (i * 31 + j) & 255));
        const { results } = await both(parts, { window, delayMsMax, seed, limits: { frameBytes } });
        expect(results[1]).toEqual(parts);
      }),
      { numRuns: 60 },
    );
  });

  test("the same seed gives the same secrets, another party others", async () => {
    const draw = async (me: Me) => [...me.secrets.bytes(16)];
    const once = await runWorld(["bank", "telco"], { seed: 3 }, draw);
    const again = await runWorld(["bank", "telco"], { seed: 3 }, draw);
    expect(once.result("bank")).toEqual(again.result("bank"));
    expect(once.result("bank")).not.toEqual(once.result("telco"));
  });

  test("five parties, every pair exchanges at window 1", async () => {
    const ring = {
      there: message("low", "high", number, { means }),
      back: message("high", "low", number, { means }),
    };
    const ids = ["a", "b", "c", "d", "e"];
    const world = await runWorld(ids, { seed: 5, window: 1, delayMsMax: 1 }, async (me) => {
      const others = ids.filter((id) => id !== me.id);
      const mine = ids.indexOf(me.id);
      const got = await Promise.all(
        others.map(async (id) =>
          me.id < id
            ? (await me.peer(ring, "low", id, "high")).exchange("there", mine, "back")
            : (await me.peer(ring, "high", id, "low")).exchange("back", mine, "there"),
        ),
      );
      return got.reduce((sum, n) => sum + n, mine);
    });
    for (const id of ids) expect(world.result(id)).toBe(10);
    expect(world.cost.rounds).toBe(1);
  });

  test("one party's failure ends all with the same public reason", async () => {
    const world = await runWorld(["a", "b", "c"], { seed: 1 }, async (me) => {
      if (me.id === "a") throw new TomboloError("input.rows", "too few rows", { detail: { rows: 3 } });
      const [role, peerRole] = me.id === "b" ? (["left", "right"] as const) : (["right", "left"] as const);
      const peer = await me.peer(table, role as "left", me.id === "b" ? "c" : "b", peerRole);
      return peer.receive("answer");
    });
    for (const id of ["a", "b", "c"]) expect(world.error(id).code).toBe("input.rows");
    expect(world.error("b").detail).toBeUndefined();
  });

  test("a cut ends both sides, a deadlock ends in a timeout", async () => {
    const cut = await runWorld(
      ["bank", "telco"],
      { seed: 1, cutAfterFrames: 3 },
      (me): Promise<unknown> => (me.id === "bank" ? left(me, []) : right(me)),
    );
    for (const id of ["bank", "telco"]) expect(cut.error(id).code).toBe("transport.peer-lost");
    const dead = await runWorld(
      ["bank", "telco"],
      { seed: 1, deadlineMs: 50 },
      async (me): Promise<unknown> =>
        me.id === "bank"
          ? (await me.peer(table, "left", "telco", "right")).receive("answer")
          : (await me.peer(table, "right", "bank", "left")).receive("ask"),
    );
    for (const id of ["bank", "telco"]) expect(dead.error(id).code).toBe("transport.timeout");
  });

  test("every message, changed in every way, is noticed", () =>
    tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table,
      seed: 1,
      deadlineMs: 60,
      run: (me) => (me.id === "bank" ? left(me, [new Uint8Array(8)]) : right(me)),
      // The sample protocol does not authenticate content: flipping a bit of a number gives another number.
      tolerated: { ask: "any number is valid", answer: "any number is valid", parts: "any bytes are valid" },
    }));
});
