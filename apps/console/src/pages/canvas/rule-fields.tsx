import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Icon } from "../../components/icon.tsx";
import { ParameterFields } from "../../components/parameter-fields.tsx";
import type { Schema, Values } from "../../components/parameter-schema.ts";
import { useText } from "../../i18n/i18n.ts";
import { detailsOf, rulesOn, SELECTION_RULES, withoutRule, withRule } from "./rules.ts";

interface RuleFieldsProps {
  readonly schema: Schema;
  readonly values: Values;
  /** Names of the ports that something comes in at. */
  readonly inputs: readonly string[];
  onChange(values: Values): void;
}

/** Rules one under the other: added, set and taken away; what they go by is said where it is not connected. */
export function RuleFields({ schema, values, inputs, onChange }: RuleFieldsProps) {
  const { t } = useTranslation();
  const say = useText();
  const on = rulesOn(schema, values);
  const others = SELECTION_RULES.filter((rule) => !on.includes(rule));
  const details = detailsOf(on);
  const titleOf = (name: string): string => {
    const text = schema.properties?.[name]?.text;
    return text === undefined ? name : say(text.title);
  };
  return (
    <Field label={t("canvas.rules")} hint={t("canvas.rulesHint")} group>
      <ol className="items">
        {on.map((rule) => (
          <li key={rule.name}>
            <div className="row between">
              <b>{t(`canvas.ruleOf.${rule.name}`)}</b>
              <Button
                size="small"
                type="text"
                aria-label={`${t("common.remove")}: ${titleOf(rule.name)}`}
                icon={<Icon name="cross" />}
                onClick={() => onChange(withoutRule(schema, values, rule))}
              />
            </div>
            <ParameterFields schema={schema} only={[rule.name]} values={values} onChange={onChange} />
            {rule.input !== undefined && !inputs.includes(rule.input) && (
              <p className="small muted">{t("canvas.ruleNeeds", { port: rule.input })}</p>
            )}
          </li>
        ))}
      </ol>
      {others.length > 0 && (
        <Select
          value={null}
          aria-label={t("canvas.addRule")}
          prefix={<Icon name="plus" />}
          options={others.map(({ name }) => ({ value: name, label: t(`canvas.ruleOf.${name}`) }))}
          onChange={(name) => {
            const rule = others.find((each) => each.name === name);
            if (rule !== undefined) onChange(withRule(values, rule));
          }}
        />
      )}
      {details.length > 0 && (
        <ParameterFields resets schema={schema} only={details} values={values} onChange={onChange} />
      )}
    </Field>
  );
}
