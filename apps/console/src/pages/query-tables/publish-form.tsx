import { useQueryClient } from "@tanstack/react-query";
import type { Dataset } from "@tombolo/sdk";
import { App, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field, Toggle } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { ColumnsField, MessageField, NumberField } from "../../components/fields.tsx";
import { Card } from "../../components/page.tsx";
import { usePartners } from "../../components/partner-select.tsx";
import { useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { call } from "../../lib/client.ts";
import { localDay } from "../../lib/days.ts";
import { onFailure, useRead } from "../../lib/queries.ts";
import { type Draft, emptyDraft, grantsOf, hasTexts, unanswerable, withDataset } from "./draft.ts";

interface PartProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

/** Publishes the dictionary if it is not yet, then asks for a grant for each partner. */
function usePublish(draft: Draft, done: () => void) {
  const { t } = useTranslation();
  const { own } = useParties();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>();
  const bodies = grantsOf(draft, own);
  const publish = async () => {
    if (bodies === undefined || draft.dataset === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      const { id, published, visibility } = draft.dataset;
      if (!published) await call("publishDataset", { params: { id }, body: { published: true, visibility } });
      for (const body of bodies) await call("requestGrant", { body });
      void message.success(t("queryTables.sent"));
      done();
    } catch (caught) {
      onFailure(caught);
      setError(caught instanceof Error ? caught : new Error(String(caught)));
    } finally {
      setBusy(false);
      for (const read of ["listQueryTables", "listGrants", "listApprovals", "listDatasets"])
        void queries.invalidateQueries({ queryKey: [read] });
    }
  };
  return { ready: bodies !== undefined, busy, error, publish };
}

/** Which table, which keys and answers, who, how often: one form. */
export function PublishForm({ first, onDone }: { first: Draft | undefined; onDone(): void }) {
  const { t } = useTranslation();
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  const [draft, setDraft] = useState<Draft>(() => first ?? emptyDraft());
  const change = (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next }));
  const { ready, busy, error, publish } = usePublish(draft, onDone);
  return (
    <>
      <WhichTable draft={draft} datasets={datasets} change={change} setDraft={setDraft} />
      <Who draft={draft} change={change} />
      <HowOften draft={draft} change={change} />
      <Card>
        <div className="stack">
          <MessageField own value={draft.message} onChange={(message) => change({ message })} />
          {error !== undefined && <CallFailure error={error} />}
          <div>
            <Act
              type="primary"
              needs="grants:request"
              because={ready ? undefined : t("queryTables.missing")}
              loading={busy}
              onClick={() => void publish()}
            >
              {t("queryTables.send")}
            </Act>
          </div>
        </div>
      </Card>
    </>
  );
}

interface WhichTableProps extends PartProps {
  readonly datasets: readonly Dataset[];
  setDraft(change: (before: Draft) => Draft): void;
}

function WhichTable({ draft, datasets, change, setDraft }: WhichTableProps) {
  const { t } = useTranslation();
  const { dataset, keys, columns } = draft;
  return (
    <Card title={t("queryTables.table")}>
      <div className="grid2">
        <Field label={t("queryTables.dataset")} hint={t("queryTables.datasetHint")}>
          <Select
            value={dataset?.id ?? null}
            aria-label={t("queryTables.dataset")}
            options={datasets.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) =>
              setDraft((before) =>
                withDataset(
                  before,
                  datasets.find((each) => each.id === id),
                ),
              )
            }
          />
        </Field>
        <ColumnsField
          label={t("queryTables.keys")}
          hint={t("queryTables.keysHint")}
          dataset={dataset}
          without={columns}
          value={keys}
          onChange={(next) => change({ keys: next })}
        />
        <ColumnsField
          optional
          label={t("queryTables.columns")}
          hint={t("queryTables.columnsHint")}
          dataset={dataset}
          without={dataset === undefined ? [] : [...keys, ...unanswerable(dataset)]}
          value={columns}
          onChange={(next) => change({ columns: next })}
        />
        {hasTexts(draft) && (
          <NumberField
            label={t("queryTables.bytes")}
            hint={t("queryTables.bytesHint")}
            value={draft.bytes}
            max={1024}
            onChange={(bytes) => change({ bytes })}
          />
        )}
      </div>
    </Card>
  );
}

function Who({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const partners = usePartners();
  return (
    <Card title={t("queryTables.who")}>
      <div className="grid2">
        <Field label={t("queryTables.partners")} hint={t("queryTables.partnersHint")}>
          <Select
            mode="multiple"
            value={[...draft.partners]}
            aria-label={t("queryTables.partners")}
            options={partners.map((value) => ({ value, label: value }))}
            onChange={(next: string[]) => change({ partners: next })}
          />
        </Field>
        <ProjectSelect
          value={draft.projectId}
          members={[own, ...draft.partners]}
          onChange={(projectId) => change({ projectId })}
        />
        <Field label={t("queryTables.purpose")} hint={t("queryTables.purposeHint")}>
          <Input
            maxLength={200}
            value={draft.purpose}
            aria-label={t("queryTables.purpose")}
            onChange={(event) => change({ purpose: event.target.value })}
          />
        </Field>
        <Field label={t("queryTables.until")}>
          <Input
            type="date"
            value={draft.day}
            min={localDay(Date.now())}
            aria-label={t("queryTables.until")}
            onChange={(event) => change({ day: event.target.value })}
          />
        </Field>
      </div>
    </Card>
  );
}

function HowOften({ draft, change }: PartProps) {
  const { t } = useTranslation();
  return (
    <Card title={t("queryTables.often")}>
      <div className="stack">
        <div className="grid3">
          <NumberField
            label={t("queryTables.idsPerDay")}
            hint={t("queryTables.idsPerDayHint")}
            optional
            value={draft.idsPerDay}
            max={1e9}
            onChange={(idsPerDay) => change({ idsPerDay })}
          />
          <NumberField
            label={t("queryTables.idsMax")}
            hint={t("queryTables.idsMaxHint")}
            value={draft.idsMax}
            max={1e9}
            onChange={(idsMax) => change({ idsMax })}
          />
          <NumberField
            label={t("queryTables.padTo")}
            hint={t("queryTables.padToHint")}
            value={draft.padTo}
            max={1e7}
            onChange={(padTo) => change({ padTo })}
          />
        </div>
        <Toggle
          label={t("authorisation.require")}
          hint={t("authorisation.requireHint")}
          checked={draft.authorisationRequired}
          onChange={(authorisationRequired) => change({ authorisationRequired })}
        />
      </div>
    </Card>
  );
}
