import { AutoComplete, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { en } from "../i18n/areas/choices.ts";
import { useFieldAids } from "./field-aids.tsx";
import { choicesOf, isColumnName, isNullable, isScalar, plainOf, type Schema } from "./parameter-schema.ts";

interface ControlProps {
  readonly label: string;
  readonly schema: Schema;
  readonly value: unknown;
  /** Undefined: left out. */
  onChange(value: unknown): void;
}

/** A choice in the reader's words, where the console has some. */
export function useChoice(): (value: unknown) => string {
  const { t } = useTranslation();
  return (value) => {
    const name = String(value);
    return name in en ? t(`choices.${name as keyof typeof en}`) : name;
  };
}

/** What a field is filled in with, by its schema. */
export function Control({ label, schema, value, onChange }: ControlProps) {
  const say = useChoice();
  const inner = plainOf(schema);
  const nothing = isNullable(schema) ? null : undefined;
  const choices = choicesOf(inner);
  if (choices !== undefined)
    return (
      <Select
        value={value ?? null}
        aria-label={label}
        allowClear={isNullable(schema)}
        options={choices.map((each) => ({ value: each, label: say(each) }))}
        onChange={(next: unknown) => onChange(next ?? nothing)}
      />
    );
  if (isScalar(inner)) return <ScalarInput label={label} value={value} onChange={onChange} nothing={nothing} />;
  switch (inner.type) {
    case "boolean":
      return (
        <span>
          <Switch checked={value === true} aria-label={label} onChange={onChange} />
        </span>
      );
    case "number":
    case "integer":
      return (
        <InputNumber
          style={{ width: "100%" }}
          value={typeof value === "number" ? value : null}
          aria-label={label}
          {...(inner.minimum === undefined ? {} : { min: inner.minimum })}
          {...(inner.maximum === undefined ? {} : { max: inner.maximum })}
          {...(inner.type === "integer" ? { precision: 0 } : {})}
          onChange={(next) => onChange(next ?? nothing)}
        />
      );
    case "string":
      return <TextInput label={label} schema={inner} value={value} onChange={onChange} nothing={nothing} />;
    case "array":
      return <ListInput label={label} items={inner.items ?? {}} value={value} onChange={onChange} nothing={nothing} />;
    default:
      return <JsonInput label={label} value={value} onChange={onChange} />;
  }
}

interface InputProps extends Omit<ControlProps, "schema"> {
  /** What an empty field says. */
  readonly nothing: null | undefined;
}

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

function TextInput({ label, schema, value, onChange, nothing }: InputProps & { readonly schema: Schema }) {
  const { columns } = useFieldAids();
  const text = textOf(value);
  const change = (next: string) => onChange(next === "" ? nothing : next);
  if (!isColumnName(schema) || columns.length === 0)
    return <Input value={text} aria-label={label} onChange={(event) => change(event.target.value)} />;
  return (
    <AutoComplete
      value={text}
      aria-label={label}
      options={columns.map((each) => ({ value: each }))}
      showSearch={{ filterOption: (typed, option) => String(option?.value).includes(typed) }}
      onChange={(next: string | undefined) => change(next ?? "")}
    />
  );
}

/** A number where it reads as one, else text. */
function ScalarInput({ label, value, onChange, nothing }: InputProps) {
  const change = (text: string) => {
    const number = Number(text);
    onChange(text === "" ? nothing : text.trim() !== "" && Number.isFinite(number) ? number : text);
  };
  return <Input value={textOf(value)} aria-label={label} onChange={(event) => change(event.target.value)} />;
}

/** A list of plain values, in the order they are chosen; names that nobody suggests may be typed. */
function ListInput({ label, items, value, onChange, nothing }: InputProps & { readonly items: Schema }) {
  const say = useChoice();
  const { columns } = useFieldAids();
  const choices = choicesOf(items);
  const numbers = items.type === "number" || items.type === "integer";
  if (choices === undefined && items.type !== "string" && !numbers)
    return <JsonInput label={label} value={value} onChange={onChange} />;
  const given = Array.isArray(value) ? value : [];
  const options = choices ?? (isColumnName(items) ? columns : []);
  return (
    <Select
      mode={choices === undefined ? "tags" : "multiple"}
      value={given.map(String)}
      aria-label={label}
      tokenSeparators={[",", " "]}
      maxTagCount={40}
      options={options.map((each) => ({ value: String(each), label: say(each) }))}
      onChange={(next: string[]) => {
        const values = numbers ? next.map(Number).filter(Number.isFinite) : next;
        onChange(values.length === 0 && nothing === null ? null : values);
      }}
    />
  );
}

/** For lists of lists and the like. What is not JSON yet is not told on. */
function JsonInput({ label, value, onChange }: Omit<ControlProps, "schema">) {
  const [text, setText] = useState(() => (value == null ? "" : JSON.stringify(value)));
  const parsed = parseJson(text);
  return (
    <Input.TextArea
      autoSize
      className="mono"
      value={text}
      aria-label={label}
      {...(parsed === undefined ? { status: "error" as const } : {})}
      onChange={(event) => {
        setText(event.target.value);
        const next = parseJson(event.target.value);
        if (next !== undefined) onChange(next);
      }}
    />
  );
}

/** Nothing is null; undefined is what is no JSON. */
function parseJson(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
