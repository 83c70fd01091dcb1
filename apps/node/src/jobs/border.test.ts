import { expect, test } from "vitest";
import { laneForPartner, laneFromPartner } from "./border.ts";
import type { Lane } from "./views.ts";
import { lane as wireLane } from "./wire.ts";

const own = (done: number | null, total: number | null): Lane => ({
  ...{ party: "telco", status: "RUNNING", stage: "read", done, total, rows: 51_234, round: 3 },
  ...{ bytesOut: 51_234 * 32, bytesIn: 77, etaSeconds: 12.3 },
});

test("no count of rows or bytes crosses the border", () => {
  const told = laneForPartner(own(40_000, 51_234));
  expect(told).toEqual({ party: "telco", status: "RUNNING", stage: "read", percent: 75, round: 3, etaSeconds: 13 });
  expect(wireLane.safeParse(told).success).toBe(true);
  for (const more of [{ rows: 51_234 }, { total: 51_234 }, { done: 40_000 }, { bytesOut: 1 }])
    expect(wireLane.safeParse({ ...told, ...more }).success).toBe(false);
  expect(JSON.stringify(laneForPartner(own(51_234, 51_234)))).not.toMatch(/51234|1639488/);
});

test("tables of nearly one size, and small batches of a small table, look alike", () => {
  const steps = (rows: number): (number | null)[] =>
    Array.from({ length: rows + 1 }, (_, done) => laneForPartner(own(done, rows)).percent);
  for (const rows of [7, 19, 20, 1000]) expect(steps(rows).every((percent) => percent! % 5 === 0)).toBe(true);
  expect(laneForPartner(own(4096, 10_000)).percent).toBe(laneForPartner(own(4096, 10_200)).percent);
});

test("an empty table or match does not show", () => {
  expect(laneForPartner(own(0, 0)).percent).toBe(laneForPartner(own(0, 900)).percent);
  expect(laneForPartner(own(null, null)).percent).toBeNull();
});

test("a partner's bytes are what this node metered, whatever it says", () => {
  const count = { name: "points", messages: 1 };
  const exchanged = [
    { ...count, partner: "telco", direction: "in" as const, bytes: 10 },
    { ...count, partner: "telco", direction: "out" as const, bytes: 4 },
    { ...count, partner: "shop", direction: "in" as const, bytes: 500 },
  ];
  expect(laneFromPartner(laneForPartner(own(1, 2)), exchanged)).toEqual({
    ...{ party: "telco", status: "RUNNING", stage: "read", done: 50, total: 100, rows: null, round: 3 },
    ...{ bytesOut: 10, bytesIn: 4, etaSeconds: 13 },
  });
});
