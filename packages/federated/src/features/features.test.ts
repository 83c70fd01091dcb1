import { type Column, type ColumnTable, utf8 } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur3 } from "./hash.ts";
import { applySteps, fitSteps, parseSteps, type Rules, type StepSpec, stepSpec } from "./index.ts";

const NONE: Rules = { minimumRows: 1, label: null };
const numbers = (name: string, values: readonly number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
function text(name: string, values: readonly (string | null)[]): Column {
  const categories = [...new Set(values.filter((value) => value !== null))];
  return { kind: "text", name, codes: Int32Array.from(values, (value) => categories.indexOf(value!)), categories };
}
const tableOf = (...columns: Column[]): ColumnTable => ({
  rowCount: columns[0]!.kind === "number" ? columns[0]!.values.length : columns[0]!.codes.length,
  columns,
});
const specs = (...given: unknown[]): StepSpec[] => given.map((each) => stepSpec.parse(each));
const valuesOf = (table: ColumnTable, name: string): number[] => {
  const column = table.columns.find((each) => each.name === name)!;
  if (column.kind !== "number") throw new Error("not numbers");
  return [...column.values];
};
const textsOf = (table: ColumnTable, name: string): (string | null)[] => {
  const column = table.columns.find((each) => each.name === name)!;
  if (column.kind !== "text") throw new Error("not text");
  return Array.from(column.codes, (code) => column.categories[code] ?? null);
};
const prepare = (table: ColumnTable, rules: Rules, ...given: unknown[]) => fitSteps(table, specs(...given), rules);
const close = (actual: readonly number[], expected: readonly number[], digits = 9): void => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
};

const X = [1, 2, 4, 8, 16, 1, 3];
// Of scikit-learn 1.9.1: StandardScaler, and PowerTransformer(standardize=False).
const STANDARD = [
  -0.797724035217, -0.598293026413, -0.199431008804, 0.598293026413, 2.193741096848, -0.797724035217, -0.398862017609,
];
const BOX_COX = -0.21433546;
const YEO_JOHNSON = 0.58474681;
const YEO_JOHNSON_VALUES = [0.8546874488033056, 1.5409352489649975, 2.672667892867588];

describe("numbers", () => {
  it("are scaled as scikit-learn scales them", () => {
    const of = (method: string) =>
      valuesOf(prepare(tableOf(numbers("x", X)), NONE, { kind: "scale", columns: ["x"], method }).table, "x");
    close(of("standard"), STANDARD);
    close(
      of("min-max"),
      X.map((x) => (x - 1) / 15),
    );
    close(
      of("robust"),
      X.map((x) => (x - 3) / 4.5),
    );
  });

  it("get the power of most likelihood, as PowerTransformer finds it", () => {
    const of = (method: string, values: readonly number[]) =>
      prepare(tableOf(numbers("x", values)), NONE, { kind: "power", columns: ["x"], method });
    expect(lambdaOf(of("box-cox", X))).toBeCloseTo(BOX_COX, 5);
    expect(lambdaOf(of("yeo-johnson", [...X, -3, -1, 0]))).toBeCloseTo(YEO_JOHNSON, 5);
    close(valuesOf(of("yeo-johnson", [...X, -3, -1, 0]).table, "x").slice(0, 3), YEO_JOHNSON_VALUES, 5);
  });

  it("outside a logarithm's domain are refused when learnt and missing later, which is said", () => {
    const step = { kind: "power", columns: ["x"], method: "log" };
    expect(() => prepare(tableOf(numbers("x", [1, 0])), NONE, step)).toThrow(
      expect.objectContaining({ code: "input.range", detail: { column: "x", step: 1 } }),
    );
    const { steps } = prepare(tableOf(numbers("x", [1, 2])), NONE, step);
    const { table, notes } = applySteps(tableOf(numbers("x", [Math.E, -1, Number.NaN])), steps);
    expect(valuesOf(table, "x")).toEqual([1, Number.NaN, Number.NaN]);
    expect(notes).toEqual([{ step: 1, column: "x", what: "undefined", rows: 1 }]);
  });

  it.each([
    [{ method: "bounds", lower: 2, upper: 8 }, [2, 2, 4, 8, 8, 2, 3], 3],
    [{ method: "quantiles", lower: 0.25, upper: 0.75 }, [1.5, 2, 4, 6, 6, 1.5, 3], 4],
    [{ method: "quartiles" }, [1, 2, 4, 8, 12.75, 1, 3], 1],
    [{ method: "deviations", factor: 1 }, [1, 2, 4, 8, 9.99, 1, 3], 1],
  ])("are clipped by %j", (given, expected, moved) => {
    const { table, notes } = prepare(tableOf(numbers("x", X)), NONE, { kind: "clip", columns: ["x"], ...given });
    close(valuesOf(table, "x"), expected, 1);
    expect(notes).toEqual([{ step: 1, column: "x", what: "outside", rows: moved }]);
  });

  it.each(["scale", "power"])("that are all one value are refused by %s, by name", (kind) => {
    const step =
      kind === "scale" ? { kind, columns: ["x"], method: "standard" } : { kind, columns: ["x"], method: "box-cox" };
    for (const values of [
      [3, 3, 3],
      [Number.NaN, Number.NaN],
    ])
      expect(() => prepare(tableOf(numbers("x", values)), NONE, step)).toThrow(
        expect.objectContaining({ code: "input.constant", detail: { column: "x", step: 1 } }),
      );
  });
});

