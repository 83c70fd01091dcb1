import { concat, TomboloError } from "@tombolo/base";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { addError, valueAt } from "./error.ts";
import {
  type Database,
  DIMENSION,
  entryBytes,
  guest,
  host,
  layoutFor,
  makeDatabase,
  messages,
  Prepared,
  type Retrieve,
  receiveSetup,
  rowsOf,
  sendSetup,
  setupMessages,
} from "./index.ts";
import { COLUMNS_MAX, ENERGY_MAX, MARGIN, MODULUS_BITS, SIGMA, tailBits } from "./parameters.ts";
import { primalAttack, SECURITY_BITS } from "./security.ts";

/** Fresh for each use: what one test draws, or how often it is repeated, changes nothing in another. */
const secretsFor = (what: string) => seededSecrets(3, what);
const VALUE_BYTES = 5;
const keyOf = (i: number): Uint8Array => {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(0, i, true);
  return key;
};
const bytesOf = (i: number): Uint8Array => Uint8Array.of(i, i >> 8, 0, 255, 128);
const databaseOf = (numbers: readonly number[]): Promise<Database> =>
  makeDatabase(concat(...numbers.map(keyOf)), concat(...numbers.map(bytesOf)), VALUE_BYTES, secretsFor("database"));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

let database: Database;
beforeAll(async () => {
  database = await databaseOf(upTo(50));
});

const admitAll = async (): Promise<void> => {};
async function ask(me: Me, of: Database, use: (retrieve: Retrieve) => Promise<unknown>): Promise<unknown> {
  if (me.id === "bank") return guest(await me.peer(messages, "guest", "telco", "host"), of, me.secrets, use);
  return host(of, await me.peer(messages, "host", "bank", "guest"), admitAll);
}

describe("hidden retrieval", () => {
  it("finds values, and none where there is none, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const asked = [7, 49, 50, 7];
      const world = await runWorld(["bank", "telco"], { seed: 1, window }, (me) =>
        ask(me, database, async (retrieve) => {
          const out: (Uint8Array | null)[] = [];
          for (const i of asked) out.push(await retrieve(keyOf(i)));
          return out;
        }),
      );
      expect(world.result("bank")).toEqual(asked.map((i) => (i < 50 ? bytesOf(i) : null)));
      expect(world.result("telco")).toBe(4);
      const { columns } = database.description;
      expect(world.cost.bytes).toBe(16 + 4 * 4 * (columns + rowsOf(database.description)));
      expect(world.cost.rounds).toBeLessThanOrEqual(9);
    }));

  it("equals the table, of any keys and sizes", { timeout: 60_000 }, async () => {
    const numbers = fc.uniqueArray(fc.nat(1000), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }), async (held, asked) => {
        const made = await databaseOf(held);
        const world = await runWorld(["bank", "telco"], { seed: 2 }, (me) =>
          ask(me, made, (retrieve) => Promise.all(asked.map((i) => retrieve(keyOf(i))))),
        );
        expect(world.result("bank")).toEqual(asked.map((i) => (held.includes(i) ? bytesOf(i) : null)));
      }),
      { numRuns: 6 },
    );
  });

  it("hands its setup over as it is, and refuses one that is larger than agreed", async () => {
    const receive = (rowsMax: number) =>
      runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
        if (me.id === "telco") return sendSetup(database, await me.peer(setupMessages, "host", "bank", "guest"));
        return receiveSetup(await me.peer(setupMessages, "guest", "telco", "host"), rowsMax);
      });
    const rows = rowsOf(database.description);
    const { description, hint } = database;
    expect((await receive(rows)).result("bank")).toEqual({ description, hint });
    expect((await receive(rows - 1)).error("bank")).toMatchObject({ code: "protocol.size", blame: "telco" });
  });

  it("describes a database to whom gets it as a part of something larger", () => {
    const { codec } = setupMessages.description;
    const encoded = codec.encode(database.description);
    const received = Buffer.concat([Buffer.alloc(3), encoded, Buffer.alloc(9)]).subarray(3, 3 + encoded.length);
    expect(codec.decode(received)).toEqual(database.description);
    for (const [at, byte] of [
      [48, 0],
      [52, 1],
      [56, 1],
      [61, 255],
    ] as const)
      expect(() => codec.decode(encoded.with(at, byte)), `${at}`).toThrow(/impossible/);
    expect(() => codec.decode(encoded.subarray(1))).toThrow(/impossible/);
  });

  it("takes a prepared query once, and shows no two alike", async () => {
    const secrets = secretsFor("prepared");
    const prepared = await Prepared.make(database, secrets);
    const other = await Prepared.make(database, secrets);
    expect(`${prepared}`).toBe("Prepared");
    expect(prepared.take().words).not.toEqual(other.take().words);
    expect(() => prepared.take()).toThrow(/once/);
  });

  it("refuses another database, queries of another width, and what is not admitted", async () => {
    const other = { ...database, description: { ...database.description, id: new Uint8Array(16) } };
    const elsewhere = await runWorld(["bank", "telco"], { seed: 1 }, (me) =>
      ask(me, me.id === "bank" ? other : database, (retrieve) => retrieve(keyOf(1))),
    );
    expect(elsewhere.error("telco").code).toBe("protocol.version");
    const wide = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id === "telco") return ask(me, database, async () => null);
      const peer = await me.peer(messages, "guest", "telco", "host");
      await peer.send("open", database.description.id);
      await peer.send("query", new Uint32Array(database.description.columns + 32));
      return peer.receive("answer");
    });
    expect(wide.error("telco")).toMatchObject({ code: "protocol.size", blame: "bank" });
    const refusing = await runWorld(["bank", "telco"], { seed: 1 }, async (me): Promise<unknown> => {
      if (me.id === "bank") return ask(me, database, (retrieve) => retrieve(keyOf(1)));
      const refuse = () => Promise.reject(new TomboloError("consent.budget", "too many"));
      return host(database, await me.peer(messages, "host", "bank", "guest"), refuse);
    });
    expect(refusing.error("bank").code).toBe("consent.budget");
    await expect(databaseOf([1, 2, 1])).rejects.toMatchObject({ code: "input.duplicate-id" });
  });

  it("ends in an error, or with another answer, when any message is tampered with", async () => {
    const changed = "nothing proves an answer; a changed query is another choice";
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => ask(me, database, async (retrieve) => [await retrieve(keyOf(3)), await retrieve(keyOf(4))]),
      tolerated: { query: changed, answer: changed },
    });
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: setupMessages,
      seed: 4,
      deadlineMs: 300,
      run: async (me): Promise<unknown> => {
        if (me.id === "telco") return sendSetup(database, await me.peer(setupMessages, "host", "bank", "guest"));
        return receiveSetup(await me.peer(setupMessages, "guest", "telco", "host"), 1000);
      },
      tolerated: { description: "seeds are random to who receives them", hint: "nothing proves a hint" },
    });
  });
});

