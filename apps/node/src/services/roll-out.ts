/**
 * How a roll-out goes on: from where it stands and what is seen, the next move, or none. Pure, so that what must never
 * happen (a share that rises after a guard broke, a promotion nobody planned) is shown by properties.
 */
import type { RollOut, RollOutPlan } from "@tombolo/sdk";

/** A promotion at a time is not made up for much later. */
export const LATE_MS = 3_600_000;

export type Reason = NonNullable<RollOut["reason"]>;

export interface Standing {
  readonly state: RollOut["state"];
  readonly step: number;
  /** When the step began; null before the first. */
  readonly since: number | null;
  readonly reason: Reason | null;
}

/** Of the present step. */
export interface StepFigures {
  readonly calls: number;
  /** Calls refused. */
  readonly refused: number;
  readonly rows: number;
  /** Rows without a partner's part. */
  readonly alone: number;
  /** Calls that took longer than the plan allows. */
  readonly slow: number;
  readonly p99Ms: number | null;
  /** Null: too few scores to tell. */
  readonly drift: number | null;
}

export interface Look {
  readonly now: number;
  readonly deployment: "up" | "not-up" | "ended";
  /** The champion is the one that the plan began beside. */
  readonly besideRival: boolean;
  /** What the other challengers leave. */
  readonly room: number;
  readonly figures: StepFigures;
}

export interface Move {
  readonly to: Standing;
  readonly act: { readonly kind: "share"; readonly share: number } | { readonly kind: "promote" | "withdraw" | "none" };
}

export const isOpen = ({ state }: { readonly state: RollOut["state"] }): boolean =>
  state === "WAITING" || state === "RUNNING";

export function nextMove(plan: RollOutPlan, standing: Standing, look: Look): Move | null {
  if (!isOpen(standing)) return null;
  if (look.deployment === "ended") return stopped(standing, because("ended"));
  if (!look.besideRival) return stopped(standing, because("champion"));
  return standing.state === "WAITING" ? begin(plan, standing, look) : goOn(plan, standing, look);
}

/** What the next move waits for, for people. */
export function waitsFor(plan: RollOutPlan, standing: Standing, look: Look): RollOut["waitsFor"] {
  if (!isOpen(standing)) return null;
  if (standing.state === "WAITING" && !isDue(plan, look.now)) return "start";
  if (look.deployment !== "up") return "up";
  if (standing.state === "WAITING") return null;
  const { driftMax, callsMin } = plan.guards;
  if (look.now < endOfStep(plan, standing)) return "minutes";
  if (look.figures.calls < callsMin) return "calls";
  return driftMax !== null && look.figures.drift === null ? "scores" : null;
}

function begin(plan: RollOutPlan, standing: Standing, look: Look): Move | null {
  if (!isDue(plan, look.now)) return null;
  const isUp = look.deployment === "up";
  if (plan.steps.length > 0) return isUp ? stepTo(plan, standing, 0, look) : null;
  if (plan.end === "withdraw" || isUp) return ended(plan, standing);
  return look.now > startOf(plan) + LATE_MS ? stopped(standing, because("late")) : null;
}

function goOn(plan: RollOutPlan, standing: Standing, look: Look): Move | null {
  const broken = brokenGuard(plan.guards, look.figures);
  if (broken !== null) return stopped(standing, broken);
  if (waitsFor(plan, standing, look) !== null) return null;
  return standing.step + 1 < plan.steps.length
    ? stepTo(plan, standing, standing.step + 1, look)
    : ended(plan, standing);
}

/**
 * A guard is broken once no run of `callsMin` calls that begins like this one could keep it: so few calls do not stop a
 * roll-out by chance, and many refusals do not wait for the last call.
 */
export function brokenGuard(guards: RollOutPlan["guards"], figures: StepFigures): Reason | null {
  const { errorRateMax, p99MsMax, driftMax, callsMin } = guards;
  const over = (count: number, of: number, share: number): boolean => count > share * Math.max(of, callsMin);
  const { calls, refused, rows, alone, slow, p99Ms, drift } = figures;
  if (errorRateMax !== null && (over(refused, calls, errorRateMax) || over(alone, rows, errorRateMax)))
    return { ...because("errors"), found: errorRate(figures), limit: errorRateMax };
  if (p99MsMax !== null && over(slow, calls - refused, 0.01))
    return { ...because("latency"), found: p99Ms, limit: p99MsMax };
  if (driftMax !== null && drift !== null && drift > driftMax)
    return { ...because("drift"), found: drift, limit: driftMax };
  return null;
}

export const errorRate = ({ calls, refused, rows, alone }: StepFigures): number | null =>
  calls === 0 ? null : Math.max(refused / calls, rows === 0 ? 0 : alone / rows);

const startOf = ({ startAt }: RollOutPlan): number =>
  startAt === null ? Number.NEGATIVE_INFINITY : Date.parse(startAt);
const isDue = (plan: RollOutPlan, now: number): boolean => now >= startOf(plan);
const endOfStep = (plan: RollOutPlan, { step, since }: Standing): number =>
  (since ?? 0) + plan.steps[step]!.minutes * 60_000;

export const because = (cause: Reason["cause"]): Reason => ({ cause, found: null, limit: null, by: null });

function stepTo(plan: RollOutPlan, standing: Standing, step: number, { now, room }: Look): Move {
  const { share } = plan.steps[step]!;
  if (share > room) return stopped(standing, { ...because("shares"), found: share, limit: room });
  return { to: { state: "RUNNING", step, since: now, reason: null }, act: { kind: "share", share } };
}

const stopped = (standing: Standing, reason: Reason): Move => ({
  to: { ...standing, state: "STOPPED", reason },
  act: { kind: "withdraw" },
});

const ended = (plan: RollOutPlan, standing: Standing): Move => ({
  to: { ...standing, state: "DONE" },
  act: { kind: plan.end === "keep" ? "none" : plan.end },
});
