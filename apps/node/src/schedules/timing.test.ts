import { describe, expect, it } from "vitest";
import { checkTiming, nextRun } from "./timing.ts";

const now = new Date("2026-03-01T12:00:00Z");
const far = new Date("2027-03-01T00:00:00Z");

describe("nextRun", () => {
  it("means the clock on the wall of its zone", () => {
    expect(nextRun("0 6 * * 1", "UTC", now, far)).toEqual(new Date("2026-03-02T06:00:00Z"));
    expect(nextRun("0 6 * * 1", "Asia/Shanghai", now, far)).toEqual(new Date("2026-03-01T22:00:00Z"));
  });
  it("is null after the end", () => {
    expect(nextRun("0 6 * * 1", "UTC", now, new Date("2026-03-02T05:59:00Z"))).toBeNull();
  });
  it("comes after the given time, never at it", () => {
    expect(nextRun("0 12 * * *", "UTC", now, far)).toEqual(new Date("2026-03-02T12:00:00Z"));
  });
});

describe("checkTiming", () => {
  it.each(["0 6 * * *", "*/5 * * * *", "30 2 1 * *"])("takes %s", (cron) => {
    expect(() => checkTiming(cron, "Asia/Shanghai", now)).not.toThrow();
  });
  it.each([
    ["* * * * *", "UTC"],
    ["0,1 6 * * *", "UTC"],
    ["0 0 31 2 *", "UTC"],
    ["not a cron", "UTC"],
    ["61 6 * * *", "UTC"],
    ["0 6 * * *", "Mars/Olympus"],
  ])("refuses %s in %s", (cron, zone) => {
    expect(() => checkTiming(cron, zone, now)).toThrow(expect.objectContaining({ code: "input.cron" }));
  });
});
