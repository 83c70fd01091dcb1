import type { RollOutPlan } from "@tombolo/sdk";
import { Button, Input, InputNumber, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { NumberField } from "../../components/fields.tsx";
import { asSteps, isRising, type PlanDraft, type PlanStep, withStep } from "./plan-draft.ts";

type Guards = RollOutPlan["guards"];
const STEPS_MAX = 20;
const FOUR_WEEKS = 40_320;

interface PlanFieldsProps {
  readonly draft: PlanDraft;
  /** Of a service that gives scores. */
  readonly scores: boolean;
  onChange(draft: PlanDraft): void;
}

/** Steps or one change, from when, under which conditions, and what comes after. */
export function PlanFields({ draft, scores, onChange }: PlanFieldsProps) {
  const { t } = useTranslation();
  const { bySteps, steps, guards, end } = draft;
  const ends = bySteps ? (["keep", "promote", "withdraw"] as const) : (["promote", "withdraw"] as const);
  return (
    <div className="stack">
      <Radio.Group
        value={bySteps}
        options={[
          { value: true, label: t("rollOut.bySteps") },
          { value: false, label: t("rollOut.atTime") },
        ]}
        onChange={(event) => onChange(asSteps(draft, event.target.value as boolean))}
      />
      {bySteps && <StepRows steps={steps} onChange={(next) => onChange({ ...draft, steps: next })} />}
      <Field
        label={t("rollOut.start")}
        optional={bySteps}
        hint={bySteps ? t("rollOut.startHint") : t("rollOut.lateHint")}
      >
        <Input
          type="datetime-local"
          value={draft.start}
          aria-label={t("rollOut.start")}
          onChange={(event) => onChange({ ...draft, start: event.target.value })}
        />
      </Field>
      {bySteps && (
        <GuardFields guards={guards} scores={scores} onChange={(next) => onChange({ ...draft, guards: next })} />
      )}
      <Field label={bySteps ? t("rollOut.afterwards") : t("rollOut.atThatTime")} group>
        <Radio.Group
          value={end}
          options={ends.map((value) => ({ value, label: t(`rollOut.end.${value}`) }))}
          onChange={(event) => onChange({ ...draft, end: event.target.value as PlanDraft["end"] })}
        />
      </Field>
    </div>
  );
}

function StepRows({ steps, onChange }: { steps: readonly PlanStep[]; onChange(steps: readonly PlanStep[]): void }) {
  const { t } = useTranslation();
  const set = (id: number, next: Partial<PlanStep>) =>
    onChange(steps.map((step) => (step.id === id ? { ...step, ...next } : step)));
  return (
    <Field
      label={t("rollOut.steps")}
      hint={t("rollOut.stepsHint")}
      error={isRising(steps) ? undefined : t("rollOut.notRising")}
      group
    >
      <div className="stack tight">
        {steps.map(({ id, share, minutes }) => (
          <div className="row" key={id}>
            <InputNumber
              style={{ width: 110 }}
              min={0.1}
              max={100}
              suffix="%"
              aria-label={t("services.share")}
              value={Math.round(share * 1000) / 10}
              onChange={(percent) => percent !== null && set(id, { share: percent / 100 })}
            />
            <InputNumber
              style={{ width: 150 }}
              min={0}
              max={FOUR_WEEKS}
              precision={0}
              suffix={t("services.minutesAgo")}
              aria-label={t("services.minutesAgo")}
              value={minutes}
              onChange={(next) => next !== null && set(id, { minutes: next })}
            />
            <Button
              size="small"
              disabled={steps.length === 1}
              onClick={() => onChange(steps.filter((step) => step.id !== id))}
            >
              {t("rollOut.remove")}
            </Button>
          </div>
        ))}
        <div>
          <Button
            size="small"
            disabled={steps.length >= STEPS_MAX || (steps.at(-1)?.share ?? 0) >= 1}
            onClick={() => onChange(withStep(steps))}
          >
            {t("rollOut.add")}
          </Button>
        </div>
      </div>
    </Field>
  );
}

interface GuardFieldsProps {
  readonly guards: Guards;
  readonly scores: boolean;
  onChange(guards: Guards): void;
}

function GuardFields({ guards, scores, onChange }: GuardFieldsProps) {
  const { t } = useTranslation();
  const { errorRateMax, p99MsMax, driftMax, callsMin } = guards;
  const set = (next: Partial<Guards>) => onChange({ ...guards, ...next });
  return (
    <Field label={t("rollOut.guards")} hint={t("rollOut.guardsHint")} group>
      <div className="grid2">
        <NumberField
          optional
          fraction
          label={t("rollOut.errorRateMax")}
          min={0}
          max={100}
          value={errorRateMax === null ? null : Math.round(errorRateMax * 1000) / 10}
          onChange={(percent) => set({ errorRateMax: percent === null ? null : percent / 100 })}
        />
        <NumberField
          optional
          label={t("rollOut.p99Max")}
          max={10_000}
          value={p99MsMax}
          onChange={(next) => set({ p99MsMax: next })}
        />
        {scores && (
          <NumberField
            optional
            fraction
            label={t("rollOut.driftMax")}
            min={0.01}
            max={10}
            step={0.05}
            value={driftMax}
            onChange={(next) => set({ driftMax: next })}
          />
        )}
        <NumberField
          label={t("rollOut.callsMin")}
          max={1_000_000}
          value={callsMin}
          onChange={(next) => set({ callsMin: next })}
        />
      </div>
    </Field>
  );
}
