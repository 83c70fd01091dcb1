import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { keyed } from "../lib/keyed.ts";
import { Field } from "./act.tsx";
import { NestedFields } from "./field-aids.tsx";
import { Icon } from "./icon.tsx";
import { isValues, newItem, type Schema, type Values } from "./parameter-schema.ts";

interface ListFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly forms: ReadonlyMap<string, Schema>;
  readonly value: unknown;
  onChange(items: readonly Values[]): void;
  /** The fields of one item. */
  fields(schema: Schema, values: Values, onChange: (values: Values) => void): ReactNode;
}

/** A form's name in the reader's words: steps of preparation have some. */
function useFormName(): (kind: string) => string {
  const { t, i18n } = useTranslation();
  return (kind) => (i18n.exists(`features.stepOf.${kind}`) ? t(`features.stepOf.${kind as "clip"}`) : kind);
}

/** Items one after another, each with fields of its own: made, moved and taken away. */
export function ListField({ name, label, hint, forms, value, onChange, fields }: ListFieldProps) {
  const { t } = useTranslation();
  const say = useFormName();
  const items = Array.isArray(value) ? value.filter(isValues) : [];
  const put = (index: number, next: Values) => onChange(items.map((item, i) => (i === index ? next : item)));
  const swap = (index: number) =>
    onChange(items.map((item, i) => (i === index ? items[i + 1]! : i === index + 1 ? items[index]! : item)));
  const names = [...forms.keys()];
  const only = names.length === 1 ? names[0] : undefined;
  const add = (kind: string) => onChange([...items, newItem(forms.get(kind)!)]);
  const formOf = (item: Values): Schema | undefined => forms.get(only ?? String(item.kind));
  return (
    <Field label={label} hint={hint} group>
      <ol className="items">
        {keyed(items, (item) => String(item.kind ?? "")).map(({ key, item }, index) => (
          <li key={key}>
            <div className="row between">
              <b>{`${index + 1}. ${only === undefined ? say(String(item.kind)) : label}`}</b>
              <span className="row">
                <Button
                  size="small"
                  type="text"
                  aria-label={t("common.moveUp")}
                  disabled={index === 0}
                  icon={<Icon name="up" />}
                  onClick={() => swap(index - 1)}
                />
                <Button
                  size="small"
                  type="text"
                  aria-label={t("common.remove")}
                  icon={<Icon name="cross" />}
                  onClick={() => onChange(items.filter((_, i) => i !== index))}
                />
              </span>
            </div>
            <NestedFields path={`${name}.${index}`}>
              {formOf(item) !== undefined && fields(formOf(item)!, item, (next) => put(index, next))}
            </NestedFields>
          </li>
        ))}
      </ol>
      {only !== undefined ? (
        <Button icon={<Icon name="plus" />} onClick={() => add(only)}>
          {t("common.add")}
        </Button>
      ) : (
        <Select
          value={null}
          aria-label={`${t("common.add")}: ${label}`}
          prefix={<Icon name="plus" />}
          options={names.map((kind) => ({ value: kind, label: say(kind) }))}
          onChange={(kind: string | null) => kind !== null && add(kind)}
        />
      )}
    </Field>
  );
}
