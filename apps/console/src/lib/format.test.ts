import { describe, expect, test } from "vitest";
import {
  formatBand,
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRelative,
  formatTime,
  groupsOf,
  shortHash,
} from "./format.ts";

test("a band is open where there is no bound", () => {
  expect(formatBand({ from: null, to: 428 }, "en")).toBe("≤ 428");
  expect(formatBand({ from: 428, to: 464.25 }, "en")).toBe("428 – 464.3");
  expect(formatBand({ from: 0.5, to: null }, "en")).toBe("> 0.5");
});

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [9_994, "9.99 kB"],
    [9_996, "10.0 kB"],
    [99_960, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [22_330_000, "22.3 MB"],
    [5e15, "5.00 PB"],
    [null, "–"],
    [Number.NaN, "–"],
  ])("%s is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("durations", () => {
  test.each([
    [0, "< 1 ms"],
    [840, "840 ms"],
    [4_230, "4.2 s"],
    [42_400, "42 s"],
    [59_960, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [7_800_000, "2 h 10 min"],
    [356_400_000, "4 d 3 h"],
    [-1, "–"],
    [null, "–"],
  ])("%s ms is %s", (ms, text) => expect(formatDuration(ms, "en")).toBe(text));

  test("in Chinese units", () => expect(formatDuration(185_000, "zh")).toBe("3 分 05 秒"));
});

test("numbers have separators and at most four significant digits", () => {
  expect(formatNumber(1234567, "en")).toBe("1,234,567");
  expect(formatNumber(0.123456, "en")).toBe("0.1235");
  expect([214785.3, -1234.56, 999.96, 12.3456].map((value) => formatNumber(value, "en"))).toEqual([
    ...["214,785", "-1,235", "1,000", "12.35"],
  ]);
  expect(formatNumber(null, "zh")).toBe("–");
  expect(formatPercent(0.2839, "en")).toBe("28.4%");
});

test("times say their zone", () => {
  expect(formatTime("2026-11-21T01:30:12Z", "en", "Asia/Shanghai")).toMatch(/^21 Nov 2026, 09:30:12 (GMT\+8|CST)$/);
  expect(formatTime("2026-11-21T01:30:12Z", "en", "UTC")).toBe("21 Nov 2026, 01:30:12 UTC");
  expect(formatTime("2026-11-21T01:30:12Z", "zh", "UTC")).toContain("UTC");
});

test("relative times choose the largest unit", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(formatRelative("2026-11-21T11:57:00Z", "en", now)).toBe("3 minutes ago");
  expect(formatRelative("2026-11-21T14:00:00Z", "en", now)).toBe("in 2 hours");
  expect(formatRelative("2026-11-18T12:00:00Z", "zh", now)).toBe("3天前");
});

test("a fingerprint is read in groups of five, however it is written", () => {
  const eight = ["12345", "67890", "23456", "78901", "34567", "89012", "45678", "90123"];
  expect(groupsOf(eight.join(" "))).toEqual(eight);
  expect(groupsOf(eight.join("-"))).toEqual(eight);
  expect(groupsOf(eight.join(""))).toEqual(eight);
});

test("a long hash keeps both ends", () => {
  expect(shortHash("a".repeat(20))).toBe("a".repeat(20));
  expect(shortHash(`0123456789${"x".repeat(48)}abcdef`)).toBe("0123456789…abcdef");
});
