import type { ModelComparison } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { valueText } from "../../components/parameter-schema.ts";
import { Table } from "../../components/table.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useParameterSchema } from "./parameters.tsx";
import { Name, SIDES } from "./side.tsx";

type Row = ModelComparison["parameters"][number];

const differs = ({ a, b }: Row): boolean => valueText(a) !== valueText(b);

/** What the two were told differently; the rest on demand. */
export function ParameterDifferences({ of }: { of: ModelComparison }) {
  const { t } = useTranslation();
  const say = useText();
  const [all, setAll] = useState(false);
  const schema = useParameterSchema(of.a.kind);
  const different = of.parameters.filter(differs);
  const titleOf = ({ name }: Row): string => {
    const text = schema[name]?.text;
    return text === undefined ? name : say(text.title);
  };
  return (
    <Card
      title={t("models.parametersTitle")}
      hint={t("models.parametersDiffer", { count: different.length })}
      actions={
        <Act size="small" onClick={() => setAll(!all)}>
          {all ? t("models.showChanged") : t("models.showAll", { count: of.parameters.length })}
        </Act>
      }
      flush
    >
      <Table
        label={t("models.parametersTitle")}
        rows={all ? of.parameters : different}
        keyOf={({ name }) => name}
        columns={[
          { key: "name", title: t("models.parameters"), cell: titleOf },
          ...SIDES.map((side) => ({
            key: side,
            title: <Name of={of[side]} side={side} />,
            cell: (row: Row) => {
              const value = <code className="break">{valueText(row[side])}</code>;
              return differs(row) ? <b>{value}</b> : value;
            },
          })),
        ]}
      />
    </Card>
  );
}
