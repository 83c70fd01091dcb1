import type { Askable } from "@tombolo/sdk";
import { expect, test } from "vitest";
import type { Answer } from "./ask-service.ts";
import { fileRows, keysOf } from "./keys.ts";
import { countsOf, resultLines } from "./results.ts";

const service = { name: "incomes", kind: "query", partner: "telco", columns: ["income", "city"] } as unknown as Askable;
const yes: Answer = { yes: true, values: { income: 12.5, city: "苏州" }, refusal: null };
const no: Answer = { yes: false, values: {}, refusal: null };
const refused: Answer = { yes: null, values: {}, refusal: { code: "input.key", message: "no" } };

test("answers stand beside the file's own rows, repeated ones too, and what was not asked stays empty", () => {
  const lines = [["phone", "note"], ["1", "a"], ["2"], ["1", "b"], ["", "c"], ["3", "d"], ["4", "e"]];
  const file = fileRows(lines, true);
  const keys = keysOf(file, [0]);
  const answers = [yes, no, refused, undefined];
  expect(resultLines({ file, keys, answers }, service, String)).toEqual([
    ["phone", "note", "telco.found", "telco.income", "telco.city", "refusal"],
    ["1", "a", true, 12.5, "苏州", null],
    ["2", "", false, null, null, null],
    ["1", "b", true, 12.5, "苏州", null],
    ["", "c", null, null, null, "input.key"],
    ["3", "d", null, null, null, "input.key"],
    ["4", "e", null, null, null, null],
  ]);
  expect(countsOf(answers)).toEqual({ found: 1, none: 1, refused: 1 });
});

test("a file without names gets names, and a verification answers yes or no alone", () => {
  const file = fileRows([["李雷", "138"]], false);
  const keys = keysOf(file, [0, 1]);
  const verify = { ...service, kind: "verify", columns: [] } as Askable;
  expect(resultLines({ file, keys, answers: [yes] }, verify, (i) => `column ${i + 1}`)).toEqual([
    ["column 1", "column 2", "telco.verified", "refusal"],
    ["李雷", "138", true, null],
  ]);
});
