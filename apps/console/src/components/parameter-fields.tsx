import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { en } from "../i18n/areas/choices.ts";
import { useText } from "../i18n/i18n.ts";
import { Field, Toggle } from "./act.tsx";
import { choicesOf, isGroup, isNullable, plainOf, type Schema, type Values } from "./parameter-schema.ts";

interface ParameterFieldsProps {
  /** A component's parameters, as the node describes them. */
  readonly schema: unknown;
  readonly values: Values;
  /** Set elsewhere. */
  readonly without?: readonly string[];
  /** These alone, in this order. */
  readonly only?: readonly string[];
  onChange(values: Values): void;
}

/** A form from a component's own description: its words, choices and bounds. */
export function ParameterFields({ schema, values, without = [], only, onChange }: ParameterFieldsProps) {
  const known = (schema as Schema).properties ?? {};
  const properties = (only ?? Object.keys(known)).flatMap((name) => {
    const each = known[name];
    return each === undefined || without.includes(name) ? [] : [[name, each] as const];
  });
  // Groups last: they take the whole width.
  properties.sort(([, a], [, b]) => Number(isGroup(plainOf(a))) - Number(isGroup(plainOf(b))));
  return (
    <div className="grid2">
      {properties.map(([name, each]) => (
        <ParameterField
          key={name}
          name={name}
          schema={each}
          value={name in values ? values[name] : each.default}
          onChange={(value) => onChange({ ...values, [name]: value })}
        />
      ))}
    </div>
  );
}

interface ParameterFieldProps {
  readonly name: string;
  readonly schema: Schema;
  readonly value: unknown;
  onChange(value: unknown): void;
}

function ParameterField({ name, schema, value, onChange }: ParameterFieldProps) {
  const say = useText();
  const label = schema.text === undefined ? (schema.title ?? name) : say(schema.text.title);
  const hint = schema.text === undefined ? schema.description : say(schema.text.help);
  const inner = plainOf(schema);
  if (isGroup(schema))
    return (
      <div style={{ gridColumn: "1 / -1" }}>
        <Field label={label} hint={hint} group>
          <ParameterFields schema={schema} values={isValues(value) ? value : {}} onChange={onChange} />
        </Field>
      </div>
    );
  if (isGroup(inner))
    return <OptionalGroup label={label} hint={hint} schema={inner} value={value} onChange={onChange} />;
  return (
    <Field label={label} hint={hint}>
      <Control label={label} schema={schema} inner={inner} value={value} onChange={onChange} />
    </Field>
  );
}

interface OptionalGroupProps extends Pick<ParameterFieldProps, "schema" | "value" | "onChange"> {
  readonly label: string;
  readonly hint: string | undefined;
}

/** Fields that are there or left out as a whole; they begin at their defaults. */
function OptionalGroup({ label, hint, schema, value, onChange }: OptionalGroupProps) {
  const there = isValues(value);
  const defaults = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, each]) => [name, each.default]),
  );
  return (
    <div className="stack" style={{ gridColumn: "1 / -1" }}>
      <Toggle
        label={label}
        {...(hint === undefined ? {} : { hint })}
        checked={there}
        onChange={(on) => onChange(on ? defaults : null)}
      />
      {there && <ParameterFields schema={schema} values={value} onChange={onChange} />}
    </div>
  );
}

interface ControlProps extends Omit<ParameterFieldProps, "name"> {
  readonly label: string;
  readonly inner: Schema;
}

function Control({ label, schema, inner, value, onChange }: ControlProps) {
  const say = useChoice();
  const choices = choicesOf(inner);
  if (choices !== undefined)
    return (
      <Select
        value={value ?? null}
        aria-label={label}
        allowClear={isNullable(schema)}
        options={choices.map((each) => ({ value: each, label: say(each) }))}
        onChange={(next: unknown) => onChange(next ?? null)}
      />
    );
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
          onChange={(next) => onChange(next)}
        />
      );
    case "string":
      return (
        <Input
          value={typeof value === "string" ? value : ""}
          aria-label={label}
          onChange={(event) => onChange(event.target.value === "" && isNullable(schema) ? null : event.target.value)}
        />
      );
    default:
      return <JsonInput label={label} value={value} onChange={onChange} />;
  }
}

/** For lists and the like. What is not JSON yet is not told on. */
function JsonInput({ label, value, onChange }: { label: string; value: unknown; onChange(value: unknown): void }) {
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

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** A choice in the reader's words, where the console has some. */
export function useChoice(): (value: unknown) => string {
  const { t } = useTranslation();
  return (value) => {
    const name = String(value);
    return name in en ? t(`choices.${name as keyof typeof en}`) : name;
  };
}
