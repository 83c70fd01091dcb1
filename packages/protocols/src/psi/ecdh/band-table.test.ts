import { seededSampling } from "@tombolo/base";
import { seededSecrets } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { fillTable, KEY_WORDS, readTable, slotCount, VALUE_WORDS } from "./band-table.ts";

const words = (count: number, seed: number): Uint32Array => {
  const sampling = seededSampling(seed);
  return Uint32Array.from({ length: count }, () => sampling.below(2 ** 32));
};
const secrets = seededSecrets(1, "table");

describe("the table of shares", () => {
  for (const count of [0, 1, 2, 1000, 20_000])
    it(`gives each of ${count} keys its value`, () => {
      const keys = words(count * KEY_WORDS, 1);
      const values = words(count * VALUE_WORDS, 2);
      const table = fillTable(keys, values, secrets)!;
      expect(table.length).toBe(slotCount(count) * VALUE_WORDS);
      expect(readTable(table, keys)).toEqual(values);
    });

  it("gives any other key a value that nothing tells apart", () => {
    const count = 4000;
    const table = fillTable(words(count * KEY_WORDS, 1), new Uint32Array(count * VALUE_WORDS), secrets)!;
    const strangers = readTable(table, words(count * KEY_WORDS, 3));
    let ones = 0;
    for (let word of strangers) for (; word !== 0; word &= word - 1) ones++;
    // 384 000 fair bits: six standard deviations are 1859.
    expect(Math.abs(ones - strangers.length * 16)).toBeLessThan(1859);
    expect(new Set(strangers).size).toBeGreaterThan(strangers.length - 10);
  });

  it("fills every slot, also those that no key needs", () => {
    const table = fillTable(words(10 * KEY_WORDS, 1), new Uint32Array(10 * VALUE_WORDS), secrets)!;
    expect(new Set(table).size).toBe(table.length);
  });

  it("says so when keys depend on each other", () => {
    const keys = words(3 * KEY_WORDS, 1);
    keys.set(keys.subarray(0, KEY_WORDS), KEY_WORDS);
    expect(fillTable(keys, words(3 * VALUE_WORDS, 2), secrets)).toBeUndefined();
  });
});