describe("missing values", () => {
  const table = tableOf(
    numbers("x", [1, Number.NaN, 3, 10, Number.NaN, 30]),
    text("t", ["a", "b", null, "b", null, "c"]),
    text("g", ["u", "u", "u", "v", "v", null]),
  );

  it.each([
    ["mean", [1, 11, 3, 10, 11, 30]],
    ["median", [1, 6.5, 3, 10, 6.5, 30]],
    ["mode", [1, 1, 3, 10, 1, 30]],
  ])("of numbers by their %s", (method, expected) => {
    expect(valuesOf(prepare(table, NONE, { kind: "impute", columns: ["x"], method }).table, "x")).toEqual(expected);
  });

  it("by the group's own figure where enough of its rows have a value", () => {
    const by = { kind: "impute", columns: ["x"], method: "mean", by: "g" };
    expect(valuesOf(prepare(table, { ...NONE, minimumRows: 2 }, by).table, "x")).toEqual([1, 2, 3, 10, 11, 30]);
  });

  it("of text by the commonest, by a constant, and with a column that says where", () => {
    const mode = { kind: "impute", columns: ["t"], method: "mode", indicator: true };
    const done = prepare(table, NONE, mode).table;
    expect(textsOf(done, "t")).toEqual(["a", "b", "b", "b", "b", "c"]);
    expect(valuesOf(done, "t.missing")).toEqual([0, 0, 1, 0, 1, 0]);
    const constant = { kind: "impute", columns: ["t"], method: "constant", value: "none" };
    expect(textsOf(prepare(table, NONE, constant).table, "t")).toEqual(["a", "b", "none", "b", "none", "c"]);
  });

  it("of a column without any value cannot be learnt", () => {
    const empty = tableOf(numbers("x", [Number.NaN, Number.NaN]));
    expect(() => prepare(empty, NONE, { kind: "impute", columns: ["x"], method: "mean" })).toThrow(
      expect.objectContaining({ code: "input.missing-values", detail: { column: "x", step: 1 } }),
    );
  });
});

