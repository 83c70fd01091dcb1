import { expect, test } from "vitest";
import { alignedBytes } from "./work.ts";

test("a table whose rows come often needs the room of the rows it becomes", () => {
  const asItIs = alignedBytes(1000, 1000, 50_000);
  expect(asItIs).toBeGreaterThan(4 * 50_000);
  expect(alignedBytes(20_000, 1000, 50_000)).toBe(20 * asItIs);
  expect(alignedBytes(7, 0, 0)).toBeGreaterThan(0);
});
