import fc from "fast-check";
import { expect, it } from "vitest";
import { fromLittleEndian, joinIntegers, splitIntegers, toLittleEndian } from "./little-endian.ts";

it("reads what it wrote", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 72n - 1n })), (values) => {
      expect(splitIntegers(joinIntegers(values, 9), 9)).toEqual(values);
    }),
  );
  expect([...toLittleEndian(0x0102n, 3)]).toEqual([2, 1, 0]);
  expect(() => toLittleEndian(256n, 1)).toThrow(RangeError);
  expect(() => toLittleEndian(-1n, 1)).toThrow(RangeError);
});

it("leaves its input alone, a Buffer too", () => {
  const bytes = Buffer.from([1, 2, 3]);
  expect(fromLittleEndian(bytes)).toBe(0x030201n);
  expect([...bytes]).toEqual([1, 2, 3]);
});