describe("categories", () => {
  const table = tableOf(text("t", ["b", "a", "b", null, "c", "a", "b"]));
  const later = tableOf(text("t", ["a", "d", null, "c"]));

  it.each([
    ["ordinal", [1, 0, 1, Number.NaN, Number.NaN, 0, 1], [0, Number.NaN, Number.NaN, Number.NaN]],
    ["frequency", [3 / 7, 2 / 7, 3 / 7, 1 / 7, 1 / 7, 2 / 7, 3 / 7], [2 / 7, 1 / 7, 1 / 7, 1 / 7]],
  ])("as numbers by %s, rare and unseen ones as others", (method, expected, expectedLater) => {
    const { table: done, steps } = prepare(
      table,
      { ...NONE, minimumRows: 2 },
      { kind: "encode", columns: ["t"], method },
    );
    expect(valuesOf(done, "t")).toEqual(expected);
    const replayed = applySteps(later, steps);
    expect(valuesOf(replayed.table, "t")).toEqual(expectedLater);
    expect(replayed.notes).toEqual([{ step: 1, column: "t", what: "unseen", rows: 2 }]);
  });

  it("as columns of 0 and 1, of which rows without a value have none", () => {
    const one = { kind: "encode", columns: ["t"], method: "one-hot" };
    const { table: done, steps } = prepare(table, { ...NONE, minimumRows: 2 }, one);
    expect(done.columns.map(({ name }) => name)).toEqual(["t=a", "t=b", "t=*"]);
    expect(valuesOf(done, "t=b")).toEqual([1, 0, 1, 0, 0, 0, 1]);
    expect(valuesOf(done, "t=*")).toEqual([0, 0, 0, 0, 1, 0, 0]);
    expect(valuesOf(applySteps(later, steps).table, "t=*")).toEqual([0, 1, 0, 1]);
  });

  it("by the mean of the own label, smoothed, and only where the label is", () => {
    const target = { kind: "encode", columns: ["t"], method: "target", smoothing: 1 };
    const label = Float64Array.of(1, 0, 1, 0, 1, 0, 0);
    const { table: done } = prepare(table, { minimumRows: 2, label }, target);
    const mean = 3 / 7;
    const [a, b] = [(0 + mean) / 3, (2 + mean) / 4];
    close(valuesOf(done, "t"), [b, a, b, mean, mean, a, b]);
    expect(() => prepare(table, NONE, target)).toThrow(expect.objectContaining({ code: "input.label" }));
  });

  it("of which there are many share one column but for the commonest", () => {
    const many = tableOf(
      text(
        "t",
        Array.from({ length: 100_000 }, (_, row) => `c${row % 50_000}`),
      ),
    );
    const one = { kind: "encode", columns: ["t"], method: "one-hot", categoriesMax: 3 };
    expect(prepare(many, NONE, one).table.columns).toHaveLength(4);
  });
});

