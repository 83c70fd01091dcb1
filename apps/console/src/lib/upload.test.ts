import { expect, test } from "vitest";
import { guessId, guessLabel, splitHeader } from "./upload.ts";

test("a header is split at its delimiter, quotes kept together", () => {
  expect(splitHeader("phone,default,amount")).toEqual(["phone", "default", "amount"]);
  expect(splitHeader('id;"name, full";age')).toEqual(["id", "name, full", "age"]);
  expect(splitHeader("a\tb")).toEqual(["a", "b"]);
  expect(splitHeader("")).toEqual([]);
});

test("ids and labels are guessed by name, or not at all", () => {
  expect(guessId(["amount", "phone"])).toBe("phone");
  expect(guessId(["amount", "user_id"])).toBe("user_id");
  expect(guessId(["amount", "paid"])).toBeUndefined();
  expect(guessLabel(["phone", "default"])).toBe("default");
  expect(guessLabel(["phone", "defaults_of_others"])).toBeUndefined();
});
