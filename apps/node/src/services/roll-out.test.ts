import { type RollOutForm, type RollOutPlan, rollOutPlan } from "@tombolo/sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binOf, LATENCY_EDGES_MS } from "./figures.ts";
import {
  brokenGuard,
  isOpen,
  LATE_MS,
  type Look,
  type Move,
  nextMove,
  type Standing,
  type StepFigures,
} from "./roll-out.ts";
import { emptyTrial, figuresOf, nextStep, Trial } from "./trial.ts";

const START = Date.parse("2026-11-21T09:00:00Z");
const MINUTE = 60_000;
const fresh: Standing = { state: "WAITING", step: 0, since: null, reason: null };
const nothing: StepFigures = { calls: 0, refused: 0, rows: 0, alone: 0, slow: 0, p99Ms: null, drift: null };
const plan = (given: RollOutForm): RollOutPlan => rollOutPlan.parse(given);
const look = (given: Partial<Look> = {}): Look => ({
  ...{ now: START, deployment: "up", besideRival: true, room: 1, figures: nothing },
  ...given,
});

const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
const anyPlan: fc.Arbitrary<RollOutPlan> = fc
  .record({
    shares: fc.uniqueArray(share, { maxLength: 5 }),
    minutes: fc.integer({ min: 0, max: 10 }),
    end: fc.constantFrom("keep", "promote", "withdraw"),
    after: fc.option(fc.integer({ min: 0, max: 30 }), { nil: null }),
    errorRateMax: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    p99MsMax: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: null }),
    driftMax: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: null }),
    callsMin: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ shares, minutes, end, after, ...guards }) => ({
    startAt: after === null ? null : new Date(START + after * MINUTE).toISOString(),
    steps: shares.toSorted((a, b) => a - b).map((each) => ({ share: each, minutes })),
    guards,
    end: end as RollOutPlan["end"],
  }))
  .filter((each) => rollOutPlan.safeParse(each).success);
const figures: fc.Arbitrary<StepFigures> = fc
  .record({
    calls: fc.nat(200),
    rows: fc.nat(200),
    refused: fc.nat(100),
    alone: fc.nat(100),
    slow: fc.nat(10),
    p99Ms: fc.constant(5),
    drift: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: null }),
  })
  .map((each) => ({ ...each, refused: Math.min(each.refused, each.calls), alone: Math.min(each.alone, each.rows) }));
const looks: fc.Arbitrary<Look[]> = fc
  .array(
    fc.record({
      after: fc.nat(15),
      deployment: fc.constantFrom("up" as const, "up" as const, "up" as const, "not-up" as const, "ended" as const),
      besideRival: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      room: fc.constantFrom(1, 1, 0.5),
      figures,
    }),
    { maxLength: 40 },
  )
  .map((all) => {
    let now = START;
    return all.map(({ after, ...each }) => {
      now += after * MINUTE;
      return { ...each, now };
    });
  });

/** Every move that a plan makes under what is seen, with what was seen and where it stood. */
function moves(of: RollOutPlan, all: readonly Look[]): { move: Move; seen: Look; from: Standing }[] {
  let from = fresh;
  return all.flatMap((seen) => {
    // As a node that was killed between any two looks would go on.
    from = JSON.parse(JSON.stringify(from)) as Standing;
    const move = nextMove(of, from, seen);
    if (move === null) return [];
    const made = { move, seen, from };
    from = move.to;
    return [made];
  });
}
const holds = (what: (made: ReturnType<typeof moves>, of: RollOutPlan) => void) =>
  fc.assert(
    fc.property(anyPlan, looks, (of, all) => what(moves(of, all), of)),
    { numRuns: 500 },
  );

describe("however a roll-out goes", () => {
  test("what has ended stays as it is, and only its last move ends it", () =>
    fc.assert(
      fc.property(anyPlan, looks, looks, (of, all, more) => {
        const made = moves(of, all);
        expect(made.slice(0, -1).every(({ move }) => isOpen(move.to))).toBe(true);
        const last = made.at(-1)?.move.to ?? fresh;
        if (!isOpen(last)) expect(more.every((seen) => nextMove(of, last, seen) === null)).toBe(true);
      }),
    ));

  test("shares are those of the steps, one after the other, and none is given while a guard is broken", () =>
    holds((made, { steps, guards }) => {
      const given = made.flatMap(({ move: { act } }) => (act.kind === "share" ? [act.share] : []));
      expect(given).toEqual(steps.slice(0, given.length).map((each) => each.share));
      for (const { move, seen, from } of made)
        if (from.state === "RUNNING" && brokenGuard(guards, seen.figures) !== null)
          expect(move).toMatchObject({ to: { state: "STOPPED" }, act: { kind: "withdraw" } });
    }));

  test("stopped means withdrawn, with a reason; done means as planned", () =>
    holds((made, { end }) => {
      for (const { move } of made) {
        expect(move.to.state === "STOPPED").toBe(move.to.reason !== null);
        if (move.to.state === "STOPPED") expect(move.act).toEqual({ kind: "withdraw" });
        if (move.to.state === "DONE") expect(move.act.kind).toBe(end === "keep" ? "none" : end);
      }
    }));

  test("nothing is promoted that is down, unplanned, untried or beside another champion", () =>
    holds((made, { end, steps }) => {
      for (const { move, seen, from } of made) {
        if (move.act.kind !== "promote") continue;
        expect(end).toBe("promote");
        expect(seen).toMatchObject({ deployment: "up", besideRival: true });
        expect(from.step).toBe(Math.max(steps.length - 1, 0));
      }
    }));

  test("no step ends before its time, its calls and what its guard on drift needs", () =>
    holds((made, { steps, guards }) => {
      for (const { move, seen, from } of made) {
        if (from.state !== "RUNNING" || move.to.state === "STOPPED") continue;
        expect(seen.now - from.since!).toBeGreaterThanOrEqual(steps[from.step]!.minutes * MINUTE);
        expect(seen.figures.calls).toBeGreaterThanOrEqual(guards.callsMin);
        if (guards.driftMax !== null) expect(seen.figures.drift).not.toBeNull();
      }
    }));

  test("nothing begins before its time, or without room", () =>
    holds((made, { startAt }) => {
      for (const { move, seen } of made) {
        if (move.to.state !== "STOPPED" && startAt !== null)
          expect(seen.now).toBeGreaterThanOrEqual(Date.parse(startAt));
        if (move.act.kind === "share") expect(move.act.share).toBeLessThanOrEqual(seen.room);
      }
    }));
});

