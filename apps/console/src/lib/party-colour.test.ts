import { expect, test } from "vitest";
import { colourOf, PARTY_COLOURS, partyColours } from "./party-colour.ts";

test("the same parties get the same colours, whoever looks", () => {
  expect([...partyColours(["telco", "bank", "insurer"])]).toEqual([
    ...partyColours(["insurer", "bank", "telco", "bank"]),
  ]);
});

test("no two of up to eight parties share a colour", () => {
  const parties = Array.from({ length: PARTY_COLOURS }, (_, i) => `party-${i}`);
  expect(new Set(partyColours(parties).values()).size).toBe(PARTY_COLOURS);
  expect(partyColours([...parties, "one-more"]).size).toBe(PARTY_COLOURS + 1);
});

test("a party nobody listed has a colour all the same", () => {
  expect(colourOf("stranger", new Map())).toMatch(/^--party-[0-7]$/);
});
