import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { chosenPads, DIGIT_TRANSFERS, keyWords, maskedDigits, tablePads } from "./index.ts";

const DIGITS = 400;
const sampling = seededSampling(3);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => sampling.below(256));

/** Random transfers, as `softspoken` gives them. */
function transfers() {
  const count = DIGIT_TRANSFERS * DIGITS;
  const [zero, one, choices] = [bytes(16 * count), bytes(16 * count), bytes(count / 8)];
  const chosen = zero.map((byte, at) => ((choices[at >> 7]! >> ((at >> 4) & 7)) & 1 ? one[at]! : byte));
  return { sent: { zero: keyWords(zero), one: keyWords(one) }, received: { choices, chosen: keyWords(chosen) } };
}

/** Of each table the bits at `entry`, as the receiver would read them: the first and the second. */
function read(tables: Uint32Array, pads: Uint32Array, entry: (at: number) => number): [number, number][] {
  return Array.from(tables, (table, at) => {
    const word = (table >>> entry(at)) ^ pads[at]!;
    return [word & 1, (word >>> 16) & 1];
  });
}

describe("one of sixteen", () => {
  const { sent, received } = transfers();
  const digits = Uint8Array.from({ length: DIGITS }, (_, at) => (at < 16 ? at : sampling.below(16)));
  const masked = maskedDigits(digits, received.choices);
  const entries = Uint32Array.from({ length: DIGITS }, () => sampling.below(2 ** 32));
  const tables = tablePads(sent.zero, sent.one, masked).map((pad, at) => pad ^ entries[at]!);
  const pads = chosenPads(received.choices, received.chosen);
  const entryAt = (at: number, digit: number): [number, number] => [
    (entries[at]! >>> digit) & 1,
    (entries[at]! >>> (16 + digit)) & 1,
  ];

  it("gives the receiver both bits at its digit", () => {
    expect(read(tables, pads, (at) => digits[at]!)).toEqual(Array.from(digits, (digit, at) => entryAt(at, digit)));
  });

  it("gives it nothing at any other: half of what it would read there is wrong", () => {
    for (let away = 1; away < 16; away++) {
      const there = read(tables, pads, (at) => digits[at]! ^ away);
      const right = there.filter(([first], at) => first === entryAt(at, digits[at]! ^ away)[0]).length;
      expect(Math.abs(right - DIGITS / 2)).toBeLessThan(5 * Math.sqrt(DIGITS / 4));
    }
  });

  it("sends choices that do not depend on the digits alone", () => {
    expect(masked.length).toBe(DIGITS / 2);
    expect(
      maskedDigits(
        digits.map(() => 0),
        received.choices,
      ),
    ).toEqual(received.choices.slice(0, DIGITS / 2));
  });
});
