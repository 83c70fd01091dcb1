import type { Column, NumberColumn, TextColumn } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applied,
  binColumn,
  binCountOf,
  binNames,
  checkMerge,
  codesOf,
  countBins,
  evidence,
  type FineOptions,
  fineColumn,
  mergeBins,
  mergedCounts,
  mergeSpec,
  NO_BIN,
  shapeOf,
} from "./index.ts";

const numbers = (name: string, values: ArrayLike<number>): NumberColumn => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
const text = (name: string, values: readonly (string | null)[]): TextColumn => {
  const categories = [...new Set(values.filter((value) => value !== null))];
  const places = new Map(categories.map((category, i) => [category, i]));
  return { kind: "text", name, categories, codes: Int32Array.from(values, (v) => (v === null ? -1 : places.get(v)!)) };
};
const options = (given: Partial<FineOptions> = {}): FineOptions => ({
  ...{ method: "quantile", bins: 10, minimumRows: 1, edges: null, special: [] },
  ...given,
});
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const failing = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("fine bins of numbers", () => {
  it("are at exact quantiles, with equal values together", () => {
    const { fine } = binColumn(
      numbers(
        "x",
        many(1000, (i) => (i * 377) % 1000),
      ),
      options(),
    );
    expect(fine).toMatchObject({
      edges: [100, 200, 300, 400, 500, 600, 700, 800, 900],
      range: [0, 999],
      missing: null,
    });
    expect(fine.rows).toEqual(many(10, () => 100));
    // 600 zeros, which are the least: they are a bin, and what is above them is cut at the next quantiles.
    const zeros = binColumn(
      numbers(
        "x",
        many(1000, (i) => Math.max(0, i - 599)),
      ),
      options(),
    );
    expect(zeros.fine.rows).toEqual([600, 100, 100, 100, 100]);
  });

  it("hold enough rows: what is missing or special but rare joins others", () => {
    const values = many(1000, (i) => (i < 30 ? Number.NaN : i < 50 ? -9 : i < 200 ? -1 : i));
    const { fine, codes } = binColumn(numbers("x", values), options({ bins: 4, special: [-1, -9] }));
    expect(fine).toMatchObject({ special: [-1], pooled: [-9], rows: [200, 200, 200, 200, 150, 50], missing: 5 });
    expect([...codes.subarray(0, 60)]).toEqual([...many(50, () => 5), ...many(10, () => 4)]);
    const rare = binColumn(numbers("x", values.slice(10)), options({ bins: 2, special: [-1] }));
    expect(rare.fine.missing).toBe(rare.fine.rows.indexOf(Math.max(...rare.fine.rows)));
    expect(rare.fine.rows).toHaveLength(3);
    // So few ordinary ones that they would be known: with the missing ones, or with all.
    const few = many(1000, (i) => (i < 900 ? Number.NaN : i < 990 ? -1 : i));
    expect(binColumn(numbers("x", few), options({ special: [-1] })).fine).toMatchObject({
      rows: [910, 90],
      missing: 0,
    });
    const alone = few.filter((value) => !Number.isNaN(value));
    expect(binColumn(numbers("x", alone), options({ special: [-1] })).fine).toMatchObject({ rows: [100], special: [] });
  });

  it("of equal width or given edges leave out edges that would leave too few", () => {
    const values = many(1000, (i) => (i < 990 ? i / 10 : 1000));
    const wide = binColumn(numbers("x", values), options({ method: "width", bins: 4 }));
    expect(wide.fine).toMatchObject({ edges: [], rows: [1000] });
    const edges = [-5, 10, 11, 50, 2000];
    expect(binColumn(numbers("x", values), options({ edges })).fine).toMatchObject({ edges: [10, 50] });
  });

  it("say what they are of a constant, of nothing but missing values, and of the largest numbers", () => {
    expect(binColumn(numbers("x", Array(80).fill(7)), options()).fine).toMatchObject({ edges: [], rows: [80] });
    const none = binColumn(numbers("x", Array(80).fill(Number.NaN)), options());
    expect(none.fine).toMatchObject({ range: null, rows: [80], missing: 0 });
    const large = many(200, (i) => (i % 2 ? 1 : -1) * Number.MAX_VALUE * (i / 200));
    expect(binColumn(numbers("x", large), options({ bins: 2 })).fine.rows).toEqual([100, 100]);
    const tiny = many(200, (i) => i * Number.MIN_VALUE);
    expect(binColumn(numbers("x", tiny), options({ bins: 2 })).fine.rows).toEqual([100, 100]);
  });

  it("are refused of infinite numbers, too few rows, and edges or special values that do not fit", () => {
    const x = numbers("x", many(100, Number));
    const refused = (given: Partial<FineOptions>, column: Column = x) =>
      failing(() => binColumn(column, options(given)));
    expect(refused({}, numbers("x", [...many(99, Number), Number.POSITIVE_INFINITY]))).toBe("input.columns");
    expect(refused({}, numbers("x", many(49, Number)))).toBe("input.rows");
    for (const edges of [[2, 1], [1, 1], [Number.NaN], many(100, Number)])
      expect(refused({ edges })).toBe("input.columns");
    for (const special of [["a"], [1, 1], many(21, Number)]) expect(refused({ special })).toBe("input.columns");
    expect(refused({ edges: [1] }, text("t", Array(100).fill("a")))).toBe("input.columns");
    expect(refused({ special: [1] }, text("t", Array(100).fill("a")))).toBe("input.columns");
  });

  it("are where a binary search finds each value, each with enough rows, whatever the values", () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constant(Number.NaN),
    );
    const given = fc.record({
      values: fc.array(value, { minLength: 60, maxLength: 400 }),
      method: fc.constantFrom("quantile" as const, "width" as const),
      bins: fc.integer({ min: 2, max: 100 }),
      special: fc.constantFrom([], [0], [0, 1]),
    });
    fc.assert(
      fc.property(given, ({ values, ...rest }) => {
        const column = numbers("x", values);
        const { fine, codes } = binColumn(column, options(rest));
        expect(fineColumn.parse(JSON.parse(JSON.stringify(fine)))).toEqual(JSON.parse(JSON.stringify(fine)));
        const again = codesOf(column, fine);
        expect(again.codes).toEqual(codes);
        expect(again.unforeseen).toEqual({ missing: 0, unseen: 0, outside: 0 });
        const rows = many(fine.rows.length, (bin) => codes.reduce((sum, code) => sum + Number(code === bin), 0));
        expect(rows).toEqual(fine.rows);
        for (const count of rows) expect(count).toBeGreaterThanOrEqual(50);
        expect(binCountOf(shapeOf(fine))).toBe(rows.length);
      }),
    );
  });
});

