import { expect, test } from "vitest";
import { keyed } from "./keyed.ts";

const keysOf = (items: readonly string[]) => keyed(items, (item) => item).map(({ key }) => key);

test("what is alike has keys of its own, which stay when more comes", () => {
  const keys = keysOf(["a", "b", "a", "1 a", "a"]);
  expect(new Set(keys).size).toBe(5);
  expect(keysOf(["a", "b", "a", "1 a", "a", "a", "c"]).slice(0, 5)).toEqual(keys);
});
