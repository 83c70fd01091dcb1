import { expect, test } from "vitest";
import { Estimate } from "./estimate.ts";

const SECOND = 1000;

test("a stage that counts up is estimated at its mean speed", () => {
  const estimate = new Estimate();
  estimate.note({ stage: "blind", done: 0, total: 100 }, 0);
  expect(estimate.seconds(5 * SECOND)).toBeNull();
  estimate.note({ stage: "blind", done: 20, total: 100 }, 10 * SECOND);
  expect(estimate.seconds(10 * SECOND)).toBe(40);
  estimate.note({ stage: "evaluate", done: 0, total: 100 }, 50 * SECOND);
  expect(estimate.seconds(50 * SECOND)).toBeNull();
});

test("of trees the first is left out with what was prepared for all, and levels do not begin anew", () => {
  const estimate = new Estimate();
  estimate.note({ stage: "prepare", done: 0, total: 10 }, 0);
  for (const [tree, start] of [60, 80, 84, 88].entries())
    for (const level of [1, 2])
      estimate.note({ stage: `tree ${tree + 1}, level ${level}`, done: tree, total: 10 }, (start + level) * SECOND);
  // Trees 2 and 3 took 4 s each; the fourth has begun a second ago: 7 are left.
  expect(estimate.seconds(90 * SECOND)).toBe(27);
  // A tree that takes longer than the others counts as about to end.
  expect(estimate.seconds(900 * SECOND)).toBe(24);
});