describe("fine bins of text", () => {
  const values = many(1000, (i) => (i < 400 ? "b" : i < 700 ? "a" : i < 760 ? "c" : i < 800 ? null : `rare-${i}`));

  it("are categories, rare ones together, with what is missing apart or among them", () => {
    const { fine } = binColumn(text("t", values), options());
    expect(fine).toMatchObject({ categories: ["a", "b", "c"], other: 3, missing: 3, rows: [300, 400, 60, 240] });
    const fewer = binColumn(text("t", values), options({ bins: 2 })).fine;
    expect(fewer).toMatchObject({ categories: ["b"], other: 1, rows: [400, 600] });
    // Others who are too few by themselves take the rarest of the rest in.
    const eased = many(100, (i) => (i < 50 ? "a" : i < 99 ? "b" : "c"));
    expect(binColumn(text("t", eased), options()).fine).toMatchObject({ categories: ["a"], other: 1, rows: [50, 50] });
    expect(binColumn(text("t", Array(90).fill(null)), options()).fine).toMatchObject({
      categories: [],
      missing: 0,
      rows: [90],
    });
    const special = binColumn(text("t", values), options({ special: ["b", "none"] })).fine;
    expect(special).toMatchObject({
      categories: ["a", "c"],
      special: ["b"],
      pooled: ["none"],
      rows: [300, 60, 240, 400],
    });
  });

  it("are few however many categories there are", () => {
    const wide = text(
      "t",
      many(100_000, (i) => `k-${i}`),
    );
    expect(binColumn(wide, options({ bins: 20 })).fine).toMatchObject({ categories: [], other: 0, rows: [100_000] });
  });

  it("take rows that came later to the others or to none, and count them", () => {
    const { fine } = binColumn(text("t", values), options());
    const later = text("t", ["a", "new", null, "rare-900"]);
    expect(codesOf(later, fine)).toMatchObject({ codes: Uint8Array.of(0, 3, 3, 3), unforeseen: { unseen: 2 } });
    const whole = binColumn(
      text(
        "t",
        many(100, (i) => (i < 50 ? "a" : "b")),
      ),
      options(),
    ).fine;
    expect(codesOf(later, whole)).toEqual({
      codes: Uint8Array.of(0, NO_BIN, NO_BIN, NO_BIN),
      unforeseen: { missing: 1, unseen: 2, outside: 0 },
    });
    expect(failing(() => codesOf(numbers("t", [1]), whole))).toBe("input.columns");
  });
});

