import type { Dataset } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { ColumnsField, NumberField } from "../../components/fields.tsx";
import { PartnerDataset } from "../../components/partner-datasets.tsx";
import { columnsIn } from "../../lib/sides.ts";
import { answerable, hasTexts, unanswerable } from "../query-tables/draft.ts";

export interface Table {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
}
export const noTable: Table = { dataset: undefined, keys: [] };

interface TableFieldsProps {
  readonly party: string;
  readonly projectId: string | undefined;
  readonly table: Table;
  change(table: Table): void;
}

/** Which of the partner's tables, and which of its columns make a key. */
export function TableFields({ party, projectId, table, change }: TableFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <PartnerDataset
        party={party}
        projectId={projectId}
        purpose={t("lookup.title")}
        value={table.dataset?.id}
        onChange={(dataset) => change({ dataset, keys: columnsIn(dataset, "id").slice(0, 1) })}
      />
      <ColumnsField
        label={t("lookup.keys")}
        dataset={table.dataset}
        value={table.keys}
        onChange={(keys) => change({ ...table, keys })}
      />
    </>
  );
}

export interface Records {
  readonly columns: readonly string[];
  /** Of a text, at most. */
  readonly bytes: number;
}
export const noRecords: Records = { columns: [], bytes: 64 };

/** Those that this table has, keys aside. */
export const columnsOf = ({ columns }: Records, { dataset, keys }: Table): string[] =>
  dataset === undefined ? [] : columns.filter((name) => answerable(dataset).includes(name) && !keys.includes(name));

interface RecordFieldsProps {
  readonly table: Table;
  readonly records: Records;
  /** What the partner's approver is told of them, where some are chosen. */
  readonly hint: string;
  change(records: Records): void;
}

/** What a key that is there answers with. */
export function RecordFields({ table, records, hint, change }: RecordFieldsProps) {
  const { t } = useTranslation();
  const { dataset, keys } = table;
  const columns = columnsOf(records, table);
  return (
    <div className="grid2">
      <ColumnsField
        optional
        label={t("queryTables.columns")}
        hint={columns.length === 0 ? t("lookup.answersNone") : hint}
        dataset={dataset}
        without={dataset === undefined ? [] : [...keys, ...unanswerable(dataset)]}
        value={columns}
        onChange={(next) => change({ ...records, columns: next })}
      />
      {hasTexts({ dataset, columns }) && (
        <NumberField
          label={t("queryTables.bytes")}
          hint={t("queryTables.bytesHint")}
          value={records.bytes}
          max={1024}
          onChange={(bytes) => change({ ...records, bytes })}
        />
      )}
    </div>
  );
}
