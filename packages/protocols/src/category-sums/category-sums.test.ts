import { concat, seededSampling, TomboloError } from "@tombolo/base";
import { addToBins, ELGAMAL_CIPHERTEXT_BYTES, ElGamalSecretKey, emptySums, releaseSums } from "@tombolo/crypto";
import { atWindows, type Me, runParties, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CategoryColumn, type CategoryCounts, guest, host, messages } from "./index.ts";
import { encodeLayout } from "./layout.ts";

const ROWS = 60;
const sampling = seededSampling(3);
const LABELS = Uint8Array.from({ length: ROWS }, () => sampling.below(2));
const COLUMNS: readonly CategoryColumn[] = [
  { codes: Uint8Array.from({ length: ROWS }, (_, row) => row % 3), bins: 4 },
  { codes: Uint16Array.from({ length: ROWS }, (_, row) => (row < 30 ? 300 : 1)), bins: 301 },
];

const plain = (labels: Uint8Array, columns: readonly CategoryColumn[]): CategoryCounts[] =>
  columns.map(({ codes, bins }) => {
    const counts = { rows: new Uint32Array(bins), ones: new Uint32Array(bins) };
    codes.forEach((code, row) => {
      counts.rows[code]!++;
      counts.ones[code]! += labels[row]!;
    });
    return counts;
  });

interface Asked {
  readonly labels?: Uint8Array;
  readonly columns?: readonly CategoryColumn[];
  readonly minimumRows?: number;
}

const ask = async (me: Me, { labels = LABELS, minimumRows = 1 }: Asked): Promise<CategoryCounts[]> =>
  guest(labels, await me.peer(messages, "guest", "telco", "host"), { secrets: me.secrets, minimumRows });
const answer = async (me: Me, { labels = LABELS, columns = COLUMNS, minimumRows = 1 }: Asked): Promise<void> =>
  host(columns, await me.peer(messages, "host", "bank", "guest"), {
    rows: labels.length,
    secrets: me.secrets,
    minimumRows,
  });
const run = (asked: Asked = {}, world = {}) =>
  runParties({ seed: 1, ...world }, ["bank", (me) => ask(me, asked)], ["telco", (me) => answer(me, asked)]);
const failing = (asked: Asked, hosts: Asked = asked) =>
  runWorld<unknown>(["bank", "telco"], { seed: 1 }, (me) => (me.id === "bank" ? ask(me, asked) : answer(me, hosts)));

