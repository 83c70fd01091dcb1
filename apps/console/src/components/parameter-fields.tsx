import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { en } from "../i18n/areas/canvas.ts";
import { useText } from "../i18n/i18n.ts";
import { Field, Toggle } from "./act.tsx";
import { useProblemText } from "./failure.tsx";
import { NestedFields, useFieldAids } from "./field-aids.tsx";
import { ListField } from "./list-field.tsx";
import { Control } from "./parameter-control.tsx";
import { formsOf, isGroup, isValues, plainOf, type Schema, type Values } from "./parameter-schema.ts";

interface ParameterFieldsProps {
  /** A component's parameters, as the node describes them. */
  readonly schema: unknown;
  readonly values: Values;
  /** Set elsewhere. */
  readonly without?: readonly string[];
  /** These alone, in this order. */
  readonly only?: readonly string[];
  /** What is written may be left out again. */
  readonly resets?: boolean;
  onChange(values: Values): void;
}

const isWide = (schema: Schema): boolean => {
  const plain = plainOf(schema);
  return isGroup(plain) || (plain.items !== undefined && formsOf(plain.items) !== undefined);
};

/** A form from a component's own description: its words, choices and bounds. */
export function ParameterFields({ schema, values, without = [], only, resets, onChange }: ParameterFieldsProps) {
  const { resolved } = useFieldAids();
  const known = (schema as Schema).properties ?? {};
  const properties = (only ?? Object.keys(known)).flatMap((name) => {
    const each = known[name];
    return each === undefined || each.const !== undefined || without.includes(name) ? [] : [[name, each] as const];
  });
  // Groups last: they take the whole width.
  properties.sort(([, a], [, b]) => Number(isWide(a)) - Number(isWide(b)));
  const change = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = values;
    onChange(value === undefined ? rest : { ...values, [name]: value });
  };
  return (
    <div className="grid2">
      {properties.map(([name, each]) => (
        <ParameterField
          key={name}
          name={name}
          schema={each}
          value={name in values ? values[name] : (resolved[name] ?? each.default)}
          onChange={(value) => change(name, value)}
          onReset={resets === true && name in values && "default" in each ? () => change(name, undefined) : undefined}
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
  readonly onReset: (() => void) | undefined;
}

/** What a field is called: its own words, else those of this console for names that many have. */
function useFieldWords(): (name: string, schema: Schema) => { label: string; hint: string | undefined } {
  const say = useText();
  const { t } = useTranslation();
  return (name, { text, title, description }) => {
    if (text !== undefined) return { label: say(text.title), hint: say(text.help) };
    const word = name in en.word ? t(`canvas.word.${name as keyof typeof en.word}`) : name;
    return { label: title ?? word, hint: description };
  };
}

function ParameterField({ name, schema, value, onChange, onReset }: ParameterFieldProps) {
  const { t } = useTranslation();
  const { faultsAt, datasets } = useFieldAids();
  const faultText = useProblemText();
  const { label, hint } = useFieldWords()(name, schema);
  const inner = plainOf(schema);
  if (isGroup(schema))
    return (
      <div style={{ gridColumn: "1 / -1" }}>
        <Field label={label} hint={hint} group>
          <NestedFields path={name}>
            <ParameterFields schema={schema} values={isValues(value) ? value : {}} onChange={onChange} />
          </NestedFields>
        </Field>
      </div>
    );
  if (isGroup(inner)) return <OptionalGroup {...{ name, label, hint, value, onChange }} schema={inner} />;
  const forms = inner.items === undefined ? undefined : formsOf(inner.items);
  if (forms !== undefined)
    return (
      <div style={{ gridColumn: "1 / -1" }}>
        <ListField
          {...{ name, label, hint, forms, value, onChange }}
          fields={(form, values, change) => <ParameterFields schema={form} values={values} onChange={change} />}
        />
      </div>
    );
  const [fault] = faultsAt(name);
  return (
    <Field
      label={
        onReset === undefined ? (
          label
        ) : (
          <span className="row between">
            {label}
            <Button size="small" type="link" onClick={onReset}>
              {t("common.reset")}
            </Button>
          </span>
        )
      }
      hint={hint}
      error={fault === undefined ? undefined : faultText(fault)}
    >
      {name === "dataset" && datasets !== undefined ? (
        <Select
          value={value ?? null}
          aria-label={label}
          options={datasets.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(next: unknown) => onChange(next ?? undefined)}
        />
      ) : (
        <Control label={label} schema={schema} value={value} onChange={onChange} />
      )}
    </Field>
  );
}

interface OptionalGroupProps extends Pick<ParameterFieldProps, "name" | "schema" | "value" | "onChange"> {
  readonly label: string;
  readonly hint: string | undefined;
}

/** Fields that are there or left out as a whole; they begin at their defaults. */
function OptionalGroup({ name, label, hint, schema, value, onChange }: OptionalGroupProps) {
  const there = isValues(value);
  const defaults = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([field, each]) => [field, each.default]),
  );
  return (
    <div className="stack" style={{ gridColumn: "1 / -1" }}>
      <Toggle
        label={label}
        {...(hint === undefined ? {} : { hint })}
        checked={there}
        onChange={(on) => onChange(on ? defaults : null)}
      />
      {there && (
        <NestedFields path={name}>
          <ParameterFields schema={schema} values={value} onChange={onChange} />
        </NestedFields>
      )}
    </div>
  );
}
