import { expect, test } from "vitest";
import { cronOf, type Timing, timingOf, usualTiming } from "./cron.ts";

const timing = (change: Partial<Timing>): Timing => ({ ...usualTiming, ...change });

test.each([
  [{ every: "day", time: "06:00" }, "0 6 * * *"],
  [{ every: "day", time: "23:59" }, "59 23 * * *"],
  [{ every: "week", time: "06:30", weekday: 1 }, "30 6 * * 1"],
  [{ every: "week", time: "00:05", weekday: 0 }, "5 0 * * 0"],
  [{ every: "month", time: "18:00", day: 28 }, "0 18 28 * *"],
] as const)("%o is %s, and back", (change, cron) => {
  expect(cronOf(timing(change))).toBe(cron);
  expect(timingOf(cron)).toEqual(timing(change));
});

test("an expression is passed on with single spaces, once it has five fields", () => {
  expect(cronOf(timing({ every: "expression", expression: " */30  8-18 * * 1-5 " }))).toBe("*/30 8-18 * * 1-5");
  expect(cronOf(timing({ every: "expression", expression: "0 6 *" }))).toBeUndefined();
});

test.each([
  { time: "" },
  { time: "6:00" },
  { time: "24:00" },
  { every: "week", weekday: 7 },
  { every: "month", day: 29 },
  { every: "month", day: 0 },
] as const)("%o is not complete", (change) => expect(cronOf(timing(change))).toBeUndefined());

test.each(["*/30 8-18 * * 1-5", "0 6 1 * 1", "0 6 31 * *", "0 6 * 3 *", "61 6 * * *", "0 25 * * *"])(
  "%s stays an expression",
  (cron) => expect(timingOf(cron)).toMatchObject({ every: "expression", expression: cron }),
);
