import { systemSecrets } from "@tombolo/base";
import { sumRings } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import {
  Asker,
  type LinearShape,
  linearMessages,
  NO_BIN,
  paddedRows,
  phaseDifference,
  planSums,
  type RowVectors,
  SumsOwner,
  sumDifference,
  VectorSource,
} from "./index.ts";
import { maskPolynomial } from "./public.ts";

const table = linearMessages("asker", "owner");
const ROWS = 4200;
const BINS = Uint32Array.of(3, 2);
const OUTPUTS = 5;
const codes = [0, 1].map((f) => Uint8Array.from({ length: ROWS }, (_, row) => (row * (f + 3)) % (BINS[f]! + 1)));
const vectors = [0, 1].map((v) =>
  Int32Array.from({ length: ROWS }, (_, row) => ((row * 37 + v * 11) % 2001) - 1000 * v),
);
const rowVectors: RowVectors = {
  count: vectors.length,
  fill: (v, first, out) => out.set(vectors[v]!.subarray(first, first + out.length)),
};
const padded = new Uint8Array(codes.length * paddedRows(ROWS)).fill(NO_BIN);
codes.forEach((column, f) => {
  padded.set(column, f * paddedRows(ROWS));
});
const SHAPE: LinearShape = { rows: ROWS, columns: 2, outputs: OUTPUTS, passes: 100, termsMax: 2, setMax: 3 };
const plan = planSums(SHAPE);
/** Bins of the first column, then all but one of the second's and both of one. */
const SETS = { offsets: Uint32Array.of(0, 1, 3, 4), members: Uint32Array.of(0, 1, 2, 4) };

const sumOf = (members: Uint32Array, vector: Int32Array): number =>
  vector.reduce((sum, value, row) => {
    const inside = [...members].filter((o) => (o < 3 ? codes[0]![row] === o : codes[1]![row] === o - 3)).length;
    return sum + inside * value;
  }, 0);
const expected = Array.from({ length: 3 }, (_, set) =>
  SETS.members.subarray(SETS.offsets[set]!, SETS.offsets[set + 1]!),
).map((members) => vectors.map((vector) => sumOf(members, vector)));

/** Both vectors, then their difference. */
async function ask(me: Me): Promise<number[][]> {
  const peer = await me.peer(table, "asker", "bob", "owner");
  const source = new VectorSource(ROWS, me.secrets);
  const asker = await Asker.open(plan, source, peer);
  const phases = await asker.send(source.batch(rowVectors, plan.delta, 1));
  const least = BigInt64Array.of(0n, BigInt(-1000 * ROWS));
  const one = (at: number) => ({ sums: phases, width: 2, at, count: 1 });
  const difference = await phaseDifference(one(0), one(1));
  const answers = await asker.receive([
    { phases: { ...one(0), count: 2 }, sets: SETS, least },
    {
      phases: { sums: difference, width: 1, at: 0, count: 1 },
      sets: SETS,
      least: BigInt64Array.of(BigInt(-1000 * ROWS)),
    },
  ]);
  return answers.map((values) => Array.from(values));
}

async function own(me: Me): Promise<number[][]> {
  const peer = await me.peer(table, "owner", "anna", "asker");
  const owner = await SumsOwner.open(plan, { codes: padded, bins: BINS }, peer, me.secrets);
  const sums = await owner.sums(2);
  const one = (at: number) => ({ sums, width: 2, at, count: 1 });
  const difference = await sumDifference(one(0), one(1));
  await owner.answer([
    { sums: { ...one(0), count: 2 }, sets: SETS, terms: 1 },
    { sums: { sums: difference, width: 1, at: 0, count: 1 }, sets: SETS, terms: 2 },
  ]);
  return [];
}

const both = (me: Me): Promise<number[][]> => (me.id === "anna" ? ask(me) : own(me));

describe("linear answers", () => {
  it("are the sums over the bins of each set, of vectors and of their difference", async () => {
    await atWindows([1, 4], async (window) => {
      const world = await runWorld(["anna", "bob"], { seed: 3, window }, both);
      const [direct, difference] = world.result("anna");
      expect(direct).toEqual(expected.flat());
      expect(difference).toEqual(expected.map(([a, b]) => a! - b!));
      const { wideBytes, narrowBytes } = sumRings();
      const bytes = (direction: string, name: string) => world.cost.byDirection[direction]![name]!.bytes;
      // Two blocks of rows and the one for masks, of two vectors; a polynomial of answers.
      expect(bytes("anna->bob", "sumsVectors")).toBe(3 * 2 * wideBytes);
      expect(bytes("bob->anna", "sumsHint")).toBe(OUTPUTS * narrowBytes);
      expect(bytes("bob->anna", "sumsAnswers")).toBe(narrowBytes);
      expect(world.cost.rounds).toBe(4);
    });
  });

  it("notice every message that is changed on the way, or give other sums, which the caller is to check", async () => {
    await tamperEvery({
      parties: ["anna", "bob"],
      table,
      seed: 3,
      actions: ["replace"],
      deadlineMs: 5_000,
      run: both,
      tolerated: {},
      check: (world, name, action) => {
        for (const outcome of Object.values(world.outcomes))
          if (!outcome.ok)
            expect(outcome.error.code, `${action} of ${name}`).toMatch(/^(protocol|transport|aborted)\./);
      },
    });
  });

  it("hide by another polynomial for each pair of parties and session, whatever seeds they send", async () => {
    const parts = {
      binding: new Uint8Array(32),
      asker: "anna",
      owner: "bob",
      askerSeed: new Uint8Array(32),
      ownerSeed: new Uint8Array(32).fill(1),
    };
    const changed = [
      parts,
      { ...parts, owner: "carol" },
      { ...parts, asker: "carol" },
      { ...parts, binding: parts.ownerSeed },
      { ...parts, asker: "bob", owner: "anna" },
      { ...parts, askerSeed: parts.ownerSeed, ownerSeed: parts.askerSeed },
    ];
    const made = await Promise.all(changed.map(maskPolynomial));
    expect(new Set(made.map((polynomial) => polynomial.subarray(0, 4).join())).size).toBe(changed.length);
  });

  it("refuse more sums than were planned, too many vectors, and columns of another length", async () => {
    const source = new VectorSource(ROWS, systemSecrets());
    for (const count of [0, 17])
      expect(() => source.batch({ ...rowVectors, count }, plan.delta, 1)).toThrow(RangeError);
    const greedy = async (me: Me): Promise<number[][]> => {
      if (me.id === "anna") return ask(me);
      const peer = await me.peer(table, "owner", "anna", "asker");
      const owner = await SumsOwner.open({ ...plan, passes: 1 }, { codes: padded, bins: BINS }, peer, me.secrets);
      const sums = await owner.sums(2);
      await owner.answer([{ sums: { sums, width: 2, at: 0, count: 2 }, sets: SETS, terms: 1 }]);
      return [];
    };
    expect((await runWorld(["anna", "bob"], { seed: 3 }, greedy)).error("bob").code).toBe("protocol.order");
    const other = async (me: Me): Promise<number[][]> => {
      if (me.id === "anna") return ask(me);
      const peer = await me.peer(table, "owner", "anna", "asker");
      await (await SumsOwner.open(plan, { codes: padded, bins: BINS }, peer, me.secrets)).sums(3);
      return [];
    };
    expect((await runWorld(["anna", "bob"], { seed: 3 }, other)).error("bob").code).toBe("protocol.count");
    expect(NO_BIN).toBe(255);
  });
});
