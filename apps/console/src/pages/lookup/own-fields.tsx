import type { Dataset } from "@tombolo/sdk";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { ColumnsField, NumberField } from "../../components/fields.tsx";
import { useRead } from "../../lib/queries.ts";

const IDS_MAX = 2 ** 27;

export interface Own {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly idsMax: number;
}

interface OwnFieldsProps {
  readonly own: Own;
  change(next: Partial<Own>): void;
  onDataset(dataset: Dataset | undefined): void;
}

/** The own rows that are asked about. */
export function OwnFields({ own, change, onDataset }: OwnFieldsProps) {
  const { t } = useTranslation();
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  const { dataset, keys, columns, idsMax } = own;
  return (
    <div className="grid2">
      <Field label={t("joint.ownDataset")}>
        <Select
          value={dataset?.id ?? null}
          aria-label={t("joint.ownDataset")}
          options={datasets.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(id) => onDataset(datasets.find((each) => each.id === id))}
        />
      </Field>
      <NumberField
        label={t("lookup.idsMax")}
        hint={t("lookup.idsMaxHint")}
        value={idsMax}
        max={IDS_MAX}
        onChange={(next) => change({ idsMax: next })}
      />
      <ColumnsField
        label={t("lookup.keys")}
        hint={t("lookup.keysHint")}
        dataset={dataset}
        value={keys}
        onChange={(names) => change({ keys: names })}
      />
      <ColumnsField
        label={t("lookup.columns")}
        dataset={dataset}
        without={keys}
        value={columns.filter((name) => !keys.includes(name))}
        onChange={(names) => change({ columns: names })}
      />
    </div>
  );
}
