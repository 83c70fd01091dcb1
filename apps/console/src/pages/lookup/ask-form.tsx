import type { Dataset, Model } from "@tombolo/sdk";
import { Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { useAct } from "../../lib/queries.ts";
import { type ReferenceDraft, referenceOf } from "../../lib/reference.ts";
import { sideOf } from "../../lib/sides.ts";
import type { Handed } from "../ask/handed.ts";
import { CatalogueSelect, CheckButton, Checked, current, partnerOf } from "./fields.tsx";
import { HandedFile } from "./handed-file.tsx";
import { type Made, useMade } from "./made.ts";
import { OwnFields } from "./own-fields.tsx";
import { PlanCard } from "./plan-card.tsx";
import { ReferencePart } from "./reference.tsx";

interface Draft {
  readonly catalogue: string | undefined;
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly idsMax: number;
  /** Yes or no beside each row. */
  readonly verify: boolean;
  readonly reference: ReferenceDraft | undefined;
}

interface AskFormProps {
  readonly catalogues: readonly Model[];
  /** Chosen already. */
  readonly first: string | undefined;
  readonly handed: Handed | undefined;
}

/** As it stands once a dataset is chosen; keys that were handed over stay where it has them. */
function withDataset(dataset: Dataset | undefined, handed: Handed | undefined): Partial<Draft> {
  const known = new Set(dataset?.columns.map(({ name }) => name));
  const keys = handed?.keys.every((name) => known.has(name)) === true ? handed.keys : undefined;
  return {
    ...sideOf(dataset),
    ...(keys === undefined ? {} : { keys }),
    idsMax: Math.max(1, handed?.count ?? 0, dataset?.rowCount ?? 1),
  };
}

/** Own ids to a catalogue that is here. */
export function AskForm({ catalogues, first, handed }: AskFormProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>({
    ...sideOf(undefined),
    catalogue:
      catalogues.find(({ id, supersededBy }) => id === first && supersededBy === null)?.id ?? current(catalogues),
    idsMax: Math.max(1, handed?.count ?? 1),
    verify: handed?.verify ?? false,
    reference: undefined,
  });
  const check = useAct("lookupFlow", { inline: true });
  const change = (next: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...next }));
    check.reset();
  };
  const { dataset, keys, columns, idsMax, verify } = draft;
  const catalogue = catalogues.find(({ id }) => id === draft.catalogue);
  const made = useMade(catalogue);
  const authorisation = draft.reference === undefined ? null : referenceOf(draft.reference);
  const run = () => {
    if (catalogue === undefined || dataset === undefined || authorisation === undefined) return;
    const guest = { datasetId: dataset.id, keys: [...keys], columns: columns.filter((name) => !keys.includes(name)) };
    const name = t("lookup.defaultName.ask", { party: partnerOf(catalogue) });
    check.mutate({ body: { name, catalogue: catalogue.id, guest, idsMax, verify, authorisation } });
  };
  return (
    <>
      {handed !== undefined && dataset === undefined && (
        <HandedFile handed={handed} onDataset={(next) => change(withDataset(next, handed))} />
      )}
      <Card>
        <div className="stack">
          <CatalogueSelect
            catalogues={catalogues}
            value={draft.catalogue}
            onChange={(id) => change({ catalogue: id, reference: undefined })}
          />
          {made !== undefined && <Answers made={made} verify={verify} onChange={(next) => change({ verify: next })} />}
          <OwnFields own={draft} change={change} onDataset={(next) => change(withDataset(next, handed))} />
          <ReferencePart
            party={catalogue === undefined ? "" : partnerOf(catalogue)}
            datasetId={made?.datasetId}
            value={draft.reference}
            onChange={(reference) => change({ reference })}
          />
          <CheckButton
            ready={catalogue !== undefined && dataset !== undefined && keys.length > 0}
            because={authorisation === undefined ? t("authorisation.missing") : undefined}
            busy={check.isPending}
            error={check.error}
            run={run}
          />
        </div>
      </Card>
      <Checked check={check.data} beside={check.data && <PlanCard plan={check.data.plan} />} />
    </>
  );
}

/** What a key that is there answers with; where it is nothing, what becomes of the rows. */
function Answers({ made, verify, onChange }: { made: Made; verify: boolean; onChange(verify: boolean): void }) {
  const { t } = useTranslation();
  const keys = made.keys.join(" + ");
  if (made.columns.length > 0)
    return <p className="soft">{t("queryTables.what", { keys, columns: made.columns.join(", ") })}</p>;
  return (
    <Field label={t("lookup.gives")} group>
      <Radio.Group
        className="column"
        value={verify}
        options={[
          { value: false, label: t("lookup.givesOf.rows") },
          { value: true, label: t("lookup.givesOf.verify") },
        ]}
        onChange={(event) => onChange(event.target.value as boolean)}
      />
    </Field>
  );
}
