import { expect, test } from "vitest";
import { expiresAt, hashOf, noReference, referenceOf } from "./reference.ts";

const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const whole = { hash: ` ${hash.toUpperCase()} `, scope: " checks ", day: "2999-01-31" };

test("a document is known by its SHA-256", async () => {
  expect(await hashOf(new Blob(["abc"]))).toBe(hash);
});

test("a reference is whole and not over, or none", () => {
  expect(referenceOf(whole)).toMatchObject({ hash, scope: "checks" });
  expect(new Date(referenceOf(whole)!.expires).getTime()).toBe(new Date("2999-01-31T23:59:59").getTime());
  for (const less of [
    { hash: hash.slice(1) },
    { scope: " " },
    { scope: "x".repeat(201) },
    { day: "" },
    { day: "2020-01-01" },
  ])
    expect(referenceOf({ ...whole, ...less })).toBeUndefined();
  expect(referenceOf(noReference)).toBeUndefined();
});

test("a cell's end is a day here or a time that says its zone", () => {
  expect(expiresAt("2999-01-31")).toBe(new Date("2999-01-31T23:59:59").toISOString());
  expect(expiresAt("2999-01-31T10:00:00+08:00")).toBe("2999-01-31T02:00:00.000Z");
  for (const bad of ["", "31.1.2999", "2999-13-45", "2999-01-31T10:00:00"]) expect(expiresAt(bad)).toBeUndefined();
});
