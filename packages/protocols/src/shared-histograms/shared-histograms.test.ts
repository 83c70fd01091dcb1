import { seededSampling, type TomboloError } from "@tombolo/base";
import { type Me, runParties, runWorld } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { CellOwner, type HistogramSizes, histogramMessages, SeedOwner } from "./index.ts";

const table = histogramMessages("seedOwner", "cellOwner");
const sampling = seededSampling(8);
const words = (count: number): BigUint64Array =>
  BigUint64Array.from(
    { length: count },
    () => BigInt(sampling.below(2 ** 32)) * 2n ** 32n + BigInt(sampling.below(2 ** 32)),
  );
const codesOf = ({ rows, columns, cells }: HistogramSizes): Uint8Array[] =>
  Array.from({ length: columns }, () => Uint8Array.from({ length: rows }, () => sampling.below(cells)));

/** Vector by vector, column by column. */
function inTheClear(
  { rows, columns, cells, vectors }: HistogramSizes,
  codes: readonly Uint8Array[],
  all: BigUint64Array,
) {
  const out = new BigUint64Array(vectors * columns * cells);
  codes.forEach((of, column) => {
    for (let i = 0; i < rows * vectors; i++) {
      const [row, vector] = [Math.floor(i / vectors), i % vectors];
      const at = (vector * columns + column) * cells + of[row]!;
      out[at] = out[at]! + all[i]!;
    }
  });
  return out;
}

const options = (me: Me) => ({ secrets: me.secrets, label: "test" });
const seedPeer = (me: Me) => me.peer(table, "seedOwner", "bob", "cellOwner");
const cellPeer = (me: Me) => me.peer(table, "cellOwner", "alice", "seedOwner");

function both(sizes: HistogramSizes, codes: readonly Uint8Array[], runs: readonly BigUint64Array[]) {
  return runParties(
    { seed: 4 },
    [
      "alice",
      async (me: Me) => {
        const owner = await SeedOwner.open(sizes, await seedPeer(me), options(me));
        const out: BigUint64Array[] = [];
        for (const values of runs) out.push(await owner.shares(values));
        return out;
      },
    ],
    [
      "bob",
      async (me: Me) => {
        const owner = await CellOwner.open(sizes, codes, await cellPeer(me), options(me));
        const out: BigUint64Array[] = [];
        for (const _ of runs) out.push(await owner.shares());
        return out;
      },
    ],
  );
}

describe("shared histograms", () => {
  it.each([
    { rows: 1, columns: 1, cells: 1, vectors: 2 },
    { rows: 67, columns: 3, cells: 5, vectors: 4 },
    { rows: 8200, columns: 2, cells: 33, vectors: 2 },
  ])("add up to the sums by cell, run after run: %o", async (sizes) => {
    const codes = codesOf(sizes);
    const runs = [words(sizes.rows * sizes.vectors), words(sizes.rows * sizes.vectors)];
    const { results } = await both(sizes, codes, runs);
    runs.forEach((values, run) => {
      const sums = results[0][run]!.map((share, i) => share + results[1][run]![i]!);
      expect(sums).toEqual(inTheClear(sizes, codes, values));
    });
  });

  it("have shares of their own in each run on the same values, and cost a word a row, column and vector", async () => {
    const sizes = { rows: 500, columns: 2, cells: 8, vectors: 4 };
    const values = words(2000);
    const one = await both(sizes, codesOf(sizes), [values]);
    const two = await both(sizes, codesOf(sizes), [values, values]);
    const [first, second] = two.results[0];
    expect(first!.some((share, i) => share === second![i])).toBe(false);
    const bytes = two.world.cost.bytes - one.world.cost.bytes;
    expect(bytes - 8 * 500 * 2 * 4).toBeGreaterThanOrEqual(0);
    expect(bytes - 8 * 500 * 2 * 4).toBeLessThan(200);
  });

  const sizes = { rows: 20, columns: 1, cells: 3, vectors: 2 };
  const codeOf = async (alice: (me: Me) => Promise<unknown>, bob: (me: Me) => Promise<unknown>) => {
    const world = await runWorld(["alice", "bob"], { seed: 3, deadlineMs: 2000 }, (me) =>
      me.id === "alice" ? alice(me) : bob(me),
    );
    return ["alice", "bob"].map((party) => {
      try {
        return world.result(party);
      } catch (error) {
        const { code, blame } = ((error as Error).cause ?? error) as TomboloError;
        return { code, blame };
      }
    });
  };
  /** Another value in place of one message. */
  const tampered = <P extends object>(peer: P, name: string, change: (bytes: Uint8Array) => Uint8Array): P =>
    new Proxy(peer, {
      get(target, key) {
        const of: unknown = Reflect.get(target, key, target);
        if (typeof of !== "function") return of;
        if (key !== "send") return of.bind(target);
        return (sent: string, value: Uint8Array) => of.call(target, sent, sent === name ? change(value) : value);
      },
    });

  it.each(["histogramSums", "histogramCorrections"])(
    "end with the partner's name where %s have another size",
    async (name) => {
      const [, bob] = await codeOf(
        async (me) => {
          const peer = tampered(await seedPeer(me), name, (bytes) => bytes.subarray(8));
          await (await SeedOwner.open(sizes, peer, options(me))).shares(words(40));
        },
        async (me) => (await CellOwner.open(sizes, codesOf(sizes), await cellPeer(me), options(me))).shares(),
      );
      expect(bob).toEqual({ code: "protocol.histogram", blame: "alice" });
    },
  );

  it.each([
    ["of another number", (bytes: Uint8Array) => bytes.subarray(1)],
    ["beyond their trees", (bytes: Uint8Array) => bytes.map(() => 4)],
  ])("end with the partner's name where shifts are %s", async (_, change) => {
    const [alice] = await codeOf(
      async (me) => SeedOwner.open(sizes, await seedPeer(me), options(me)),
      async (me) => {
        const peer = tampered(await cellPeer(me), "histogramShifts", change);
        await CellOwner.open(sizes, codesOf(sizes), peer, options(me));
      },
    );
    expect(alice).toEqual({ code: "protocol.histogram", blame: "bob" });
  });

  it("take vectors in pairs, and cells that there are", async () => {
    const [alice, bob] = await codeOf(
      async (me) => SeedOwner.open({ ...sizes, vectors: 3 }, await seedPeer(me), options(me)).catch(String),
      async (me) => CellOwner.open(sizes, [new Uint8Array(20).fill(3)], await cellPeer(me), options(me)).catch(String),
    );
    expect(alice).toMatch(/RangeError/);
    expect(bob).toMatch(/RangeError/);
  });
});
