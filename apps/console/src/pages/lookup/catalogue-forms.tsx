import type { Model } from "@tombolo/sdk";
import { Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { NumberField } from "../../components/fields.tsx";
import { Card } from "../../components/page.tsx";
import { PartnerSelect, useChosenPartner } from "../../components/partner-select.tsx";
import { useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useAct } from "../../lib/queries.ts";
import { recordsOf } from "../query-tables/draft.ts";
import { CatalogueSelect, CheckButton, Checked, current, partnerOf } from "./fields.tsx";
import { columnsOf, noRecords, noTable, RecordFields, TableFields } from "./table-fields.tsx";

interface Rules {
  readonly idsMax: number;
  readonly days: number;
  readonly padTo: number;
  readonly duplicates: "refuse" | "remove";
  readonly empty: "refuse" | "remove";
}
const usualRules: Rules = { idsMax: 1_000_000, days: 30, padTo: 1000, duplicates: "refuse", empty: "refuse" };

/** A catalogue of a partner's table, to be kept here. */
export function MakeForm() {
  const { t } = useTranslation();
  const { own } = useParties();
  const [chosen, setParty] = useState<string | undefined>();
  const [projectId, setProjectId] = useState<string | undefined>();
  const [table, setTable] = useState(noTable);
  const [records, setRecords] = useState(noRecords);
  const [rules, setRules] = useState(usualRules);
  const [stays, setStays] = useState(false);
  const check = useAct("catalogueFlow", { inline: true });
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      check.reset();
    };
  const party = useChosenPartner(chosen);
  const run = () => {
    if (party === undefined || projectId === undefined || table.dataset === undefined) return;
    const host = { partyId: party, datasetId: table.dataset.id, keys: [...table.keys] };
    const name = t("lookup.defaultName.make", { party });
    const columns = recordsOf(table.dataset, columnsOf(records, table), records.bytes);
    check.mutate({ body: { projectId, name, host, stays, parameters: { ...rules, columns } } });
  };
  return (
    <>
      <Card>
        <div className="stack">
          <div className="grid2">
            <PartnerSelect
              label={t("lookup.partner")}
              value={party}
              onChange={(next) => {
                setParty(next);
                changed(setTable)(noTable);
              }}
            />
            <ProjectSelect
              value={projectId}
              members={party === undefined ? [own] : [own, party]}
              onChange={changed(setProjectId)}
            />
            {party !== undefined && (
              <TableFields party={party} projectId={projectId} table={table} change={changed(setTable)} />
            )}
          </div>
          {table.dataset !== undefined && (
            <RecordFields table={table} records={records} hint={t("lookup.answersHint")} change={changed(setRecords)} />
          )}
          <RuleFields rules={rules} change={changed(setRules)} />
          <StaysField stays={stays} change={changed(setStays)} />
          <CheckButton
            ready={projectId !== undefined && table.dataset !== undefined && table.keys.length > 0}
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

export function StaysField({ stays, change }: { stays: boolean; change(stays: boolean): void }) {
  const { t } = useTranslation();
  return <Toggle label={t("lookup.stays")} hint={t("lookup.staysHint")} checked={stays} onChange={change} />;
}

function RuleFields({ rules, change }: { rules: Rules; change(rules: Rules): void }) {
  const { t } = useTranslation();
  const set = (next: Partial<Rules>) => change({ ...rules, ...next });
  return (
    <>
      <div className="grid3">
        <NumberField
          label={t("lookup.epochIds")}
          hint={t("lookup.epochIdsHint")}
          value={rules.idsMax}
          max={1e9}
          onChange={(idsMax) => set({ idsMax })}
        />
        <NumberField label={t("lookup.days")} value={rules.days} max={366} onChange={(days) => set({ days })} />
        <NumberField
          label={t("lookup.padTo")}
          hint={t("lookup.padToHint")}
          value={rules.padTo}
          max={1e7}
          onChange={(padTo) => set({ padTo })}
        />
      </div>
      <div className="grid2">
        {(["duplicates", "empty"] as const).map((key) => (
          <Field key={key} label={t(`match.${key}`)} group>
            <Radio.Group
              className="column"
              value={rules[key]}
              options={(["refuse", "remove"] as const).map((value) => ({ value, label: t(`match.${key}Of.${value}`) }))}
              onChange={(event) => set({ [key]: event.target.value as Rules["empty"] })}
            />
          </Field>
        ))}
      </div>
    </>
  );
}

/** The next version of one that is here, from what the partner's table is now. */
export function RefreshForm({ catalogues }: { catalogues: readonly Model[] }) {
  const { t } = useTranslation();
  const [id, setId] = useState(current(catalogues));
  const [table, setTable] = useState(noTable);
  const check = useAct("catalogueFlow", { inline: true });
  const catalogue = catalogues.find((each) => each.id === id);
  const run = () => {
    if (catalogue === undefined || table.dataset === undefined) return;
    const host = { partyId: partnerOf(catalogue), datasetId: table.dataset.id, keys: [...table.keys] };
    const name = t("lookup.defaultName.refresh", { name: catalogue.name }).slice(0, 200);
    check.mutate({ body: { name, host, previous: catalogue.id } });
  };
  return (
    <>
      <Card>
        <div className="stack">
          <CatalogueSelect
            catalogues={catalogues}
            value={id}
            onChange={(next) => {
              setId(next);
              setTable(noTable);
              check.reset();
            }}
          />
          {catalogue !== undefined && (
            <div className="grid2">
              <TableFields
                party={partnerOf(catalogue)}
                projectId={undefined}
                table={table}
                change={(next) => {
                  setTable(next);
                  check.reset();
                }}
              />
            </div>
          )}
          <CheckButton
            ready={catalogue !== undefined && table.dataset !== undefined && table.keys.length > 0}
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
