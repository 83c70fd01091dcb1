import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { integers, words } from "../testing/plain.ts";
import { run } from "../testing/two-parties.ts";
import { flooredInverse, flooredInverseOf } from "./floored-inverse.ts";

const RANGE = { width: 34, lowest: 6 };

/** All orders of magnitude, their ends among them, and numbers below the lowest. */
function samples(): bigint[] {
  const sampling = seededSampling(3);
  const ends = Array.from({ length: RANGE.width }, (_, place) => [1n << BigInt(place), (2n << BigInt(place)) - 1n]);
  const between = ends.map(([from, to]) => from! + (BigInt(sampling.below(2 ** 30)) % (to! - from! + 1n)));
  return [0n, ...ends.flat(), ...between];
}

describe("the reciprocal that is rounded down", () => {
  it("gives the digits of its twin, on shares", async () => {
    const all = samples();
    const { first } = await run(5, async (me) => {
      const x = await me.share("first", all.length, me.self === "first" ? words(all) : null);
      const { factor, inverse } = await flooredInverse(me, x, RANGE);
      return [await me.open(factor), await me.open(inverse)];
    });
    const twins = all.map((x) => flooredInverseOf(x, RANGE));
    expect(integers(first[0]!)).toEqual(twins.map(({ factor }) => factor));
    const inverses = integers(first[1]!).map((inverse, i) => (twins[i]!.factor === 0n ? 0n : inverse));
    expect(inverses).toEqual(twins.map(({ inverse }) => inverse));
  });

  it("is within 2^-17.5 of 1/x, and 0 below the lowest place", () => {
    for (const x of samples()) {
      const { factor, inverse } = flooredInverseOf(x, RANGE);
      if (x < 2n ** BigInt(RANGE.lowest)) expect(factor).toBe(0n);
      else expect(Math.abs(Number(factor * inverse * x) / 2 ** (20 + RANGE.width) - 1)).toBeLessThan(2 ** -17.5);
    }
  });

  it("has one value wherever the width puts it", () => {
    const [narrow, wide] = [
      flooredInverseOf(1000n, { width: 12, lowest: 0 }),
      flooredInverseOf(1000n, { width: 30, lowest: 0 }),
    ];
    expect(wide.inverse).toBe(narrow.inverse);
    expect(wide.factor).toBe(narrow.factor << 18n);
  });
});
