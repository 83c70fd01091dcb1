import type { ModelDetail } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Card, Facts } from "../../components/page.tsx";
import { useChoice } from "../../components/parameter-control.tsx";
import { choicesOf, plainOf, type Schema, valueText } from "../../components/parameter-schema.ts";
import { useText } from "../../i18n/i18n.ts";
import { useRead } from "../../lib/queries.ts";

/** Scorecards are regressions that were given points. */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
  boosting: ["boosting-train"],
  regression: ["regression-train", "scorecard"],
};

/** Parameters of what makes models of a kind, as the node describes them. */
export function useParameterSchema(kind: string): Readonly<Record<string, Schema>> {
  const components = useRead("listComponents", {}).data?.items ?? [];
  const makers = components.filter(({ name }) => MAKERS[kind]?.includes(name));
  return Object.assign({}, ...makers.map(({ parameters }) => (parameters as Schema).properties ?? {})) as Readonly<
    Record<string, Schema>
  >;
}

/** What it was trained with: what differs from the defaults first, the rest on demand. */
export function Parameters({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const say = useText();
  const choice = useChoice();
  const [all, setAll] = useState(false);
  const schema = useParameterSchema(model.kind);
  const values = typeof model.parameters === "object" && model.parameters !== null ? model.parameters : {};
  const rows = Object.entries(values);
  if (rows.length === 0) return null;
  const isDefault = ([name, value]: [string, unknown]): boolean =>
    schema[name] !== undefined && JSON.stringify(schema[name].default) === JSON.stringify(value);
  const changed = rows.filter((row) => !isDefault(row));
  const shown = all ? rows : changed;
  return (
    <Card
      title={t("models.parameters")}
      hint={all ? t("models.parametersAll") : t("models.parametersChanged", { count: changed.length })}
      actions={
        <Act size="small" onClick={() => setAll(!all)}>
          {all ? t("models.showChanged") : t("models.showAll", { count: rows.length })}
        </Act>
      }
    >
      <Facts
        items={shown.map(([name, value]) => {
          const text = schema[name]?.text;
          const known = choicesOf(plainOf(schema[name] ?? {})) !== undefined || typeof value === "boolean";
          return [
            text === undefined ? name : say(text.title),
            known ? <span key={name}>{choice(value)}</span> : <code key={name}>{valueText(value)}</code>,
          ];
        })}
      />
    </Card>
  );
}
