import type { Dataset, Model } from "@tombolo/sdk";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { sideOf } from "../../lib/sides.ts";
import { CatalogueSelect, CheckButton, Checked, ColumnsField, current, NumberField, partnerOf } from "./fields.tsx";

const IDS_MAX = 2 ** 27;
interface Draft {
  readonly catalogue: string | undefined;
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly idsMax: number;
}

/** Own ids to a catalogue that is here. */
export function AskForm({ catalogues }: { catalogues: readonly Model[] }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>({
    ...sideOf(undefined),
    catalogue: current(catalogues),
    idsMax: 1,
  });
  const check = useAct("lookupFlow", { inline: true });
  const change = (next: Partial<Draft>) => {
    setDraft({ ...draft, ...next });
    check.reset();
  };
  const { dataset, keys, columns, idsMax } = draft;
  const catalogue = catalogues.find(({ id }) => id === draft.catalogue);
  const run = () => {
    if (catalogue === undefined || dataset === undefined) return;
    const guest = { datasetId: dataset.id, keys: [...keys], columns: columns.filter((name) => !keys.includes(name)) };
    const name = t("lookup.defaultName.ask", { party: partnerOf(catalogue) });
    check.mutate({ body: { name, catalogue: catalogue.id, guest, idsMax } });
  };
  return (
    <>
      <Card>
        <div className="stack">
          <AskFields draft={draft} catalogues={catalogues} change={change} />
          <CheckButton
            ready={catalogue !== undefined && dataset !== undefined && keys.length > 0}
            busy={check.isPending}
            error={check.error}
            run={run}
          />
        </div>
      </Card>
      <Checked check={check.data} />
    </>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly catalogues: readonly Model[];
  change(next: Partial<Draft>): void;
}

function AskFields({ draft, catalogues, change }: FieldsProps) {
  const { t } = useTranslation();
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  const { dataset, keys, columns, idsMax } = draft;
  return (
    <>
      <CatalogueSelect catalogues={catalogues} value={draft.catalogue} onChange={(id) => change({ catalogue: id })} />
      <div className="grid2">
        <Field label={t("joint.ownDataset")}>
          <Select
            value={dataset?.id ?? null}
            aria-label={t("joint.ownDataset")}
            options={datasets.map((each) => ({ value: each.id, label: each.name }))}
            onChange={(id) => {
              const chosen = datasets.find((each) => each.id === id);
              change({ ...sideOf(chosen), idsMax: Math.max(1, chosen?.rowCount ?? 1) });
            }}
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
          value={columns}
          onChange={(names) => change({ columns: names })}
        />
      </div>
    </>
  );
}
