import { TomboloError } from "@tombolo/base";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guest, host, messages, ROWS_MAX } from "./index.ts";
import { bitsFor, choicesOf, masked, rowKeys } from "./steps.ts";

const randomRows = (bytes: number): Uint8Array => seededSecrets(3, "rows").bytes(bytes).slice();

async function choose(me: Me, rows: Uint8Array, width: number, row: number, bytesMax = 2 ** 26): Promise<unknown> {
  if (me.id === "telco") return host(rows, width, await me.peer(messages, "host", "bank", "guest"), me.secrets);
  return guest(row, await me.peer(messages, "guest", "telco", "host"), { secrets: me.secrets, bytesMax });
}
const run = (rows: Uint8Array, width: number, row: number, world = {}) =>
  runWorld(["bank", "telco"], { seed: 1, ...world }, (me) => choose(me, rows, width, row));

describe("one row by oblivious transfer", () => {
  it("is the row that was chosen, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const rows = randomRows(9 * 40);
      const world = await run(rows, 40, 8, { window });
      expect(world.result("bank")).toEqual(rows.slice(320));
      expect(world.cost.bytes).toBe(8 + 8192 + 4096 + 360);
      expect(world.cost.rounds).toBeLessThanOrEqual(4);
    }));

  it("is that of any number, in tables of any size", async () => {
    const table = fc.record({ count: fc.integer({ min: 1, max: 70 }), width: fc.integer({ min: 1, max: 70 }) });
    await fc.assert(
      fc.asyncProperty(table, fc.nat(), async ({ count, width }, at) => {
        const rows = randomRows(count * width);
        const row = at % count;
        expect((await run(rows, width, row)).result("bank")).toEqual(rows.slice(row * width, (row + 1) * width));
      }),
      { numRuns: 8 },
    );
  });

  it("comes from several parts of a larger table", async () => {
    const width = 2 ** 19;
    const rows = Uint8Array.from({ length: 3 * width }, (_, i) => (i * 31) >> 5);
    const chosen = (await run(rows, width, 2)).result("bank") as Uint8Array;
    expect(Buffer.compare(chosen, rows.subarray(2 * width))).toBe(0);
  });

  it("is random to whoever lacks one key of it", async () => {
    const secrets = seededSecrets(3, "keys");
    const session = secrets.bytes(32);
    const own = Array.from({ length: 3 }, () => secrets.bytes(16));
    const other = Array.from({ length: 3 }, () => secrets.bytes(16));
    const chosen = 5;
    const keyAt = (bit: number, side: number): Uint8Array => (side === ((chosen >> bit) & 1) ? own[bit]! : other[bit]!);
    const numbers = Uint32Array.from({ length: 8 }, (_, i) => i);
    const rows = new Uint8Array(8 * 4);
    const sealed = await masked(rows, 4, await rowKeys(numbers, 8, session, keyAt));
    const guessed = await masked(sealed, 4, await rowKeys(numbers, 8, session, (bit) => own[bit]!));
    for (const i of numbers) {
      const opened = guessed.subarray(4 * i, 4 * i + 4);
      if (i === chosen) expect(opened).toEqual(new Uint8Array(4));
      else expect(opened).not.toEqual(new Uint8Array(4));
    }
    expect([bitsFor(1), bitsFor(2), bitsFor(3), bitsFor(ROWS_MAX)]).toEqual([0, 1, 2, 16]);
    expect(choicesOf(0b1_0000_0001, 512).subarray(0, 2)).toEqual(Uint8Array.of(1, 1));
  });

  it("refuses a row that is not there, a table that is too large or impossible", async () => {
    const rows = randomRows(12);
    expect((await run(rows, 4, 3)).error("bank").code).toBe("input.row");
    const small = await runWorld(["bank", "telco"], { seed: 1 }, (me) => choose(me, rows, 4, 0, 11));
    expect(small.error("bank")).toMatchObject({ code: "protocol.size", blame: "telco" });
    const wide = await run(new Uint8Array(ROWS_MAX + 1), 1, 0);
    expect(wide.error("telco")).toBeInstanceOf(TomboloError);
    expect(wide.error("telco").code).toBe("input.rows");
    for (const sizes of [Uint32Array.of(0, 4), Uint32Array.of(3, 0), Uint32Array.of(3)]) {
      const world = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
        if (me.id === "bank") return choose(me, rows, 4, 0);
        const peer = await me.peer(messages, "host", "bank", "guest");
        await peer.send("sizes", sizes);
        return peer.receive("baseOtChoices");
      });
      expect(world.error("bank")).toMatchObject({ code: "protocol.malformed", blame: "telco" });
    }
  });

  it("ends in an error, or in no row of the table but the one chosen, when any message is tampered with", async () => {
    const rows = Uint8Array.from({ length: 24 }, (_, i) => i >> 2);
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => choose(me, rows, 4, 2),
      check({ outcomes }, name) {
        if (!outcomes.bank!.ok) return;
        expect(name).toBe("rows");
        const others = [0, 1, 3, 4, 5].map((row) => rows.slice(4 * row, 4 * row + 4));
        expect(others).not.toContainEqual(outcomes.bank!.value);
      },
      tolerated: { rows: "nothing proves a row" },
    });
  });
});
