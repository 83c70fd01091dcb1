import type { Dataset, DatasetColumn } from "@tombolo/sdk";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { DASH, formatNumber } from "../lib/format.ts";
import { Distribution, FillRate } from "./distribution.tsx";
import { Card } from "./page.tsx";
import { Party } from "./party.tsx";
import { Table } from "./table.tsx";

/** The dictionary to read. */
export function DictionaryTable({ columns }: { columns: readonly DatasetColumn[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Table
      label={t("datasets.tab.dictionary")}
      rows={columns}
      keyOf={(row) => row.name}
      columns={[
        { key: "name", title: t("datasets.column"), cell: (row) => <code>{row.name}</code> },
        { key: "type", title: t("datasets.type"), cell: (row) => t(`datasets.typeOf.${row.type}`) },
        { key: "role", title: t("datasets.role"), cell: (row) => t(`datasets.roleOf.${row.role}`) },
        {
          key: "meaning",
          title: t("datasets.meaning"),
          cell: (row) => (
            <span className={row.meaning === "" ? "muted" : ""}>
              {row.meaning === "" ? t("datasets.noMeaning") : row.meaning}
              {row.unit !== "" && <span className="muted"> ({row.unit})</span>}
            </span>
          ),
        },
        { key: "fill", title: t("datasets.fill"), num: true, cell: (row) => <FillRate share={row.fillRate} /> },
        {
          key: "distinct",
          title: t("datasets.distinct"),
          num: true,
          cell: (row) => (row.distinct === null ? DASH : formatNumber(row.distinct, language)),
        },
        { key: "distribution", title: t("datasets.distribution"), cell: (row) => <Distribution column={row} /> },
      ]}
    />
  );
}

/** A published dataset as its readers see it. */
export function DatasetCard({ dataset, actions }: { dataset: Dataset; actions?: ReactNode }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Card
      flush
      title={
        <span className="row">
          {dataset.name} <Party id={dataset.owner} />
        </span>
      }
      hint={
        <>
          {dataset.description !== "" && <div>{dataset.description}</div>}
          {t("datasets.rows")}: {formatNumber(dataset.rowCount, language)} · {t("datasets.columns")}:{" "}
          {dataset.columns.length}
          {dataset.asOf !== null && ` · ${t("datasets.asOf")} ${dataset.asOf}`}
        </>
      }
      actions={actions}
    >
      <DictionaryTable columns={dataset.columns} />
    </Card>
  );
}