describe("parameters of hidden retrieval", () => {
  const ours = { dimension: DIMENSION, modulusBits: MODULUS_BITS, sigma: SIGMA, samples: COLUMNS_MAX };

  it("cost the lattice attack 128 bits, counted without anything but one call in the largest block", () => {
    expect(primalAttack(ours).coreSvpBits).toBeGreaterThanOrEqual(SECURITY_BITS);
    expect(primalAttack({ ...ours, sigma: 6.4 }).coreSvpBits).toBeLessThan(SECURITY_BITS);
  });

  it("are estimated as others are: Kyber's submission gives 118, 182 and 256 bits", () => {
    const kyber = (dimension: number, sigma: number) =>
      primalAttack({ dimension, modulusBits: Math.log2(3329), sigma, samples: dimension }).coreSvpBits;
    expect(kyber(512, Math.sqrt(1.5))).toBeCloseTo(118, -0.5);
    expect(kyber(768, 1)).toBeCloseTo(182, -0.5);
    expect(kyber(1024, 1)).toBeCloseTo(256, -0.5);
  });

  it("let a byte be wrong with at most 2^-64, at the size that databases have", () => {
    expect(tailBits(MARGIN)).toBeGreaterThan(64);
    const { columns, groups } = layoutFor(2 ** 27, 32);
    expect(columns * ((256 ** 2 - 1) / 12 + 0.25) * 1.2).toBeLessThan(ENERGY_MAX);
    expect(columns).toBeLessThanOrEqual(COLUMNS_MAX);
    expect(groups).toBe(2 ** 13);
    expect(entryBytes({ valueBytes: 32 })).toBe(40);
  });

  it("fail as computed where the margin is made small", async () => {
    // As many words of error, each the sum of what one row of random cells makes of it, at a margin of 1.5 deviations.
    const secrets = secretsFor("errors");
    const columns = 256;
    const energy = columns * 5461.5;
    const half = 1.5 * SIGMA * Math.sqrt(energy);
    let beyond = 0;
    const runs = 4000;
    for (let run = 0; run < runs; run++) {
      const error = new Uint32Array(columns);
      addError(error, secrets);
      const cells = new Int8Array(secrets.bytes(columns).slice().buffer);
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += cells[j]! * (error[j]! | 0);
      if (Math.abs(sum) > half) beyond++;
    }
    expect(beyond / runs).toBeGreaterThan(0.11);
    expect(beyond / runs).toBeLessThan(0.16);
    expect(2 ** -tailBits(1.5)).toBeGreaterThan(beyond / runs);
  });

  it("draw errors from the Gaussian", () => {
    const error = new Uint32Array(40_000);
    addError(error, secretsFor("gaussian"));
    const values = Array.from(error, (word) => word | 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(2);
    expect(Math.sqrt(variance)).toBeGreaterThan(SIGMA - 1.5);
    expect(Math.sqrt(variance)).toBeLessThan(SIGMA + 1.5);
    expect(valueAt(0.5)).toBe(0);
    expect([valueAt(0), valueAt(1 - 2 ** -53)].every((value) => Math.abs(value) > 7 * SIGMA)).toBe(true);
  });

  it("spread keys over several groups", { timeout: 60_000 }, async () => {
    const many = await databaseOf(upTo(20_000));
    expect(many.description.groups).toBe(2);
    const world = await runWorld(["bank", "telco"], { seed: 5 }, (me) =>
      ask(me, many, (retrieve) => Promise.all([0, 9_999, 19_999, 20_000].map((i) => retrieve(keyOf(i))))),
    );
    expect(world.result("bank")).toEqual([bytesOf(0), bytesOf(9_999), bytesOf(19_999), null]);
  });
});
