import { expect, test } from "vitest";
import { labelShares, rowChoice, sidesOf } from "./rows-shape.ts";

const byLabel = [
  { label: "0", rows: 80, chosen: 20 },
  { label: "1", rows: 20, chosen: 20 },
];

test("labels are held against each other before and after, or in both parts", () => {
  const sample = rowChoice.parse({
    kind: "sample",
    method: "under",
    rows: 100,
    kept: 40,
    repeated: 0,
    label: "y",
    byLabel,
  });
  expect(sidesOf(sample)).toEqual(["before", "after"]);
  expect(labelShares(sample)).toEqual([
    {
      name: "0",
      sides: [
        { rows: 80, share: 0.8 },
        { rows: 20, share: 0.5 },
      ],
    },
    {
      name: "1",
      sides: [
        { rows: 20, share: 0.2 },
        { rows: 20, share: 0.5 },
      ],
    },
  ]);
  const split = rowChoice.parse({ kind: "split", rows: 100, test: 40, label: "y", byLabel });
  expect(sidesOf(split)).toEqual(["training", "testing"]);
  expect(labelShares(split)?.map(({ sides }) => sides.map(({ rows }) => rows))).toEqual([
    [60, 20],
    [0, 20],
  ]);
});

test("a report of a version before there were labels in it is still drawn", () => {
  const earlier = rowChoice.parse({ kind: "filter", rows: 10, kept: 8, undefinedRows: 0 });
  expect(earlier).toMatchObject({ condition: null, meeting: {}, label: null });
  expect(labelShares(earlier)).toBeNull();
});
