import { describe, expect, it } from "vitest";
import { planQuery, QUERY_FORMS, type QuerySize } from "./choose.ts";
import { REASONS, reasonText } from "./reasons.ts";

const SIZE: QuerySize = {
  ...{ rows: 1_000_000, recordBytes: 32, keys: 10, linkMbps: 100 },
  ...{ catalogue: false, copies: false, stays: false, keysPublic: false },
};
const chosen = (change: Partial<QuerySize>): string => {
  const { form, reason } = planQuery({ ...SIZE, ...change }, null);
  return `${form} ${reason}`;
};

describe("the form of a private query", () => {
  it.each<[Partial<QuerySize>, string]>([
    [{}, "keyword many"],
    [{ linkMbps: 10 }, "simple few"],
    [{ linkMbps: 10, keys: 5000 }, "keyword many"],
    [{ linkMbps: 1, rows: 40_000_000 }, "keyword many"],
    [{ catalogue: true, stays: true }, "keyword catalogue"],
    [{ copies: true, stays: true }, "two-server copies"],
    [{ stays: true }, "simple stays"],
    [{ rows: null }, "keyword unknown"],
    [{ rows: null, stays: true }, "simple stays"],
    [{ keysPublic: true }, "keyword many"],
    [{ keysPublic: true, rows: 5000, copies: true }, "oblivious-transfer small"],
    [{ keysPublic: true, rows: 5000, recordBytes: 0, stays: true }, "simple stays"],
    [{ keysPublic: true, rows: 30_000, keys: 1000, stays: true }, "simple stays"],
  ])("%j: %s", (change, expected) => expect(chosen(change)).toBe(expected));

  it("is the one that is named, whatever would be chosen, with what it takes", () => {
    for (const form of QUERY_FORMS) {
      const plan = planQuery(SIZE, form);
      expect(plan).toMatchObject({ form, reason: "asked" });
      expect(plan.estimate!.seconds).toBeGreaterThan(0);
    }
    expect(planQuery({ ...SIZE, rows: null }, "simple").estimate).toBeNull();
  });

  it("costs what was measured, of the same order: 10^6 rows of 32 bytes", () => {
    const { estimate } = planQuery({ ...SIZE, keys: 1, linkMbps: 10_000 }, "simple");
    expect(estimate!.seconds).toBeGreaterThan(10);
    expect(estimate!.seconds).toBeLessThan(60);
    expect(estimate!.bytesIn / 1e6).toBeCloseTo(14, -1);
    expect(estimate!.bytesOut / 1e3).toBeCloseTo(86, -1);
  });

  it("has a reason in both languages, whichever it is", () => {
    for (const reason of REASONS) {
      expect(reasonText(reason).en).toMatch(/\.$/);
      expect(reasonText(reason).zh).toMatch(/\p{Script=Han}.*。$/u);
    }
  });
});
