import { Radio } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { NumberField } from "../../components/fields.tsx";
import { type Draft, givesScores } from "./draft.ts";
import { usualPlan } from "./plan-draft.ts";
import { PlanFields } from "./plan-fields.tsx";

interface StepProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

/** Beside a champion: as what, and how it comes to answer. */
export function RollOutStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const { role, share, plan } = draft;
  const scores = givesScores(draft);
  return (
    <div className="stack">
      <Field label={t("services.as")} hint={t(`services.roleHint.${role}`)} group>
        <Radio.Group
          value={role}
          options={(["challenger", "shadow"] as const).map((value) => ({
            value,
            label: t(`services.roleOf.${value}`),
          }))}
          onChange={(event) => change({ role: event.target.value as Draft["role"] })}
        />
      </Field>
      {role === "challenger" && (
        <>
          <Field label={t("rollOut.begins")} group>
            <Radio.Group
              value={plan === undefined ? "share" : "plan"}
              options={(["share", "plan"] as const).map((value) => ({ value, label: t(`rollOut.beginsOf.${value}`) }))}
              onChange={(event) => change({ plan: event.target.value === "plan" ? usualPlan(scores) : undefined })}
            />
          </Field>
          {plan === undefined ? (
            <ShareField share={share} onChange={(next) => change({ share: next })} />
          ) : (
            <PlanFields draft={plan} scores={scores} onChange={(next) => change({ plan: next })} />
          )}
        </>
      )}
    </div>
  );
}

export function ShareField({ share, onChange }: { share: number; onChange(share: number): void }) {
  const { t } = useTranslation();
  return (
    <NumberField
      fraction
      label={t("services.share")}
      min={0}
      max={100}
      step={5}
      suffix="%"
      value={Math.round(share * 1000) / 10}
      onChange={(percent) => onChange(percent / 100)}
    />
  );
}