describe("category sums", () => {
  it("are those of the plain table, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const { results, world } = await run({}, { window });
      expect(results[0]).toEqual(plain(LABELS, COLUMNS));
      expect(world.cost.bytes).toBe(128 * ROWS + 64 + 4 * (2 + 2) + 132 * 305);
      expect(world.cost.rounds).toBeLessThanOrEqual(3);
    }));

  it("are those of any table", async () => {
    const table = fc.integer({ min: 1, max: 12 }).chain((rows) =>
      fc.record({
        labels: fc.uint8Array({ minLength: rows, maxLength: rows, max: 1 }),
        columns: fc.array(
          fc.integer({ min: 1, max: 5 }).chain((bins) =>
            fc.record({
              codes: fc.uint8Array({ minLength: rows, maxLength: rows, max: bins - 1 }),
              bins: fc.constant(bins),
            }),
          ),
          { maxLength: 4 },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, async (asked) => {
        expect((await run(asked)).results[0]).toEqual(plain(asked.labels, asked.columns));
      }),
      { numRuns: 10 },
    );
  });

  it("hide labels: ciphertexts of equal labels differ, also under the same key", async () => {
    const secrets = seededSecrets(5, "key");
    const key = await ElGamalSecretKey.generate(secrets);
    const both = [await key.encrypt(Uint8Array.of(0, 0), secrets), await key.encrypt(Uint8Array.of(0, 0), secrets)];
    const points = both.flatMap((bytes) => Array.from({ length: 4 }, (_, i) => bytes.slice(64 * i, 64 * i + 64)));
    expect(new Set(points.map((point) => point.join())).size).toBe(points.length);
  });

  it("are refused before anything is sent where a bin has too few rows", async () => {
    const world = await failing({ minimumRows: 31 });
    expect(world.error("telco")).toMatchObject({ code: "input.minimum-rows", detail: { column: 0, bin: 0, rows: 20 } });
    expect(world.cost.byDirection["telco->bank"]).toBeUndefined();
  });

  it("name the host that tells of too small bins, other rows or impossible columns", async () => {
    const small = await failing({ minimumRows: 31 }, { minimumRows: 1 });
    expect(small.error("bank")).toMatchObject({ code: "protocol.minimum", blame: "telco" });
    const others = await failing({ labels: LABELS.subarray(1) }, {});
    expect(others.error("bank")).toMatchObject({ code: "protocol.rows", blame: "telco" });
    const lists: readonly [string, Uint32Array][] = [
      ["protocol.rows", Uint32Array.of()],
      ["protocol.columns", Uint32Array.of(ROWS, 2, 1)],
      ["protocol.columns", Uint32Array.of(ROWS, 1, 0)],
      ["protocol.columns", Uint32Array.of(ROWS, 1, 3, 30, 30)],
      ["protocol.columns", Uint32Array.of(ROWS, 1, 1, ROWS, 5)],
      ["protocol.columns", Uint32Array.of(ROWS, 2 ** 20, 1)],
      ["protocol.rows", Uint32Array.of(ROWS, 1, 2, 30, 29)],
    ];
    for (const [code, list] of lists) {
      const world = await runWorld<unknown>(["bank", "telco"], { seed: 1 }, async (me) => {
        if (me.id === "bank") return ask(me, {});
        const peer = await me.peer(messages, "host", "bank", "guest");
        await peer.send("categoryRows", list);
        return peer.receive("categoryKey");
      });
      expect(world.error("bank"), list.join()).toMatchObject({ code, blame: "telco" });
    }
  });

  it("name the host whose sums are none, too large for a bin or do not add up", async () => {
    const secrets = seededSecrets(6, "host");
    const inOneBin = async (ciphertexts: Uint8Array): Promise<Uint8Array> => {
      const sums = emptySums(2);
      await addToBins(sums, ciphertexts, new Uint16Array(ROWS), Uint32Array.of(2));
      return sums;
    };
    const otherKey = await ElGamalSecretKey.generate(secrets);
    const answers: readonly [string, (key: Uint8Array, ciphertexts: Uint8Array) => Promise<Uint8Array>][] = [
      ["protocol.point", async () => new Uint8Array(2 * ELGAMAL_CIPHERTEXT_BYTES).fill(7)],
      ["protocol.ciphertext", () => otherKey.encrypt(Uint8Array.of(1, 1), secrets)],
      ["protocol.ciphertext", async (key, all) => releaseSums(await inOneBin(all), key, secrets)],
      ["protocol.sums", (key) => releaseSums(emptySums(2), key, secrets)],
      ["protocol.count", async () => new Uint8Array(ELGAMAL_CIPHERTEXT_BYTES)],
      ["protocol.count", async () => new Uint8Array(3 * ELGAMAL_CIPHERTEXT_BYTES)],
    ];
    for (const [code, sums] of answers) {
      const world = await runWorld<unknown>(["bank", "telco"], { seed: 1 }, async (me) => {
        if (me.id === "bank") return ask(me, { labels: new Uint8Array(ROWS).fill(1) });
        const peer = await me.peer(messages, "host", "bank", "guest");
        await peer.send("categoryRows", encodeLayout([Uint32Array.of(30, 30)], ROWS));
        const key = await peer.receive("categoryKey");
        const ciphertexts: Uint8Array[] = [];
        for await (const chunk of peer.receiveEach("categoryLabels")) ciphertexts.push(chunk);
        return peer.sendEach("categorySums", [await sums(key, concat(...ciphertexts))]);
      });
      expect(world.error("bank")).toMatchObject({ code, blame: "telco" });
    }
  });

  it("refuse labels other than 0 and 1, and columns that are not of the table", async () => {
    expect((await failing({ labels: Uint8Array.of(0, 2) })).error("bank").code).toBe("input.label");
    expect((await failing({ labels: new Uint8Array(0) })).error("bank").code).toBe("input.rows");
    const secrets = seededSecrets(7, "host");
    const peer = {} as Parameters<typeof host>[1];
    const codes = Uint8Array.of(0, 1, 2);
    await expect(host([{ codes, bins: 2 }], peer, { rows: 3, secrets, minimumRows: 1 })).rejects.toThrow(RangeError);
    await expect(host([{ codes, bins: 3 }], peer, { rows: 4, secrets, minimumRows: 1 })).rejects.toThrow(RangeError);
    const wide = Array.from({ length: 5 }, () => ({ codes, bins: 65_536 }));
    await expect(host(wide, peer, { rows: 3, secrets, minimumRows: 1 })).rejects.toMatchObject({
      code: "input.columns",
    });
  });

  it("name the guest that sends too few or too many ciphertexts, or what is none", async () => {
    const sent: readonly [string, number, number][] = [
      ["protocol.count", ROWS - 1, 0],
      ["protocol.count", ROWS + 1, 0],
      ["protocol.point", ROWS, 9],
    ];
    for (const [code, rows, fill] of sent) {
      const world = await runWorld<unknown>(["bank", "telco"], { seed: 1 }, async (me) => {
        if (me.id === "telco") return answer(me, {});
        const peer = await me.peer(messages, "guest", "telco", "host");
        await peer.receive("categoryRows");
        const key = await ElGamalSecretKey.generate(me.secrets);
        await peer.send("categoryKey", key.publicKey);
        const ciphertexts = await key.encrypt(new Uint8Array(rows), me.secrets);
        if (fill > 0) ciphertexts.fill(fill, 1000, 1010);
        await peer.sendEach("categoryLabels", [ciphertexts]);
        for await (const _ of peer.receiveEach("categorySums"));
        return null;
      });
      expect(world.error("telco")).toMatchObject({ code, blame: "bank" });
    }
  });

  it("notice every message that is changed on the way", async () => {
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 3,
      deadlineMs: 1_000,
      actions: ["flip", "replace", "drop", "duplicate"],
      run: (me) => (me.id === "bank" ? ask(me, {}) : answer(me, {})),
      check: (world, name, action) => {
        for (const outcome of Object.values(world.outcomes))
          if (!outcome.ok) expect(outcome.error, `${action} of ${name}`).toBeInstanceOf(TomboloError);
      },
    });
  });
});
