import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { DictionaryTable } from "../../components/dataset-card.tsx";
import { NumberField } from "../../components/fields.tsx";
import { MoreOptions, ObjectiveFields } from "./boosting-options.tsx";
import { type Draft, OBJECTIVES, objectiveOf } from "./draft.ts";

export interface StepProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

export function LabelStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const columns = (draft.own.dataset?.columns ?? []).filter((column) => !draft.own.keys.includes(column.name));
  const chosen = columns.find((column) => column.name === draft.label);
  return (
    <div className="stack">
      <Field label={t("joint.labelColumn")}>
        <Select
          value={draft.label ?? null}
          aria-label={t("joint.labelColumn")}
          options={columns.map((column) => ({
            value: column.name,
            label: column.meaning === "" ? column.name : `${column.name} · ${column.meaning}`,
          }))}
          onChange={(label) => change({ label: label ?? undefined, objective: undefined, boosting: {} })}
        />
      </Field>
      <Field
        label={t("joint.objective")}
        {...(chosen?.distinct == null ? {} : { hint: t("joint.objectiveBecause", { count: chosen.distinct }) })}
      >
        <Select
          value={objectiveOf(draft)}
          aria-label={t("joint.objective")}
          options={OBJECTIVES.map((value) => ({ value, label: t(`joint.objectiveOf.${value}`) }))}
          onChange={(objective) => change({ objective, boosting: {} })}
        />
      </Field>
      <ObjectiveFields draft={draft} change={change} />
      {chosen !== undefined && <DictionaryTable columns={[chosen]} />}
    </div>
  );
}

export function ParametersStep({ draft, change, name }: StepProps & { name: string }) {
  const { t } = useTranslation();
  const number = (
    key: "trees" | "depth" | "learningRate" | "bins" | "testShare" | "seed",
    min: number,
    max: number,
    step: number,
    hint?: string,
  ) => (
    <NumberField
      label={t(`joint.${key}`)}
      hint={hint}
      min={min}
      max={max}
      step={step}
      fraction={step < 1}
      value={draft[key]}
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <div className="stack">
      <Field label={t("joint.name")}>
        <Input value={name} maxLength={200} onChange={(event) => change({ name: event.target.value })} />
      </Field>
      <div className="grid3">
        {number("trees", 1, 1000, 10)}
        {number("depth", 1, 10, 1)}
        {number("learningRate", 0.01, 1, 0.05)}
        {number("bins", 2, 255, 1)}
        {number("testShare", 0.05, 0.9, 0.05)}
        {number("seed", 0, 2 ** 32 - 1, 1, t("joint.seedHint"))}
      </div>
      <Toggle
        label={t("joint.baseline")}
        hint={t("joint.baselineHint")}
        checked={draft.baseline}
        onChange={(baseline) => change({ baseline })}
      />
      <MoreOptions draft={draft} change={change} />
    </div>
  );
}
