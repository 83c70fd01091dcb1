/** What does not fit one vector goes in several, and comes back whole. */
import { describe, expect, test } from "vitest";
import { defaultParameters } from "./index.ts";
import { fillLimb, joinLimbs, leastSums, planTreeSums } from "./limbs.ts";
import { gradientBounds } from "./objective.ts";

describe("limbs", () => {
  const many = { rows: 10_000_000, columns: 20, outputs: 660 };
  test.each([
    ["binary", 20, 4],
    ["huber", 20, 5],
    ["binary", 5000, 5],
  ] as const)(
    "of %s gradients of ten million rows in %i trees join to what they were split from",
    (objective, trees, count) => {
      const chosen = { ...defaultParameters, objective, trees, depth: 5 };
      const { limbs, linear } = planTreeSums(many, chosen);
      expect(limbs).toHaveLength(count);
      const bits = Math.log2(gradientBounds(chosen, many.rows).g);
      const values = [-(2 ** bits), -1, 0, 1, 12_345, 2 ** bits];
      const gradients = {
        g: Int32Array.from(values),
        h: new Int32Array(6).fill(2 ** 14),
      };
      const rows = Int32Array.of(0, 1, 3, 4, 5);
      const vectors = limbs.map((limb) => {
        const vector = new Int32Array(6);
        // By blocks, of which the second begins at a row of its own.
        for (const [first, end] of [
          [0, 3],
          [3, 6],
        ] as const)
          fillLimb(gradients, rows, limb, vector.subarray(first, end), first);
        return vector;
      });
      const sums = Float64Array.from(
        { length: 6 * limbs.length },
        (_, i) => vectors[i % limbs.length]![Math.floor(i / limbs.length)]!,
      );
      const joined = joinLimbs(sums, limbs, null);
      expect(Array.from(joined.g)).toEqual([values[0], -1, 0, 1, 12_345, values[5]]);
      expect(joined.h[2]).toBe(0);
      limbs.forEach((limb, l) => {
        const most = Math.max(...vectors[l]!.map(Math.abs)) * many.rows;
        expect(most, `${limb.of} ${limb.shift}`).toBeLessThanOrEqual(Number(linear.rangeMax));
      });
      expect(Array.from(leastSums(gradients, rows, limbs), Number)).toEqual(
        vectors.map((vector) => vector.reduce((sum, x) => sum + Math.min(0, x), 0)),
      );
    },
  );

  test.each(["regression", "absolute"] as const)("of %s are of g alone: rows are counted", (objective) => {
    const { limbs } = planTreeSums({ ...many, rows: 100_000 }, { ...defaultParameters, objective, depth: 5 });
    expect(limbs.map(({ of }) => of)).toEqual(objective === "absolute" ? ["g"] : ["g", "g"]);
    const weighted = { ...defaultParameters, objective, weighted: true, depth: 5 };
    expect(planTreeSums(many, weighted).limbs.some(({ of }) => of === "h")).toBe(true);
  });

  test("are two where rows are few, and refused where they would be more than are sent at once", () => {
    const few = { rows: 100_000, columns: 300, outputs: 9900 };
    expect(planTreeSums(few, { ...defaultParameters, depth: 5 }).limbs).toHaveLength(2);
    const refused = expect.objectContaining({ code: "input.linear-shape", remedy: expect.any(String) });
    const endless = { rows: 100_000_000, columns: 8192, outputs: 2 ** 16 };
    expect(() => planTreeSums(endless, { ...defaultParameters, trees: 5000, depth: 10 })).toThrow(refused);
    const counts = { ...defaultParameters, objective: "poisson" as const, trees: 50, depth: 5 };
    expect(() => planTreeSums({ rows: 100_000_000, columns: 300, outputs: 9900 }, counts)).toThrow(refused);
  });
});
