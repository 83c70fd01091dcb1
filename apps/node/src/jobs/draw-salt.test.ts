import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { drawSaltOf } from "./draw-salt.ts";

let [bank, telco] = [] as unknown as [TestContext, TestContext];
beforeAll(async () => {
  [bank, telco] = [await testContext(), await testContext({ party: "telco" })];
}, 60_000);
afterAll(async () => {
  await bank?.[Symbol.asyncDispose]();
  await telco?.[Symbol.asyncDispose]();
});

it("is one for each project and node, and stays", async () => {
  const both = await Promise.all([drawSaltOf(bank, "project-1"), drawSaltOf(bank, "project-1")]);
  expect(both[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(both[1]).toBe(both[0]);
  expect(await drawSaltOf(bank, "project-1")).toBe(both[0]);
  expect(new Set([both[0], await drawSaltOf(bank, "project-2"), await drawSaltOf(telco, "project-1")]).size).toBe(3);
});
