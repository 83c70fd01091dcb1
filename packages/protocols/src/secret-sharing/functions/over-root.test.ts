import { seededSampling } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { integers, words } from "../testing/plain.ts";
import { run } from "../testing/two-parties.ts";
import { overRoot } from "./over-root.ts";

/** A divisor's root of every order of magnitude, and dividends up to so many times as large. */
function samples(width: number, most: number): { readonly a: bigint[]; readonly x: bigint[] } {
  const sampling = seededSampling(3);
  const x = Array.from({ length: width }, (_, place) => [1n << BigInt(place), (2n << BigInt(place)) - 1n]).flat();
  const signed = (): number => 2 * sampling.next() - 1;
  const a = x.map((each, i) => {
    const reach = most * Math.sqrt(Number(each)) * (1 - 2 ** -30);
    return BigInt(Math.trunc([reach, -reach, signed() * reach, signed()][i % 4]!));
  });
  return { a, x };
}

describe("a quotient by a root", () => {
  it.each([
    [57, 2 ** 12],
    [40, 2 ** 11],
    [20, 1],
  ])("is within its stated error over the whole range of words: %i bits, up to %i", async (width, most) => {
    const { a, x } = samples(width, most);
    const { first } = await run(6, async (me) => {
      const own = (values: bigint[]): BigUint64Array | null => (me.self === "first" ? words(values) : null);
      const [above, below] = [await me.share("first", a.length, own(a)), await me.share("first", x.length, own(x))];
      const { words: quotient, fraction } = await overRoot(me, above, below, { width, most });
      return { opened: integers((await me.open(quotient))!), fraction };
    });
    x.forEach((divisor, i) => {
      const wanted = Number(a[i]) / Math.sqrt(Number(divisor));
      const got = Number(first.opened[i]) / 2 ** first.fraction;
      expect(Math.abs(got - wanted), `${a[i]} / sqrt(${divisor})`).toBeLessThanOrEqual(
        2 ** -20 * Math.abs(wanted) + 2 ** -28 * most,
      );
    });
  });

  it.each([
    [62, 2],
    [58, 2 ** 15],
    [40, 3],
  ])("refuses what words have no room for: %i bits, up to %i", async (width, most) => {
    const refused = run(7, async (me) => {
      const x = me.publicWords(new BigUint64Array(1).fill(1n));
      return overRoot(me, x, x, { width, most });
    });
    await expect(refused).rejects.toMatchObject({ cause: { code: "input.range" } });
  });
});