describe("a change at a time", () => {
  const at = (end: "promote" | "withdraw") => plan({ startAt: new Date(START).toISOString(), end });

  test("is made when it is due; a promotion waits for the deployment, but not for long", () => {
    expect(nextMove(at("promote"), fresh, look({ now: START - 1 }))).toBeNull();
    expect(nextMove(at("promote"), fresh, look())).toMatchObject({ to: { state: "DONE" }, act: { kind: "promote" } });
    const down = (after: number) => look({ deployment: "not-up", now: START + after });
    expect(nextMove(at("promote"), fresh, down(LATE_MS))).toBeNull();
    expect(nextMove(at("promote"), fresh, down(LATE_MS + 1))).toMatchObject({ to: { reason: { cause: "late" } } });
    expect(nextMove(at("withdraw"), fresh, down(LATE_MS + 1))).toMatchObject({ act: { kind: "withdraw" } });
  });

  test("needs a time and something to do", () => {
    expect(rollOutPlan.safeParse({}).success).toBe(false);
    expect(rollOutPlan.safeParse({ startAt: new Date(START).toISOString() }).success).toBe(false);
    expect(rollOutPlan.safeParse({ end: "promote" }).success).toBe(false);
    const falling = { steps: [0.5, 0.1].map((each) => ({ share: each, minutes: 5 })) };
    expect(rollOutPlan.safeParse(falling).success).toBe(false);
  });
});

describe("guards", () => {
  const { guards } = plan({
    steps: [{ share: 1, minutes: 0 }],
    guards: { errorRateMax: 0.1, p99MsMax: 20, callsMin: 50 },
  });

  test("a few refusals of few calls do not stop it, as many as it may have in all at once do", () => {
    expect(brokenGuard(guards, { ...nothing, calls: 5, refused: 5 })).toBeNull();
    expect(brokenGuard(guards, { ...nothing, calls: 6, refused: 6 })).toMatchObject({ cause: "errors", found: 1 });
    expect(brokenGuard(guards, { ...nothing, calls: 90, refused: 9 })).toBeNull();
    expect(brokenGuard(guards, { ...nothing, calls: 90, refused: 10 })).toMatchObject({ cause: "errors" });
    expect(brokenGuard(guards, { ...nothing, calls: 90, rows: 90, alone: 10 })).toMatchObject({ cause: "errors" });
  });

  test("what took too long is counted within its bin", () => {
    const trial = new Trial("t", emptyTrial(null));
    for (let i = 0; i < 300; i++) trial.answered([{ score: 0.5 }], i < 296 ? 3 : 25);
    const seen = figuresOf(trial.counts, 20);
    expect(seen).toMatchObject({ calls: 300, slow: 4 });
    expect(brokenGuard(guards, seen)).toMatchObject({ cause: "latency", limit: 20 });
    expect(figuresOf(trial.counts, 25).slow).toBe(2);
    expect(figuresOf(trial.counts, 10_000).slow).toBe(0);
    expect(trial.counts.latency[binOf(LATENCY_EDGES_MS, 25)]).toBe(4);
  });

  test("scores are held against the champion's beside it, or before where it has too few", () => {
    const before = { from: "test" as const, ...histogram([300, 300]) };
    const drifted = new Trial("t", emptyTrial(before));
    const score = (of: number, into: Trial) => into.answered([{ score: of }, { score: of, policy }], 1);
    for (let i = 0; i < 600; i++) score(i % 2 ? 0.2 : 0.8, drifted);
    expect(figuresOf(drifted.counts, null).drift).toBeCloseTo(0);
    for (let i = 0; i < 600; i++) drifted.beside([{ score: i % 10 === 0 ? 0.8 : 0.2 }]);
    expect(figuresOf(drifted.counts, null).drift).toBeGreaterThan(0.5);
    const next = new Trial("n", nextStep(drifted.counts));
    expect(figuresOf(next.counts, null)).toMatchObject({ calls: 0, rows: 0, drift: null });
    for (let i = 0; i < 600; i++) score(i % 10 === 0 ? 0.8 : 0.2, next);
    expect(figuresOf(next.counts, null).drift).toBeCloseTo(0);
  });
});
const policy = { cause: "unknown-id", party: "telco", instead: "default" };
const histogram = (counts: number[]) => ({ edges: [0.5], counts });
