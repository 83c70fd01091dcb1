import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellsOf, requireTellable, requireWhole } from "./tellable.ts";

const EVENTS = 5;
/** Six bins of 100 rows, 3 of them with label 1. */
const SPARSE = { rows: Array<number>(6).fill(100), ones: Array<number>(6).fill(3) };

describe("merges of the same fine bins", () => {
  it("are held to each other, also in versions that know nothing of each other", () => {
    const first = [0, 0, 0, 0, 0, 0];
    const [one, other] = [
      [0, 0, 1, 1, 1, 1],
      [0, 0, 0, 1, 1, 1],
    ];
    // Each tells of enough; their difference is the third bin alone, which has 3 rows of label 1.
    for (const merge of [first, one, other]) expect(() => requireTellable(SPARSE, merge!, EVENTS)).not.toThrow();
    const cells = cellsOf(SPARSE, [first], EVENTS);
    expect(cells).toEqual([0, 0, 1, 1, 2, 2]);
    expect(() => requireWhole(one!, cells)).not.toThrow();
    expect(() => requireWhole(other!, cells)).toThrow(expect.objectContaining({ code: "input.merges" }));
  });

  it("tell of nothing smaller than a cell, whichever are told, and cells stay what they are", () => {
    const column = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(column, fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }), (bins, grouping) => {
        const counts = { rows: bins.map(([a, b]) => a + b), ones: bins.map(([a]) => a) };
        const first = numbered(grouping.slice(0, bins.length));
        try {
          requireTellable(counts, first, EVENTS);
        } catch {
          return; // Is never told.
        }
        const cells = cellsOf(counts, [first], EVENTS);
        expect(cells).toEqual(numbered(cells));
        expect(() => requireWhole(first, cells)).not.toThrow();
        expect(cellsOf(counts, [cells], EVENTS)).toEqual(cells);
        expect(cellsOf(counts, [first, cells], EVENTS)).toEqual(cells);
        if (Math.max(...cells) > 0) expect(() => requireTellable(counts, cells, EVENTS)).not.toThrow();
      }),
    );
  });
});

/** From 0 in order of appearance. */
function numbered(groups: readonly number[]): number[] {
  const seen = [...new Set(groups)];
  return groups.map((group) => seen.indexOf(group));
}