describe("evidence", () => {
  it("is that of the books, with ones above", () => {
    // 100 ones and 200 zeros: p = .1, .9; q = .5, .5.
    const { woe, iv, ivOf, ks, gini } = evidence({ rows: [110, 190], ones: [10, 90] }, 0);
    const expected = [Math.log(0.1 / 0.5), Math.log(0.9 / 0.5)];
    for (const [i, weight] of woe.entries()) expect(weight).toBeCloseTo(expected[i]!, 12);
    expect(iv).toBeCloseTo(-0.4 * expected[0]! + 0.4 * expected[1]!, 12);
    expect(ivOf.reduce((sum, part) => sum + part)).toBeCloseTo(iv, 12);
    expect(ks).toBeCloseTo(0.4, 12);
    expect(gini).toBeCloseTo(0.4, 12);
  });

  it("is finite for bins without a one or a zero, and says what was added", () => {
    const { woe, iv, smoothing } = evidence({ rows: [50, 50], ones: [0, 20] }, 0);
    expect(smoothing).toBe(0.5);
    expect([...woe, iv].every(Number.isFinite)).toBe(true);
    expect(evidence({ rows: [50, 50], ones: [1, 20] }, 0).smoothing).toBe(0);
    expect(evidence({ rows: [50, 50], ones: [0, 20] }, 2).smoothing).toBe(2);
  });

  it("refuses labels that are all alike, and counts that cannot be", () => {
    expect(failing(() => evidence({ rows: [50], ones: [0] }, 1))).toBe("input.label");
    expect(failing(() => evidence({ rows: [50], ones: [50] }, 1))).toBe("input.label");
    for (const ones of [[51], [-1], [0.5], [1, 1]])
      expect(failing(() => evidence({ rows: [50], ones }, 1))).toBe("input.bins");
  });
});

