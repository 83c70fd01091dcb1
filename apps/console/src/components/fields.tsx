/** Controls that many forms have, each with its label. */
import type { Dataset } from "@tombolo/sdk";
import { Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "./act.tsx";

interface FigureProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** 1 unless said. */
  readonly min?: number;
  readonly max: number;
  readonly step?: number;
  /** A whole number unless said. */
  readonly fraction?: boolean;
  readonly suffix?: string;
}
interface GivenFigure extends FigureProps {
  readonly optional?: false;
  readonly value: number;
  onChange(value: number): void;
}
interface OptionalFigure extends FigureProps {
  readonly optional: true;
  readonly value: number | null;
  onChange(value: number | null): void;
}

/** Thousands apart, while it is typed too. */
const WHOLE = {
  precision: 0,
  formatter: (value: number | string | undefined) => String(value ?? "").replace(/\B(?=(\d{3})+$)/g, ","),
  parser: (text: string | undefined) => (text ?? "").replaceAll(",", ""),
};

/** A number; one that is not optional stays as it was while the box is empty. */
export function NumberField(props: GivenFigure | OptionalFigure) {
  const { label, hint, optional, min = 1, max, step, fraction, suffix, value } = props;
  const change = (next: number | string | null) => {
    if (typeof next === "number") props.onChange(next);
    else if (props.optional === true) props.onChange(null);
  };
  return (
    <Field label={label} hint={hint} optional={optional === true}>
      <InputNumber<number | string>
        style={{ width: "100%" }}
        min={min}
        max={max}
        value={value}
        aria-label={label}
        onChange={change}
        {...(fraction === true ? {} : WHOLE)}
        {...(step === undefined ? {} : { step })}
        {...(suffix === undefined ? {} : { suffix })}
      />
    </Field>
  );
}

interface ColumnsFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly optional?: boolean;
  readonly dataset: Pick<Dataset, "columns"> | undefined;
  readonly without?: readonly string[];
  readonly value: readonly string[];
  onChange(names: string[]): void;
}

/** Some of a dataset's columns, in the order they are chosen. */
export function ColumnsField({ label, hint, optional, dataset, without = [], value, onChange }: ColumnsFieldProps) {
  const columns = (dataset?.columns ?? []).filter(({ name }) => !without.includes(name));
  return (
    <Field label={label} hint={hint} optional={optional === true}>
      <Select
        mode="multiple"
        value={[...value]}
        aria-label={label}
        options={columns.map(({ name }) => ({ value: name, label: name }))}
        onChange={onChange}
      />
    </Field>
  );
}

interface MessageFieldProps {
  /** Own approvers alone decide: no partner sees it. */
  readonly own?: boolean;
  readonly value: string;
  onChange(text: string): void;
}

/** What goes along with a request to those who decide. */
export function MessageField({ own = false, value, onChange }: MessageFieldProps) {
  const { t } = useTranslation();
  return (
    <Field
      optional
      label={own ? t("common.messageOwn") : t("common.message")}
      hint={own ? undefined : t("common.reasonHint")}
    >
      <Input.TextArea rows={2} maxLength={4000} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
