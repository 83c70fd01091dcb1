/** A roll-out plan as it is filled in. */
import { type RollOutForm, type RollOutPlan, rollOutPlan } from "@tombolo/sdk";

export interface PlanStep {
  /** Of this draft; the plan knows steps by their order. */
  readonly id: number;
  readonly share: number;
  readonly minutes: number;
}

export interface PlanDraft {
  /** Without: one change at a time. */
  readonly bySteps: boolean;
  readonly steps: readonly PlanStep[];
  /** As date-time inputs hold it; empty: once it is up. */
  readonly start: string;
  readonly guards: RollOutPlan["guards"];
  readonly end: RollOutPlan["end"];
}

/** `scores`: the service gives scores, which can drift. */
export const usualPlan = (scores: boolean): PlanDraft => ({
  bySteps: true,
  steps: [0.05, 0.25, 0.5].map((share, id) => ({ id, share, minutes: 60 })),
  start: "",
  guards: { errorRateMax: 0.02, p99MsMax: 100, driftMax: scores ? 0.25 : null, callsMin: 100 },
  end: "keep",
});

export const isRising = (steps: readonly PlanStep[]): boolean =>
  steps.every(({ share }, at) => at === 0 || share > steps[at - 1]!.share);

/** The last step once more, with a larger share. */
export function withStep(steps: readonly PlanStep[]): PlanStep[] {
  const { share, minutes } = steps.at(-1) ?? { share: 0, minutes: 60 };
  const id = Math.max(-1, ...steps.map((step) => step.id)) + 1;
  return [...steps, { id, share: Math.min(1, share + 0.25), minutes }];
}

/** One change at a time does something: what is kept needs no time. */
export const asSteps = (draft: PlanDraft, bySteps: boolean): PlanDraft => ({
  ...draft,
  bySteps,
  end: !bySteps && draft.end === "keep" ? "promote" : draft.end,
});

/** Undefined while it is no plan: shares that do not rise, or no time for a single change. */
export function planOf({ bySteps, steps, start, guards, end }: PlanDraft): RollOutForm | undefined {
  const at = new Date(start);
  const form = {
    steps: bySteps ? steps.map(({ share, minutes }) => ({ share, minutes })) : [],
    startAt: Number.isNaN(at.getTime()) ? null : at.toISOString(),
    ...{ guards, end },
  };
  return rollOutPlan.safeParse(form).success ? form : undefined;
}
