import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { PartnerSelect, useChosenPartner } from "../../components/partner-select.tsx";
import { useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useAct } from "../../lib/queries.ts";
import { type ReferenceDraft, referenceOf } from "../../lib/reference.ts";
import { sideOf } from "../../lib/sides.ts";
import { recordsOf } from "../query-tables/draft.ts";
import { CheckButton, Checked } from "./fields.tsx";
import { type Own, OwnFields } from "./own-fields.tsx";
import { PlanCard } from "./plan-card.tsx";
import { ReferencePart } from "./reference.tsx";
import { columnsOf, noRecords, noTable, RecordFields, type Records, type Table, TableFields } from "./table-fields.tsx";

const FORMS = ["auto", "keyword", "simple", "two-server", "oblivious-transfer"] as const;

interface Draft {
  readonly party: string | undefined;
  readonly projectId: string | undefined;
  readonly table: Table;
  readonly records: Records;
  readonly own: Own;
  readonly form: (typeof FORMS)[number];
  readonly stays: boolean;
  readonly keysPublic: boolean;
  readonly keeper: string | null;
  readonly reference: ReferenceDraft | undefined;
}
const empty: Draft = {
  ...{ party: undefined, projectId: undefined, table: noTable, records: noRecords, reference: undefined },
  ...{ form: "auto", stays: false, keysPublic: false, keeper: null },
  own: { ...sideOf(undefined), idsMax: 1 },
};

interface PartProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

function useOnce(draft: Draft) {
  const { t } = useTranslation();
  const check = useAct("queryFlow", { inline: true });
  const { party, projectId, table, records, own, form, stays, keysPublic, keeper, reference } = draft;
  const authorisation = reference === undefined ? null : referenceOf(reference);
  const sameKeys = own.keys.length > 0 && own.keys.length === table.keys.length;
  const run = () => {
    if (party === undefined || projectId === undefined || table.dataset === undefined) return;
    if (own.dataset === undefined || authorisation === undefined) return;
    check.mutate({
      body: {
        ...{ projectId, name: t("lookup.defaultName.ask", { party }) },
        guest: {
          datasetId: own.dataset.id,
          keys: [...own.keys],
          columns: own.columns.filter((name) => !own.keys.includes(name)),
        },
        host: { partyId: party, datasetId: table.dataset.id, keys: [...table.keys] },
        columns: recordsOf(table.dataset, columnsOf(records, table), records.bytes),
        ...{ form, stays, keysPublic, keeper, idsMax: own.idsMax, authorisation },
      },
    });
  };
  const whole = projectId !== undefined && table.dataset !== undefined && own.dataset !== undefined && sameKeys;
  return { check, run, whole, because: authorisation === undefined ? t("authorisation.missing") : undefined };
}

/** A question to a partner's table that is made ready for it alone; the node chooses the form. */
export function OnceForm() {
  const [given, setDraft] = useState(empty);
  const draft = { ...given, party: useChosenPartner(given.party) };
  const { check, run, whole, because } = useOnce(draft);
  const change = (next: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...next }));
    check.reset();
  };
  const { own, party, table, reference } = draft;
  return (
    <>
      <Card>
        <div className="stack">
          <Theirs draft={draft} change={change} />
          <OwnFields
            own={own}
            change={(next) => change({ own: { ...own, ...next } })}
            onDataset={(dataset) =>
              change({ own: { ...sideOf(dataset), idsMax: Math.max(1, dataset?.rowCount ?? 1) } })
            }
          />
          <Choice draft={draft} change={change} />
          <ReferencePart
            party={party ?? ""}
            datasetId={table.dataset?.id}
            value={reference}
            onChange={(next) => change({ reference: next })}
          />
          <CheckButton ready={whole} because={because} busy={check.isPending} error={check.error} run={run} />
        </div>
      </Card>
      <Checked check={check.data} beside={check.data && <PlanCard plan={check.data.plan} />} />
    </>
  );
}

/** Whose table, in which project, and what of its rows. */
function Theirs({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const { party, projectId, table, records, keeper } = draft;
  return (
    <>
      <div className="grid2">
        <PartnerSelect
          label={t("lookup.partner")}
          value={party}
          onChange={(next) => change({ party: next, table: noTable, keeper: keeper === next ? null : keeper })}
        />
        <ProjectSelect
          value={projectId}
          members={[own, party, keeper].filter((each) => each != null)}
          onChange={(id) => change({ projectId: id })}
        />
        {party !== undefined && (
          <TableFields party={party} projectId={projectId} table={table} change={(next) => change({ table: next })} />
        )}
      </div>
      {table.dataset !== undefined && (
        <RecordFields
          table={table}
          records={records}
          hint={t("lookup.onceAnswersHint")}
          change={(next) => change({ records: next })}
        />
      )}
    </>
  );
}

/** What the node goes by when it chooses, or the form itself. */
function Choice({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const { party, form, stays, keysPublic, keeper } = draft;
  return (
    <div className="stack tight">
      <div className="grid2">
        <Field label={t("lookup.form")} hint={t("lookup.formHint")}>
          <Select
            value={form}
            aria-label={t("lookup.form")}
            options={FORMS.map((value) => ({ value, label: t(`lookup.formOf.${value}`) }))}
            onChange={(next) => change({ form: next })}
          />
        </Field>
        <PartnerSelect
          optional
          label={t("lookup.keeper")}
          hint={t("lookup.keeperHint")}
          without={party}
          value={keeper ?? undefined}
          onChange={(next) => change({ keeper: next ?? null, projectId: undefined })}
        />
      </div>
      <Toggle label={t("lookup.stays")} checked={stays} onChange={(next) => change({ stays: next })} />
      <Toggle label={t("lookup.keysPublic")} checked={keysPublic} onChange={(next) => change({ keysPublic: next })} />
    </div>
  );
}
