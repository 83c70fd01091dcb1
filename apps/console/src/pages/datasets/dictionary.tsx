import { columnRole, type Dataset, type DatasetColumn } from "@tombolo/sdk";
import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { DictionaryTable } from "../../components/dataset-card.tsx";
import { Distribution, FillRate } from "../../components/distribution.tsx";
import { Card } from "../../components/page.tsx";
import { Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";
import { useAct, useMay } from "../../lib/queries.ts";

type Edits = Readonly<Record<string, Partial<Pick<DatasetColumn, "role" | "meaning" | "unit">>>>;

/** Meaning, unit and role of every column, beside what its values look like. */
export function Dictionary({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const mayEdit = useMay()("datasets:manage");
  const [edits, setEdits] = useState<Edits>({});
  const save = useAct("updateDataset", {
    refresh: ["getDataset", "listDatasets"],
    said: t("datasets.saved"),
    after: () => setEdits({}),
  });
  if (!mayEdit)
    return (
      <Card flush>
        <DictionaryTable columns={dataset.columns} />
      </Card>
    );
  const edit = (name: string, change: Edits[string]) => setEdits({ ...edits, [name]: { ...edits[name], ...change } });
  const now = dataset.columns.map((column) => ({ ...column, ...edits[column.name] }));
  const dirty = Object.keys(edits).length > 0;
  const columns = now.map(({ name, role, meaning, unit }) => ({ name, role, meaning, unit }));
  return (
    <Card
      title={t("datasets.tab.dictionary")}
      hint={dirty ? t("datasets.unsaved") : t("datasets.roleHint")}
      flush
      actions={
        <Act
          type="primary"
          disabled={!dirty}
          loading={save.isPending}
          onClick={() => save.mutate({ params: { id: dataset.id }, body: { columns } })}
        >
          {t("datasets.saveDictionary")}
        </Act>
      }
    >
      <Table
        label={t("datasets.tab.dictionary")}
        rows={now}
        keyOf={(row) => row.name}
        columns={[
          { key: "name", title: t("datasets.column"), cell: (row) => <code>{row.name}</code> },
          { key: "type", title: t("datasets.type"), cell: (row) => t(`datasets.typeOf.${row.type}`) },
          {
            key: "role",
            title: t("datasets.role"),
            width: 116,
            cell: (row) => (
              <Select
                size="small"
                style={{ width: 104 }}
                value={row.role}
                aria-label={`${row.name}: ${t("datasets.role")}`}
                options={columnRole.options.map((value) => ({ value, label: t(`datasets.roleOf.${value}`) }))}
                onChange={(role) => edit(row.name, { role })}
              />
            ),
          },
          {
            key: "meaning",
            title: t("datasets.meaning"),
            cell: (row) => (
              <Input
                size="small"
                maxLength={500}
                value={row.meaning}
                aria-label={`${row.name}: ${t("datasets.meaning")}`}
                onChange={(event) => edit(row.name, { meaning: event.target.value })}
              />
            ),
          },
          {
            key: "unit",
            title: t("datasets.unit"),
            width: 90,
            cell: (row) => (
              <Input
                size="small"
                style={{ minWidth: 64 }}
                maxLength={60}
                value={row.unit}
                aria-label={`${row.name}: ${t("datasets.unit")}`}
                onChange={(event) => edit(row.name, { unit: event.target.value })}
              />
            ),
          },
          { key: "fill", title: t("datasets.fill"), num: true, cell: (row) => <FillRate share={row.fillRate} /> },
          { key: "distinct", title: t("datasets.distinct"), num: true, cell: (row) => <Num of={row.distinct} /> },
          {
            key: "distribution",
            title: t("datasets.distribution"),
            width: 220,
            cell: (row) => <Distribution column={row} />,
          },
        ]}
      />
    </Card>
  );
}
