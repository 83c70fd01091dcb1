import { expect, test } from "vitest";
import { asSteps, isRising, planOf, usualPlan, withStep } from "./plan-draft.ts";

test("steps keep their own names while others come and go, and stand in the plan without them", () => {
  const first = usualPlan(true).steps;
  const steps = withStep(first.filter(({ id }) => id !== 1));
  expect(steps.map(({ id }) => id)).toEqual([0, 2, 3]);
  expect(isRising(steps)).toBe(true);
  const plan = planOf({ ...usualPlan(false), steps });
  expect(plan?.steps).toEqual([0.05, 0.5, 0.75].map((share) => ({ share, minutes: 60 })));
  expect(plan).toMatchObject({ startAt: null, end: "keep", guards: { driftMax: null } });
  expect(planOf({ ...usualPlan(true), steps: [...steps, steps[0]!] })).toBeUndefined();
});

test("a single change wants its time, and changes something", () => {
  const draft = asSteps(usualPlan(true), false);
  expect(draft.end).toBe("promote");
  expect(planOf(draft)).toBeUndefined();
  expect(planOf({ ...draft, start: "2027-01-31T02:00" })).toMatchObject({ steps: [], end: "promote" });
});
