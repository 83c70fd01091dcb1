import { expect, test } from "vitest";
import { fileRows, keysOf } from "./keys.ts";
import { referencesIn } from "./references.ts";

const [a, b] = ["a".repeat(64), "B".repeat(64)];
const lines = [
  ["1", a, "2999-01-31T00:00:00Z"],
  ["", "none", ""],
  ["2", b, "2999-01-31"],
  ["1", "later rows of a key are not looked at", ""],
];

test("each key has the reference of its first row; rows that are not asked need none", () => {
  const file = fileRows(lines, false);
  const found = referencesIn(file, keysOf(file, [0]), [1, 2])!;
  expect(found.map(({ hash }) => hash)).toEqual([a, b.toLowerCase()]);
  expect(found[0]!.expires).toBe("2999-01-31T00:00:00.000Z");
});

test("one that is missing, malformed or over leaves the batch unasked", () => {
  for (const bad of [
    ["3", a, ""],
    ["3", "xyz", "2999-01-31"],
    ["3", a, "2020-01-31"],
  ]) {
    const file = fileRows([...lines, bad], false);
    expect(referencesIn(file, keysOf(file, [0]), [1, 2])).toBeNull();
  }
  const file = fileRows(lines, false);
  expect(referencesIn(file, keysOf(file, [0]), [1, null])).toBeNull();
});
