import { describe, expect, it } from "vitest";
import type { TaskTable } from "./component.ts";
import { labelsOf } from "./labels.ts";
import { numbers, tableOf, texts } from "./testing/examples.ts";

describe("labelsOf", () => {
  const table = (column: ReturnType<typeof numbers> | ReturnType<typeof texts>): TaskTable => ({
    ...tableOf(column),
    label: "y",
  });
  it.each([
    ["zeros and ones as they are", numbers("y", [0, 1, 1]), [0, 1, 1], null],
    ["yes and no", texts("y", ["no", "Yes", "no"]), [0, 1, 0], "Yes"],
    ["other words by order", texts("y", ["b", "a"]), [1, 0], "b"],
    ["other numbers by size", numbers("y", [10, 9]), [1, 0], "10"],
  ])("reads %s", (_what, column, values, positive) => {
    expect(labelsOf(table(column), "binary")).toEqual({ values: Float64Array.from(values), positive });
  });
  it("refuses three values, missing ones, and text for a regression", () => {
    for (const [column, objective] of [
      [numbers("y", [0, 1, 2]), "binary"],
      [numbers("y", [0, Number.NaN]), "binary"],
      [texts("y", ["a", null]), "binary"],
      [texts("y", ["a", "b"]), "regression"],
    ] as const)
      expect(() => labelsOf(table(column), objective)).toThrow(expect.objectContaining({ code: "input.label" }));
  });
});
