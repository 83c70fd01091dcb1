import { describe, expect, it } from "vitest";
import { planAggregate } from "./plan.ts";

const size = (guestRows: number | null, hostRows: number | null) => ({ parties: 2, guestRows, hostRows });

describe("planAggregate", () => {
  it("names the protocol of the figure", () => {
    expect(planAggregate(size(10, 10), "count").protocol).toBe("cardinality");
    expect(planAggregate(size(10, 10), "sum").protocol).toBe("sum");
    expect(planAggregate(size(10, 10), "label").protocol).toBe("labelled");
  });
  it("estimates nothing from sizes it does not know", () => {
    expect(planAggregate(size(null, 10), "count").estimate).toBeNull();
    expect(planAggregate(size(10, null), "sum").estimate).toBeNull();
  });
  it("columns cost what either side's rows do, and come in by the host's", () => {
    const base = planAggregate(size(1000, 1000), "label").estimate!;
    expect(planAggregate(size(2000, 1000), "label").estimate!.bytesOut).toBeGreaterThan(base.bytesOut);
    expect(planAggregate(size(1000, 2000), "label").estimate!.bytesIn).toBeGreaterThan(base.bytesIn);
    expect(planAggregate(size(1000, 2000), "label").estimate!.seconds).toBeGreaterThan(base.seconds);
  });
  it.each(["count", "sum"] as const)("a %s grows with either side's rows", (kind) => {
    const base = planAggregate(size(1000, 1000), kind).estimate!;
    for (const more of [size(2000, 1000), size(1000, 2000)]) {
      const grown = planAggregate(more, kind).estimate!;
      expect(grown.seconds).toBeGreaterThan(base.seconds);
      expect(grown.bytesOut).toBeGreaterThan(base.bytesOut);
    }
  });
});
