import { useTranslation } from "react-i18next";
import type { en } from "../i18n/en.ts";
import type { Tone } from "./page.tsx";

export type StateName = keyof (typeof en)["common"]["state"];

const TONES: Readonly<Partial<Record<StateName, Tone>>> = {
  RUNNING: "run",
  READY: "run",
  dialling: "run",
  SUCCESS: "ok",
  APPROVED: "ok",
  ACTIVE: "ok",
  JOINED: "ok",
  up: "ok",
  published: "ok",
  ok: "ok",
  FAILED: "bad",
  REJECTED: "bad",
  REFUSED: "bad",
  REVOKED: "bad",
  WITHDRAWN: "bad",
  down: "bad",
  problem: "bad",
  WAITING: "wait",
  REQUESTED: "wait",
  INVITED: "wait",
  APPLIED: "wait",
  PROPOSED: "wait",
  PAUSED: "wait",
  SUSPENDED: "wait",
};
export const toneOf = (state: StateName): Tone => TONES[state] ?? "idle";

/** A state in its colour and, always, in words. */
export function State({ of, label }: { of: StateName; label?: string }) {
  const { t } = useTranslation();
  const live = of === "RUNNING" || of === "dialling" ? " live" : "";
  return (
    <span className={`state tone-${toneOf(of)}${live}`}>
      <i />
      {label ?? t(`common.state.${of}`)}
    </span>
  );
}

/** A job that waits for consents says so; a task merely waits its turn. */
export function JobState({ of }: { of: StateName }) {
  const { t } = useTranslation();
  return of === "PENDING" ? <State of="WAITING" label={t("jobs.awaitsConsent")} /> : <State of={of} />;
}
