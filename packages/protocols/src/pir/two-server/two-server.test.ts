import { concat, TomboloError } from "@tombolo/base";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { makeTable, rowsOf, type Table } from "../simple/index.ts";
import { guest, host, messages, type Retrieve } from "./index.ts";

const PARTIES = ["bank", "telco", "insurer"];
const VALUE_BYTES = 5;
const secrets = seededSecrets(3, "two-server");
const keyOf = (i: number): Uint8Array => {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(0, i, true);
  return key;
};
const recordOf = (i: number): Uint8Array => Uint8Array.of(i, i >> 8, 0, 255, 128);
const tableOf = (numbers: readonly number[]): Promise<Table> =>
  makeTable(concat(...numbers.map(keyOf)), concat(...numbers.map(recordOf)), VALUE_BYTES, secrets);

let table: Table;
beforeAll(async () => {
  table = await tableOf(Array.from({ length: 40 }, (_, i) => i));
});

const admitAll = async (): Promise<void> => {};
async function ask(
  me: Me,
  of: Readonly<Record<string, Table>>,
  use: (retrieve: Retrieve) => Promise<unknown>,
): Promise<unknown> {
  if (me.id !== "bank") return host(of[me.id]!, await me.peer(messages, "host", "bank", "guest"), admitAll);
  const [first, second] = await Promise.all([
    me.peer(messages, "guest", "telco", "host"),
    me.peer(messages, "guest", "insurer", "host"),
  ]);
  return guest([first, second], me.secrets, use);
}
const both = (of: Table): Readonly<Record<string, Table>> => ({ telco: of, insurer: of });

describe("two-server retrieval", () => {
  it("finds values, and none where there is none, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const world = await runWorld(PARTIES, { seed: 1, window }, (me) =>
        ask(me, both(table), async (retrieve) => [await retrieve(keyOf(7)), await retrieve(keyOf(40))]),
      );
      expect(world.result("bank")).toEqual([recordOf(7), null]);
      expect([world.result("telco"), world.result("insurer")]).toEqual([2, 2]);
      const { description } = table;
      const head = 64 + description.groups;
      expect(world.cost.bytes).toBe(2 * (head + 2 * (description.columns + rowsOf(description))));
      expect(world.cost.rounds).toBeLessThanOrEqual(7);
    }));

  it("equals the table, of any keys", async () => {
    const numbers = fc.uniqueArray(fc.nat(500), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.array(fc.nat(500), { minLength: 1, maxLength: 4 }), async (held, asked) => {
        const made = await tableOf(held);
        const world = await runWorld(PARTIES, { seed: 2 }, (me) =>
          ask(me, both(made), (retrieve) => Promise.all(asked.map((i) => retrieve(keyOf(i))))),
        );
        expect(world.result("bank")).toEqual(asked.map((i) => (held.includes(i) ? recordOf(i) : null)));
      }),
      { numRuns: 8 },
    );
  });

  it("shows each host bytes that do not depend on the key", async () => {
    const seen: Record<string, number[]> = { telco: [], insurer: [] };
    const world = await runWorld(PARTIES, { seed: 3 }, async (me): Promise<unknown> => {
      if (me.id === "bank")
        return ask(me, both(table), async (retrieve) => {
          for (let i = 0; i < 100; i++) await retrieve(keyOf(1));
        });
      const peer = await me.peer(messages, "host", "bank", "guest");
      await peer.receive("open");
      await peer.send("description", table.description);
      for (let query = await peer.receive("query"); query.length > 0; query = await peer.receive("query")) {
        seen[me.id]!.push(...query);
        await peer.send("answer", new Uint8Array(rowsOf(table.description)));
      }
      return null;
    });
    world.result("bank");
    for (const bytes of Object.values(seen)) {
      const counts = new Uint32Array(256);
      for (const byte of bytes) counts[byte]! += 1;
      const expected = bytes.length / 256;
      const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 255 degrees of freedom: beyond 400 with less than 10^-7.
      expect(chi).toBeLessThan(400);
    }
  });

  it("refuses tables that are not the same, a query of another width, and what is not admitted", async () => {
    const other = await tableOf([1, 2]);
    const apart = await runWorld(PARTIES, { seed: 1 }, (me) =>
      ask(me, { telco: table, insurer: other }, (retrieve) => retrieve(keyOf(1))),
    );
    expect(apart.error("bank").code).toBe("protocol.copies");
    const wide = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id === "telco") return ask(me, both(table), async () => null);
      const peer = await me.peer(messages, "guest", "telco", "host");
      await peer.send("open", undefined);
      await peer.receive("description");
      await peer.send("query", new Uint8Array(table.description.columns + 1));
      return peer.receive("answer");
    });
    expect(wide.error("telco")).toMatchObject({ code: "protocol.size", blame: "bank" });
    const refusing = await runWorld(PARTIES, { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id !== "insurer") return ask(me, both(table), (retrieve) => retrieve(keyOf(1)));
      const refuse = () => Promise.reject(new TomboloError("consent.budget", "too many"));
      return host(table, await me.peer(messages, "host", "bank", "guest"), refuse);
    });
    expect(refusing.error("bank").code).toBe("consent.budget");
  });

  it("ends in an error, or with another answer, when any message is tampered with", async () => {
    const changed = "nothing proves an answer; a changed share is another choice";
    await tamperEvery<unknown>({
      parties: PARTIES,
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => ask(me, both(table), async (retrieve) => [await retrieve(keyOf(3)), await retrieve(keyOf(4))]),
      tolerated: { query: changed, answer: changed },
    });
  });
});
