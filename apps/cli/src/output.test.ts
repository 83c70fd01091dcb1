import { TomboloError } from "@tombolo/base";
import { ApiCallError } from "@tombolo/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bytes, duration, exitCodeOf, fail, plain, print, table } from "./output.ts";

let out = "";
let err = "";
beforeEach(() => {
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test("columns are as wide as their widest cell, numbers to the right, wide characters count twice", () => {
  expect(
    table(
      ["name", "rows"],
      [
        ["银行", 7],
        ["a", 4124],
      ],
      "none",
    ),
  ).toBe("name  rows\n银行     7\na     4124");
  expect(table(["name"], [], "none")).toBe("none");
});

test("a partner's text cannot steer the terminal", () => {
  const nasty = "a\u001b[2Jb\nc\rd\u009be\u202ef\u2066g";
  expect(plain(nasty)).toBe("a [2Jb c d e f g");
  expect(table(["x"], [[nasty]], "none").split("\n")).toHaveLength(2);
  fail({ json: false }, new TomboloError("transport.refused", nasty, { remedy: nasty }));
  for (const character of ["\u001b", "\u009b", "\r", "\u202e", "\u2066"]) expect(err).not.toContain(character);
  expect(err.trim().split("\n")).toHaveLength(2);
});

test("bytes and durations are in units people read", () => {
  expect([0, 999, 1000, 1_530_000, 2e15].map(bytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.5 MB", "2000.0 TB"]);
  expect([12.4, 1500, 125_000].map(duration)).toEqual(["12 ms", "1.5 s", "2 min 5 s"]);
});

test("the exit code follows the family of the error", () => {
  const codes = ["input.flow", "consent.four-eyes", "auth.session", "transport.unreachable", "state.unknown"] as const;
  expect(codes.map((code) => exitCodeOf(new TomboloError(code, "x")))).toEqual([2, 3, 3, 4, 1]);
});

test("what is wrong with a file, a list of faults and an unknown id all say where and what to do", () => {
  const missing = Object.assign(new Error("ENOENT"), { code: "ENOENT", path: "mine.csv" });
  expect(fail({ json: false }, missing)).toBe(2);
  expect(err).toContain("mine.csv: there is no such file or folder");
  expect(err).toContain("what to do:");
  err = "";
  const problems = [{ path: "body.uses", message: "too big", remedy: "Give less." }];
  fail({ json: false }, new ApiCallError(400, { code: "input.request", message: "1 fault", problems }));
  expect(err).toContain("  uses: too big\n    what to do: Give less.");
  err = "";
  expect(fail({ json: false }, new TomboloError("state.unknown", "there is no such dataset"))).toBe(1);
  expect(err).toContain("tombolo dataset list");
});

test("with --json there is one document on stdout and errors are one on stderr", () => {
  print({ json: true }, { a: 1 }, () => "for people");
  expect(JSON.parse(out)).toEqual({ a: 1 });
  fail({ json: true }, new TomboloError("input.flow", "no", { remedy: "yes", detail: { private: "path" } }));
  expect(JSON.parse(err)).toEqual({ error: { code: "input.flow", message: "no", remedy: "yes", problems: [] } });
});
