import { expect, test } from "vitest";
import { fileRows, guessColumns, keysOf, looksLikeHeader, PART_MAX, splitKey } from "./keys.ts";

test("a first line is names where it names a key, or has no figures and the next has", () => {
  expect(
    looksLikeHeader(
      [
        ["姓名", "phone2"],
        ["x", "y"],
      ],
      ["Phone2"],
    ),
  ).toBe(true);
  expect(looksLikeHeader([["number"], ["13800138000"]], ["phone"])).toBe(true);
  expect(looksLikeHeader([["13800138000"], ["13900139000"]], ["phone"])).toBe(false);
  expect(looksLikeHeader([["李雷"], ["韩梅梅"]], ["phone"])).toBe(false);
  expect(looksLikeHeader([["phone"]], ["phone"])).toBe(true);
  expect(looksLikeHeader([], ["phone"])).toBe(false);
});

test("columns are found by name in any order, else taken from the left", () => {
  const named = fileRows(
    [
      ["phone", "note", "Name"],
      ["1", "2", "3"],
    ],
    true,
  );
  expect(guessColumns(named, ["name", "phone"])).toEqual([2, 0]);
  expect(guessColumns(named, ["name", "id"])).toEqual([2, 0]);
  expect(guessColumns(fileRows([["1", "2"]], false), ["a", "b", "c"])).toEqual([0, 1, 0]);
});

test("each key is asked once, and none that is empty or too long", () => {
  const rows = [["a", "1"], ["b", "2"], ["a", "1"], ["", "1"], ["c"], ["d", "x".repeat(PART_MAX + 1)], ["a1", ""]];
  const found = keysOf(fileRows([["n", "p"], ...rows], true), [0, 1]);
  expect(found.keys).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
  expect([...found.keyOf]).toEqual([0, 1, 0, -1, -1, -1, -1]);
  expect(found).toMatchObject({ repeated: 1, unusable: 4, unusableLines: [5, 6, 7, 8] });
  // Parts that run together the same are other keys.
  expect(
    keysOf(
      fileRows(
        [
          ["a", "bc"],
          ["ab", "c"],
        ],
        false,
      ),
      [0, 1],
    ).keys,
  ).toHaveLength(2);
});

test("a pasted key with all its parts is split, and nothing else", () => {
  expect(splitKey("李雷， 11010119900101123X\t13800138000", 3)).toEqual(["李雷", "11010119900101123X", "13800138000"]);
  expect(splitKey("a,b", 3)).toBeUndefined();
  expect(splitKey("a,,", 3)).toBeUndefined();
  expect(splitKey("a,b", 1)).toBeUndefined();
});
