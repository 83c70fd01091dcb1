import { toCsv } from "@tombolo/base";
import { expect, test } from "vitest";
import { delimiterOf, parseCsv } from "./csv.ts";

test("lines are parted at what parts the first, quotes kept together", () => {
  expect(parseCsv("name,phone\n李雷,138\r\n\n 韩梅梅 , 139 ")).toEqual([
    ["name", "phone"],
    ["李雷", "138"],
    ["韩梅梅", "139"],
  ]);
  expect(parseCsv('\uFEFFid;note\n1;"a;b ""c""\nd"')).toEqual([
    ["id", "note"],
    ["1", 'a;b "c"\nd'],
  ]);
  expect(parseCsv("a\tb,c\n1\t2")).toEqual([
    ["a", "b,c"],
    ["1", "2"],
  ]);
  expect(parseCsv("13800138000\n13900139000")).toEqual([["13800138000"], ["13900139000"]]);
  expect(parseCsv(" \n\n")).toEqual([]);
  expect(delimiterOf('"a,b,c";d')).toBe(";");
});

test("what is written for people is read back", () => {
  const lines = [
    ["phone", "city", "income"],
    ['a,"b', "苏州\n市", -2.5],
    [null, true, "-3.5"],
  ];
  expect(parseCsv(toCsv(lines))).toEqual([
    ["phone", "city", "income"],
    ['a,"b', "苏州\n市", "-2.5"],
    ["", "true", "-3.5"],
  ]);
});
