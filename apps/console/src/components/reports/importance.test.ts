import { expect, test } from "vitest";
import { importance, knownMeasures, maskedNumber, measureOf } from "./importance.ts";

const row = { feature: "age", party: "bank", gain: 12, cover: 40, count: 3 };

test("a party chooses among the measures that it knows", () => {
  expect(knownMeasures([row])).toEqual(["gain", "perSplit", "cover", "splits"]);
  expect(knownMeasures([{ ...row, cover: undefined }])).toEqual(["gain", "perSplit", "splits"]);
  expect(knownMeasures([{ ...row, gain: 0, cover: null }])).toEqual(["splits"]);
  expect(knownMeasures([])).toEqual(["splits"]);
});

test("a partner's column without a name is told by its number", () => {
  expect(maskedNumber({ feature: "telco: feature 12", party: "telco" })).toBe(12);
  const named = [
    { feature: "calls", party: "telco" },
    { feature: "telco: feature 12", party: "bank" },
    { feature: "telco: feature 12b", party: "telco" },
  ];
  expect(named.map(maskedNumber)).toEqual([undefined, undefined, undefined]);
});

test("gain is told in all and of one split", () => {
  expect((["gain", "perSplit", "cover", "splits"] as const).map((measure) => measureOf(row, measure))).toEqual([
    ...[12, 4, 40, 3],
  ]);
  expect(measureOf({ ...row, count: 0 }, "perSplit")).toBe(0);
  expect(importance.safeParse([{ ...row, count: "3" }]).success).toBe(false);
});
