import { type Deployment, type RollOutForm, type RollOutPlan, rollOutPlan, type Service } from "@tombolo/sdk";
import { Button, Input, InputNumber, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { useAct } from "../../lib/queries.ts";
import { isOpen } from "./roll-outs.tsx";

type Guards = RollOutPlan["guards"];
interface Step {
  readonly share: number;
  readonly minutes: number;
}

interface Draft {
  /** Without: one change at a time. */
  readonly bySteps: boolean;
  readonly steps: readonly Step[];
  /** As date-time inputs hold it; empty: once it is up. */
  readonly start: string;
  readonly guards: Guards;
  readonly end: RollOutPlan["end"];
}

const usual = (kind: Service["kind"]): Draft => ({
  bySteps: true,
  steps: [0.05, 0.25, 0.5].map((share) => ({ share, minutes: 60 })),
  start: "",
  guards: { errorRateMax: 0.02, p99MsMax: 100, driftMax: kind === "score" ? 0.25 : null, callsMin: 100 },
  end: "keep",
});

/** Undefined while it is no plan: shares that do not rise, or no time for a single change. */
function planOf({ bySteps, steps, start, guards, end }: Draft): RollOutForm | undefined {
  const at = new Date(start);
  const form = {
    steps: bySteps ? steps.map((each) => ({ ...each })) : [],
    startAt: Number.isNaN(at.getTime()) ? null : at.toISOString(),
    ...{ guards, end },
  };
  return rollOutPlan.safeParse(form).success ? form : undefined;
}

export function PlanIt({ service, deployment }: { service: Service; deployment: Deployment }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>();
  const save = useAct("planRollOut", {
    refresh: ["listServices", "getService"],
    said: t("services.plan.saved"),
    after: () => setDraft(undefined),
  });
  const under = deployment.rollOut !== null && isOpen(deployment.rollOut);
  const body = draft === undefined ? undefined : planOf(draft);
  const change = (next: Partial<Draft>) => setDraft((before) => before && { ...before, ...next });
  return (
    <>
      <Act
        size="small"
        needs="services:manage"
        because={under ? t("services.plan.underWay") : undefined}
        onClick={() => setDraft(usual(service.kind))}
      >
        {t("services.plan.make")}
      </Act>
      {draft !== undefined && (
        <Modal
          open
          title={t("services.plan.title", { model: deployment.modelName })}
          okText={t("services.plan.begin")}
          cancelText={t("common.cancel")}
          okButtonProps={{ loading: save.isPending, disabled: body === undefined }}
          onOk={() =>
            body !== undefined && save.mutate({ params: { name: service.name, deployment: deployment.id }, body })
          }
          onCancel={() => setDraft(undefined)}
        >
          <PlanFields draft={draft} change={change} scores={service.kind === "score"} />
        </Modal>
      )}
    </>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly scores: boolean;
  change(next: Partial<Draft>): void;
}

function PlanFields({ draft, scores, change }: FieldsProps) {
  const { t } = useTranslation();
  const ends = draft.bySteps ? (["keep", "promote", "withdraw"] as const) : (["promote", "withdraw"] as const);
  const bySteps = (value: boolean) =>
    change({ bySteps: value, end: !value && draft.end === "keep" ? "promote" : draft.end });
  return (
    <div className="stack">
      <Radio.Group
        value={draft.bySteps}
        options={[
          { value: true, label: t("services.plan.bySteps") },
          { value: false, label: t("services.plan.atTime") },
        ]}
        onChange={(event) => bySteps(event.target.value as boolean)}
      />
      {draft.bySteps && <StepRows steps={draft.steps} onChange={(steps) => change({ steps })} />}
      <Field
        label={t("services.plan.start")}
        optional={draft.bySteps}
        hint={draft.bySteps ? t("services.plan.startHint") : t("services.plan.lateHint")}
      >
        <Input
          type="datetime-local"
          value={draft.start}
          aria-label={t("services.plan.start")}
          onChange={(event) => change({ start: event.target.value })}
        />
      </Field>
      {draft.bySteps && <GuardFields guards={draft.guards} scores={scores} onChange={(guards) => change({ guards })} />}
      <Field label={draft.bySteps ? t("services.plan.afterwards") : t("services.plan.atThatTime")} group>
        <Radio.Group
          value={draft.end}
          options={ends.map((value) => ({ value, label: t(`services.plan.end.${value}`) }))}
          onChange={(event) => change({ end: event.target.value as Draft["end"] })}
        />
      </Field>
    </div>
  );
}

function StepRows({ steps, onChange }: { steps: readonly Step[]; onChange(steps: readonly Step[]): void }) {
  const { t } = useTranslation();
  const set = (at: number, next: Partial<Step>) =>
    onChange(steps.map((each, i) => (i === at ? { ...each, ...next } : each)));
  const rising = steps.every(({ share }, i) => i === 0 || share > steps[i - 1]!.share);
  const last = steps.at(-1) ?? { share: 0, minutes: 60 };
  return (
    <Field
      label={t("services.plan.steps")}
      hint={t("services.plan.stepsHint")}
      error={rising ? undefined : t("services.plan.notRising")}
      group
    >
      <div className="stack tight">
        {steps.map((step, at) => (
          // Steps are told apart by their place alone.
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
          <div className="row" key={at}>
            <InputNumber
              min={0.1}
              max={100}
              suffix="%"
              aria-label={t("services.share")}
              value={Math.round(step.share * 1000) / 10}
              onChange={(percent) => percent !== null && set(at, { share: percent / 100 })}
            />
            <InputNumber
              min={0}
              max={40_320}
              precision={0}
              suffix={t("services.minutesAgo")}
              aria-label={t("services.minutesAgo")}
              value={step.minutes}
              onChange={(minutes) => minutes !== null && set(at, { minutes })}
            />
            <Button
              size="small"
              disabled={steps.length === 1}
              onClick={() => onChange(steps.filter((_, i) => i !== at))}
            >
              {t("services.plan.remove")}
            </Button>
          </div>
        ))}
        <div>
          <Button
            size="small"
            disabled={steps.length >= 20 || last.share >= 1}
            onClick={() => onChange([...steps, { ...last, share: Math.min(1, last.share + 0.25) }])}
          >
            {t("services.plan.add")}
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
  const set = (next: Partial<Guards>) => onChange({ ...guards, ...next });
  const number = (name: string, value: number | null, of: (value: number | null) => Partial<Guards>, max: number) => (
    <Field label={name}>
      <InputNumber
        style={{ width: "100%" }}
        min={0}
        max={max}
        value={value}
        aria-label={name}
        onChange={(next) => set(of(next))}
      />
    </Field>
  );
  const percent = guards.errorRateMax === null ? null : Math.round(guards.errorRateMax * 1000) / 10;
  return (
    <Field label={t("services.plan.guards")} hint={t("services.plan.guardsHint")} group>
      <div className="grid2">
        {number(
          t("services.plan.errorRateMax"),
          percent,
          (value) => ({ errorRateMax: value === null ? null : value / 100 }),
          100,
        )}
        {number(t("services.plan.p99Max"), guards.p99MsMax, (p99MsMax) => ({ p99MsMax }), 10_000)}
        {scores && number(t("services.plan.driftMax"), guards.driftMax, (driftMax) => ({ driftMax }), 10)}
        {number(t("services.plan.callsMin"), guards.callsMin, (value) => ({ callsMin: value ?? 1 }), 1_000_000)}
      </div>
    </Field>
  );
}