const counts = fc
  .array(fc.tuple(fc.integer({ min: 50, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 9,
  })
  .map((bins) => ({ rows: bins.map(([rows]) => rows), ones: bins.map(([rows, share]) => Math.round(rows * share)) }));
const ordered = (ordinary: number) => ({ ordered: true, ordinary, special: 0, missing: false });

describe("merges", () => {
  it("of every method hold enough, keep neighbours and no more bins than asked for", () => {
    const specs = fc.record({
      method: fc.constantFrom("fine", "chi-merge", "tree", "optimal"),
      binsMax: fc.integer({ min: 2, max: 5 }),
      minimumShare: fc.constantFrom(0, 0.1),
      trend: fc.constantFrom("none", "ascending", "auto", "peak", "valley"),
    });
    fc.assert(
      fc.property(counts, specs, fc.boolean(), (bins, given, isOrdered) => {
        const spec = mergeSpec.parse(given);
        const shape = { ...ordered(bins.rows.length), ordered: isOrdered };
        const groups = mergeBins(shape, bins, spec);
        checkMerge(shape, groups);
        const { rows, ones } = mergedCounts(bins, groups);
        if (given.method !== "fine") expect(rows.length).toBeLessThanOrEqual(given.binsMax);
        if (rows.length === 1) return;
        const all = rows.reduce((sum, count) => sum + count);
        rows.forEach((count, i) => {
          expect(count).toBeGreaterThanOrEqual(given.minimumShare * all);
          expect(Math.min(ones[i]!, count - ones[i]!)).toBeGreaterThanOrEqual(5);
        });
      }),
    );
  });

  it("of the optimal method have the most information of all that are allowed", () => {
    const trends = ["none", "ascending", "descending", "auto", "peak", "valley"] as const;
    fc.assert(
      fc.property(counts, fc.constantFrom(...trends), fc.integer({ min: 2, max: 6 }), (bins, trend, binsMax) => {
        const spec = mergeSpec.parse({ trend, binsMax, minimumShare: 0.02 });
        const groups = mergeBins(ordered(bins.rows.length), bins, spec);
        expect(informationOf(bins, groups)).toBeCloseTo(best(bins, spec), 9);
      }),
      { numRuns: 200 },
    );
  });

  it("keep special and missing bins apart where they hold enough, and elsewhere with the nearest rate", () => {
    const shape = { ordered: true, ordinary: 2, special: 1, missing: true };
    const at = (special: number, missing: number) =>
      mergeBins(shape, { rows: [500, 500, 100, 60], ones: [50, 250, special, missing] }, mergeSpec.parse({}));
    expect(at(20, 6)).toEqual([0, 1, 2, 3]);
    expect(at(20, 0)).toEqual([0, 1, 2, 0]);
    expect(at(2, 58)).toEqual([0, 1, 0, 1]);
    expect(mergeBins({ ...shape, ordinary: 0, special: 0 }, { rows: [100], ones: [0] }, mergeSpec.parse({}))).toEqual([
      0,
    ]);
  });

  it("are refused where they are not merges of such bins", () => {
    const shape = { ordered: true, ordinary: 3, special: 0, missing: true };
    expect(failing(() => checkMerge(shape, [0, 1, 1, 0]))).toBeUndefined();
    for (const groups of [
      [0, 1, 0, 1],
      [1, 0, 0, 0],
      [0, 2, 2, 2],
      [0, 0, 0],
      [0, 0, 0, -1],
      [0, 0.5, 1, 1],
    ])
      expect(failing(() => checkMerge(shape, groups))).toBe("input.merges");
    expect(failing(() => checkMerge({ ...shape, ordered: false }, [0, 1, 0, 1]))).toBeUndefined();
  });
});

/** Without smoothing; of merges that hold both labels. */
function informationOf(bins: { rows: number[]; ones: number[] }, groups: readonly number[]): number {
  const { rows, ones } = mergedCounts(bins, groups);
  const allOnes = ones.reduce((sum, count) => sum + count, 0);
  const allZeros = rows.reduce((sum, count) => sum + count, 0) - allOnes;
  if (rows.length === 1) return 0;
  return rows.reduce((sum, count, i) => {
    const [p, q] = [ones[i]! / allOnes, (count - ones[i]!) / allZeros];
    return sum + (p - q) * Math.log(p / q);
  }, 0);
}

/** By trying every merge. */
function best(
  bins: { rows: number[]; ones: number[] },
  { trend, binsMax, minimumShare }: ReturnType<typeof mergeSpec.parse>,
) {
  const all = bins.rows.reduce((sum, count) => sum + count);
  let most = 0;
  for (let cuts = 0; cuts < 2 ** (bins.rows.length - 1); cuts++) {
    let group = 0;
    const groups = bins.rows.map((_, i) => (i > 0 && (cuts >> (i - 1)) & 1 ? ++group : group));
    const { rows, ones } = mergedCounts(bins, groups);
    const holds = rows.every((count, i) => count >= minimumShare * all && ones[i]! >= 5 && count - ones[i]! >= 5);
    const rates = rows.map((count, i) => ones[i]! / count);
    if (holds && rows.length <= binsMax && follows(rates, trend)) most = Math.max(most, informationOf(bins, groups));
  }
  return most;
}

function follows(rates: readonly number[], trend: string): boolean {
  const up = (part: readonly number[]): boolean => part.every((rate, i) => i === 0 || part[i - 1]! <= rate + 1e-12);
  const down = (part: readonly number[]): boolean => up(part.map((rate) => -rate));
  const turns = many(rates.length, (i) => [rates.slice(0, i + 1), rates.slice(i)] as const);
  if (trend === "ascending") return up(rates);
  if (trend === "descending") return down(rates);
  if (trend === "auto") return up(rates) || down(rates);
  if (trend === "peak") return turns.some(([one, other]) => up(one) && down(other));
  if (trend === "valley") return turns.some(([one, other]) => down(one) && up(other));
  return true;
}

describe("applied bins", () => {
  const column = numbers("x", [...many(100, Number), ...Array(60).fill(Number.NaN)]);
  const { fine } = binColumn(column, options({ bins: 2 }));
  const own = { id: 0, fine, groups: [0, 0, 1], ones: null, woe: [-0.5, 0.25] };

  it("are weights, or names where the weights are not here", () => {
    const values = (of: Column): unknown[] =>
      of.kind === "number" ? [...of.values] : Array.from(of.codes, (code) => of.categories[code] ?? null);
    const later = numbers("x", [3, Number.NaN, 1e9]);
    const notes: unknown[] = [];
    expect(values(applied(later, own, (note) => notes.push(note)))).toEqual([-0.5, 0.25, -0.5]);
    expect(notes).toEqual([{ column: "x", what: "outside", rows: 1 }]);
    expect(values(applied(later, { ...own, woe: null }, () => {}))).toEqual(["(-∞, ∞)", "∅", "(-∞, ∞)"]);
    expect(binNames(fine, [0, 1, 2])).toEqual(["(-∞, 50)", "[50, ∞)", "∅"]);
  });

  it("count rows of no bin as average", () => {
    const whole = binColumn(numbers("x", many(100, Number)), options({ bins: 2 })).fine;
    const notes: unknown[] = [];
    const made = applied(numbers("x", [1, Number.NaN]), { ...own, fine: whole, groups: [0, 1] }, (n) => notes.push(n));
    expect(made).toEqual(numbers("x", [-0.5, 0]));
    expect(notes).toEqual([{ column: "x", what: "missing", rows: 1 }]);
  });

  it("are counted with labels row by row", () => {
    const labels = Float64Array.from(column.values, (_, row) => row % 2);
    expect(countBins(binColumn(column, options({ bins: 2 })).codes, 3, labels)).toEqual({
      rows: [50, 50, 60],
      ones: [25, 25, 30],
    });
  });
});