describe("expressions", () => {
  const table = tableOf(numbers("a", [4, 9, Number.NaN]), numbers("月 收入", [2, 0, 5]), text("t", ["x", "y", null]));
  const derive = (expression: string, more: object = {}) =>
    prepare(table, NONE, { kind: "derive", name: "new", expression, ...more });

  it.each([
    ["a + 1", [5, 10, Number.NaN]],
    ['col("月 收入") * 12', [24, 0, 60]],
    ["sqrt(a) - 1", [1, 2, Number.NaN]],
    ["a > 5 && a < 10 ? 1 : -1", [-1, 1, Number.NaN]],
    ['t == "x"', [1, 0, Number.NaN]],
    ["ifMissing(a, 7)", [4, 9, 7]],
    ["isMissing(a) || !(a > 4)", [1, 0, Number.NaN]],
    ["max(a, 5, 6)", [6, 9, Number.NaN]],
  ])("%s", (expression, expected) => {
    expect(valuesOf(derive(expression).table, "new")).toEqual(expected);
  });

  it("may give text", () => {
    expect(textsOf(derive('ifMissing(t, "none")').table, "new")).toEqual(["x", "y", "none"]);
  });

  it("without a value are refused, or missing and said where that is wanted", () => {
    expect(() => derive('a / col("月 收入")')).toThrow(expect.objectContaining({ code: "input.expression" }));
    const done = derive('a / col("月 收入")', { undefined: "missing" });
    expect(valuesOf(done.table, "new")).toEqual([2, Number.NaN, Number.NaN]);
    expect(done.notes).toEqual([{ step: 1, column: "new", what: "undefined", rows: 1 }]);
  });

  it.each([
    "1 / zero > -5",
    "1 / zero || 1",
    "!(1 / zero)",
    "min(1 / zero, 3)",
    "pow(0 / zero, 0)",
    "1 / (1 / zero)",
    "0 / zero ? 1 : 2",
  ])("have no value in %s, whatever hangs on what has none", (expression) => {
    const zeros = tableOf(numbers("zero", [0, 1]));
    const given = { kind: "derive", name: "new", expression };
    expect(() => prepare(zeros, NONE, given)).toThrow(expect.objectContaining({ code: "input.expression" }));
    const { table: done, notes } = prepare(zeros, NONE, { ...given, undefined: "missing" });
    expect(valuesOf(done, "new")[0]).toBeNaN();
    expect(valuesOf(done, "new")[1]).not.toBeNaN();
    expect(notes).toEqual([{ step: 1, column: "new", what: "undefined", rows: 1 }]);
  });

  it.each([
    "a +",
    "a = 3",
    "constructor",
    "a.constructor",
    "this",
    "toString()",
    "constructor(1)",
    "a; t",
    "[a]",
    "a + t",
    "t ? 1 : 2",
    "log(a, a)",
    "log()",
    '"x" < a',
    "col(a)",
    "unknown + 1",
    "a => 1",
    "new Date()",
    `${"(".repeat(200)}a${")".repeat(200)}+${"-".repeat(100)}a`,
  ])("refuses %s", (expression) => {
    expect(() => derive(expression)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^input\./) }));
  });

  it("never throw but by name, whatever is written", () => {
    const piece = fc.constantFrom(
      "a",
      "t",
      "(",
      ")",
      "+",
      "-",
      "?",
      ":",
      "'x'",
      "1e400",
      "log",
      ",",
      "!",
      "[",
      ".",
      "==",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        try {
          derive(pieces.join(" "));
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^input\./) });
        }
      }),
    );
  });
});

