import { seededSampling } from "@tombolo/base";
import { type Me, runParties } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { clearMatrix, clearProduct } from "./clear-product.ts";
import {
  aheadMessages,
  KeyOwner,
  KeyOwnerAhead,
  MatrixOwner,
  MatrixOwnerAhead,
  planProduct,
  ReleaseBudget,
  type Way,
} from "./index.ts";

const table = aheadMessages("keyOwner", "matrixOwner");
const sampling = seededSampling(6);
const numbers = (count: number): BigUint64Array =>
  BigUint64Array.from(
    { length: count },
    () => BigInt(sampling.below(2 ** 32)) * 2n ** 32n + BigInt(sampling.below(2 ** 32)),
  );
/** With both ends of the range. */
const entries = (rows: number, columns: number): Int32Array[] =>
  Array.from({ length: columns }, () =>
    Int32Array.from({ length: rows }, (_, i) =>
      i % 7 < 2 ? (2 ** 24 - 1) * (1 - 2 * (i % 7)) : sampling.below(2 ** 24) - 2 ** 23,
    ),
  );

function inWholeNumbers(matrix: readonly Int32Array[], vector: readonly bigint[], way: Way): bigint[] {
  const sum = (entryOf: (j: number) => number): bigint =>
    BigInt.asUintN(
      64,
      vector.reduce((all, word, j) => all + BigInt(entryOf(j)) * word, 0n),
    );
  return way === "transposed"
    ? matrix.map((column) => sum((row) => column[row]!))
    : Array.from(matrix[0]!, (_, row) => sum((j) => matrix[j]![row]!));
}

describe("products made ahead", () => {
  const shape = { rows: 40, columns: 9, vectors: 3, entryBits: 24, bits: 64, releasedMax: 2 ** 30, bothWays: true };
  const matrix = entries(shape.rows, shape.columns);
  const sum = (a: BigUint64Array, b: BigUint64Array): bigint[] =>
    Array.from(a, (x, i) => BigInt.asUintN(64, x + b[i]!));

  async function both(way: Way, own: BigUint64Array, theirs: BigUint64Array, times: number) {
    const plan = planProduct(shape);
    return runParties(
      { seed: 21 },
      [
        "alice",
        async (me: Me) => {
          const peer = await me.peer(table, "keyOwner", "bob", "matrixOwner");
          const ahead = new KeyOwnerAhead(plan, await KeyOwner.open([plan], peer, me.secrets), peer, me.secrets);
          await ahead.make([way]);
          const out: BigUint64Array[] = [];
          for (let i = 0; i < times; i++) out.push(await ahead.multiply(way, own));
          return out;
        },
      ],
      [
        "bob",
        async (me: Me) => {
          const peer = await me.peer(table, "matrixOwner", "alice", "keyOwner");
          const options = { secrets: me.secrets, budget: new ReleaseBudget(shape.releasedMax), cacheBytesMax: 2 ** 28 };
          const ahead = new MatrixOwnerAhead(
            plan,
            await MatrixOwner.open([plan], peer, options),
            peer,
            clearMatrix(matrix),
          );
          await ahead.make([way]);
          const out: BigUint64Array[] = [];
          for (let i = 0; i < times; i++) out.push(await ahead.multiply(way, theirs));
          return out;
        },
      ],
    );
  }

  it.each(["forward", "transposed"] as const)("are right, each under masks of its own: %s", async (way) => {
    const { rows, columns } = shape;
    const [length, results] = way === "forward" ? [columns, rows] : [rows, columns];
    const [own, theirs] = [numbers(length), numbers(length)];
    const { results: shares } = await both(way, own, theirs, shape.vectors);
    const expected = inWholeNumbers(matrix, sum(own, theirs), way);
    for (let i = 0; i < shape.vectors; i++) expect(sum(shares[0][i]!, shares[1][i]!)).toEqual(expected);
    expect(new Set(shares[1].flatMap((share) => Array.from(share))).size).toBe(shape.vectors * results);
  });

  it("are no more than were made", async () => {
    const some = numbers(shape.columns);
    await expect(both("forward", some, some, shape.vectors + 1)).rejects.toThrow();
  });

  it.each(["forward", "transposed"] as const)("multiply in the clear as whole numbers do: %s", (way) => {
    for (const [rows, columns] of [
      [3, 1100],
      [2051, 130],
    ] as const) {
      const matrix = entries(rows, columns);
      const vector = numbers(way === "forward" ? columns : rows).fill(2n ** 64n - 1n, 0, 2);
      expect(Array.from(clearProduct(matrix, vector, way))).toEqual(inWholeNumbers(matrix, Array.from(vector), way));
    }
  });
});
