import { type Column, type ColumnTable, takeTable } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySteps, fitSteps, neededSteps, type StepSpec, stepSpec } from "./index.ts";

const ROWS = 60;
const CATEGORIES = ["a", "b", "c", "d"];
const RULES = { minimumRows: 3, label: Float64Array.from({ length: ROWS }, (_, row) => Number(row % 3 === 0)) };

/** Two columns of numbers, two of text, a date; some values missing. */
function raw(): ColumnTable {
  const number = (name: string, step: number): Column => ({
    kind: "number",
    name,
    values: Float64Array.from({ length: ROWS }, (_, row) => (row % 13 === step ? Number.NaN : ((row * step) % 17) + 1)),
  });
  const text = (name: string, step: number): Column => ({
    kind: "text",
    name,
    codes: Int32Array.from({ length: ROWS }, (_, row) => (row % 11 === step ? -1 : (row * step) % 4)),
    categories: CATEGORIES,
  });
  const days: Column = {
    kind: "text",
    name: "day",
    codes: Int32Array.from({ length: ROWS }, (_, row) => row % 3),
    categories: ["2024-02-29", "2025-01-31", "2025-12-05"],
  };
  return { rowCount: ROWS, columns: [number("x", 3), number("y", 5), text("s", 3), text("t", 7), days] };
}

const spec = (value: unknown): StepSpec => stepSpec.parse(value);
/** Each fits whatever came before it, or is left out. */
const CHOICES: readonly StepSpec[] = [
  { kind: "impute", columns: ["x", "y"], method: "median", indicator: true },
  { kind: "impute", columns: ["t", "s"], method: "mode", by: "t" },
  { kind: "impute", columns: ["x"], method: "mean", by: "s" },
  { kind: "clip", columns: ["y", "x"], method: "quantiles" },
  { kind: "scale", columns: ["x", "y"], method: "standard" },
  { kind: "power", columns: ["x"], method: "yeo-johnson" },
  { kind: "encode", columns: ["s", "t"], method: "one-hot" },
  { kind: "encode", columns: ["t"], method: "target" },
  { kind: "derive", name: "z", expression: "x - y * 2" },
  { kind: "derive", name: "s", expression: "x > 2 ? 'high' : 'low'" },
  { kind: "derive", name: "x", expression: "z + ifMissing(col('y'), 0)" },
  { kind: "cross", columns: ["s", "t"], name: "st" },
  { kind: "rename", from: "x", to: "w" },
  { kind: "rename", from: "z", to: "x" },
  { kind: "drop", columns: ["s", "y"] },
  { kind: "drop", columns: ["x"] },
  { kind: "cast", columns: ["y"], to: "text" },
  { kind: "date-parts", column: "day", parts: ["month", "weekday"] },
  { kind: "text-length", columns: ["s", "t"] },
  { kind: "hash", columns: ["s", "t"], buckets: 3 },
].map(spec);

function fitting(table: ColumnTable, order: readonly StepSpec[]): StepSpec[] {
  const kept: StepSpec[] = [];
  for (const each of order)
    try {
      fitSteps(table, [...kept, each], RULES);
      kept.push(each);
    } catch {
      // It names a column that is gone, of another kind or there already.
    }
  return kept;
}

const valuesOf = (column: Column): (number | string | null)[] =>
  column.kind === "number"
    ? [...column.values]
    : Array.from(column.codes, (code) => (code < 0 ? null : column.categories[code]!));

describe("steps that some columns take", () => {
  it("make of the columns that they take, row by row, what all steps make of all", () => {
    const order = fc.shuffledSubarray([...CHOICES], { minLength: 4 });
    fc.assert(
      fc.property(order, fc.infiniteStream(fc.boolean()), fc.nat(ROWS - 1), (choices, coins, row) => {
        const table = raw();
        const { steps, table: all } = fitSteps(table, fitting(table, choices), RULES);
        const wanted = new Set(all.columns.flatMap(({ name }) => (coins.next().value ? [name] : [])));
        const { steps: needed, takes } = neededSteps(steps, wanted);
        const taken = table.columns.filter(({ name }) => takes.has(name));
        expect(taken).toHaveLength(takes.size);
        for (const some of [{ rowCount: ROWS, columns: taken }, takeTable({ rowCount: ROWS, columns: taken }, [row])]) {
          const made = applySteps(some, needed).table.columns;
          for (const name of wanted) {
            const whole = valuesOf(all.columns.find((each) => each.name === name)!);
            const own = valuesOf(made.find((each) => each.name === name)!);
            expect(own, name).toEqual(some.rowCount === 1 ? [whole[row]] : whole);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("take no more than they need, and keep the numbers of their steps", () => {
    const { steps } = fitSteps(
      raw(),
      [0, 3, 8, 6].map((i) => CHOICES[i]!),
      RULES,
    );
    const { steps: needed, takes } = neededSteps(steps, new Set(["s=a"]));
    expect([...takes]).toEqual(["s"]);
    expect(needed).toMatchObject([{ spec: { kind: "encode", columns: ["s"] }, step: 4 }]);
    expect([...neededSteps(steps, new Set(["z"])).takes].sort()).toEqual(["x", "y"]);
    expect([...neededSteps(steps, new Set(["day"])).takes]).toEqual(["day"]);
  });

  it("are refused for a column that one of them takes away", () => {
    const { steps } = fitSteps(raw(), [spec({ kind: "drop", columns: ["x"] })], RULES);
    expect(() => neededSteps(steps, new Set(["x"]))).toThrow(expect.objectContaining({ code: "input.model" }));
  });
});