describe("other steps", () => {
  it("hashes text into buckets by MurmurHash3, whatever it saw before", () => {
    const vectors: readonly [string, number, number][] = [
      ["", 1, 0x514e28b7],
      ["hello", 0, 0x248bfa47],
      ["hello, world", 0, 0x149bbb7f],
      ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
      ["aaaa", 0x9747b28c, 0x5a97808a],
      ["abc", 0, 0xb3dd93fa],
    ];
    for (const [word, seed, expected] of vectors) expect(murmur3(utf8(word), seed), word).toBe(expected);
    const { table, steps } = prepare(tableOf(text("s", ["hello", null])), NONE, {
      kind: "hash",
      columns: ["s"],
      buckets: 8,
    });
    expect(table.columns.map(({ name }) => name)).toEqual(Array.from({ length: 8 }, (_, i) => `s#${i}`));
    const sums = (of: ColumnTable, row: number) => of.columns.map(({ name }) => valuesOf(of, name)[row]!);
    expect(sums(table, 0).indexOf(1)).toBe(0x248bfa47 % 8);
    expect(sums(table, 1)).toEqual(new Array(8).fill(0));
    const other = applySteps(tableOf(text("s", ["abc"])), steps);
    expect(sums(other.table, 0).indexOf(1)).toBe(0xb3dd93fa % 8);
    expect(other.notes).toEqual([]);
  });

  const table = tableOf(
    text("a", ["1", "2.5", null]),
    text("b", ["2026-02-28", "2026-02-30", null]),
    numbers("n", [1, 2, Number.NaN]),
  );

  it("rename, cast, cross, drop, parts of dates, lengths", () => {
    const { table: done, notes } = prepare(
      table,
      NONE,
      { kind: "rename", from: "n", to: "m" },
      { kind: "cast", columns: ["m"], to: "text" },
      { kind: "cross", columns: ["a", "m"], name: "both" },
      { kind: "cast", columns: ["a"], to: "number" },
      { kind: "date-parts", column: "b", parts: ["year", "weekday", "days"] },
      { kind: "text-length", columns: ["m"] },
      { kind: "drop", columns: ["m", "b"] },
    );
    expect(done.columns.map(({ name }) => name)).toEqual(["a", "both", "b.year", "b.weekday", "b.days", "m.length"]);
    expect(textsOf(done, "both")).toEqual(["1|1", "2.5|2", null]);
    expect(valuesOf(done, "a")).toEqual([1, 2.5, Number.NaN]);
    expect(valuesOf(done, "b.weekday")).toEqual([6, Number.NaN, Number.NaN]);
    expect(valuesOf(done, "b.days")).toEqual([20512, Number.NaN, Number.NaN]);
    expect(notes).toEqual([{ step: 5, column: "b", what: "undefined", rows: 1 }]);
  });

  it.each([
    [{ kind: "cast", columns: ["b"], to: "number" }, "input.columns"],
    [{ kind: "rename", from: "n", to: "a" }, "input.columns"],
    [{ kind: "drop", columns: ["gone"] }, "input.columns"],
    [{ kind: "scale", columns: ["a"], method: "standard" }, "input.columns"],
    [{ kind: "clip", columns: ["n"], method: "bounds", lower: 3, upper: 1 }, "input.parameters"],
    [{ kind: "impute", columns: ["n"], method: "constant", value: "x" }, "input.parameters"],
  ])("refuse %j", (step, code) => {
    expect(() => prepare(table, NONE, step)).toThrow(expect.objectContaining({ code }));
  });
});

describe("replay", () => {
  it("gives each row, alone and as it is stored, what it had when the steps were learnt", () => {
    const row = fc.record({
      x: fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN)),
      t: fc.constantFrom("a", "b", "c", null),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 3, maxLength: 30 }), (rows) => {
        const whole = tableOf(
          numbers("x", [0, 1, ...rows.map(({ x }) => x)]),
          text("t", ["a", "b", ...rows.map(({ t }) => t)]),
        );
        const { table, steps } = prepare(
          whole,
          { minimumRows: 2, label: null },
          { kind: "impute", columns: ["x"], method: "median", by: "t", indicator: true },
          { kind: "clip", columns: ["x"], method: "deviations", factor: 3 },
          { kind: "power", columns: ["x"], method: "yeo-johnson" },
          { kind: "scale", columns: ["x"], method: "min-max" },
          { kind: "encode", columns: ["t"], method: "one-hot" },
        );
        const stored = parseSteps(JSON.parse(JSON.stringify(steps)));
        for (let i = 0; i < whole.rowCount; i++) {
          const alone = applySteps(
            { rowCount: 1, columns: whole.columns.map((column) => oneRow(column, i)) },
            stored,
          ).table;
          for (const column of table.columns)
            expect(valuesOf(alone, column.name)[0]).toBe(valuesOf(table, column.name)[i]);
        }
      }),
      { numRuns: 30, examples: [[[-0, Number.NaN, Number.NaN].map((x) => ({ x, t: "a" as const }))]] },
    );
  });
});

function oneRow(column: Column, row: number): Column {
  if (column.kind === "number") return { ...column, values: column.values.slice(row, row + 1) };
  const code = column.codes[row]!;
  return { ...column, codes: Int32Array.of(code < 0 ? -1 : 0), categories: code < 0 ? [] : [column.categories[code]!] };
}

const lambdaOf = ({ steps }: { readonly steps: readonly { readonly learnt: unknown }[] }): number =>
  (steps[0]!.learnt as { readonly lambda: number }[])[0]!.lambda;
