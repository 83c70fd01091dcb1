import type { FlowTask } from "@tombolo/scheduler";
import type { Component } from "@tombolo/sdk";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ProblemList } from "../../components/failure.tsx";
import { AidedFields } from "../../components/field-aids.tsx";
import type { Schema, Values } from "../../components/parameter-schema.ts";
import { GrantState, grantOn } from "../../components/partner-datasets.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { columnsAt } from "./columns.ts";
import { changeTask } from "./draft.ts";
import { at, within } from "./faults.ts";
import { FoldedFields, faultyOf } from "./folded-fields.tsx";
import { chosenTable, useTables } from "./tables.ts";

interface PartyFieldsProps {
  readonly name: string;
  readonly task: FlowTask;
  readonly component: Component;
  readonly party: string;
  readonly role: string;
}

/** What one party says of a step: its table and columns, or whatever the component asks of each. */
export function PartyFields({ name, task, component, party, role }: PartyFieldsProps) {
  const { t } = useTranslation();
  const { draft, edit, faults, resolved, projectId } = useCanvas();
  const { own } = useParties();
  const tables = useTables(party);
  const grants = useRead("listGrants", {}).data?.items ?? [];
  const schema = component.partyParameters as Schema;
  const reads = schema.properties?.dataset !== undefined;
  const problems = faults.ofTask(name);
  const values: Values = task.partyParameters[party] ?? {};
  const table = tables?.find(({ id }) => id === values.dataset);
  const known = useMemo(() => columnsAt(draft.flow, name, party), [draft.flow, name, party]);
  const whole = at(problems, name, `partyParameters.${party}`);
  const change = (next: Values) => {
    const chosen = reads && next.dataset !== values.dataset ? tables?.find(({ id }) => id === next.dataset) : undefined;
    const granted = chosen === undefined || party === own ? [] : (grantOn(grants, chosen.id)?.terms.columns ?? []);
    const filled = chosen === undefined ? next : chosenTable(chosen, next, { label: role === "guest", granted });
    edit(
      (before) =>
        changeTask(before, name, {
          partyParameters: { ...before.flow.tasks[name]?.partyParameters, [party]: { ...filled } },
        }),
      `party ${name} ${party}`,
    );
  };
  return (
    <section className="stack tight">
      <h3>
        <Party id={party} role={role} bare />
      </h3>
      {whole.length > 0 && (
        <div className="failure">
          <ProblemList bare problems={whole} />
        </div>
      )}
      <AidedFields
        columns={reads ? (table?.columns.map((column) => column.name) ?? known) : known}
        datasets={reads ? tables?.map(({ id, name: called }) => ({ id, name: called })) : undefined}
        resolved={resolved?.tasks[name]?.partyParameters[party] ?? {}}
        faultsAt={(path) => within(problems, name, `partyParameters.${party}.${path}`)}
      >
        <FoldedFields
          schema={schema}
          values={values}
          faulty={faultyOf(problems, `tasks.${name}.partyParameters.${party}`)}
          onChange={change}
        />
      </AidedFields>
      {table !== undefined && party !== own && (
        <GrantState dataset={table} projectId={projectId} purpose={draft.flow.name} />
      )}
      {reads && tables === undefined && <p className="small muted">{t("canvas.ofParty", { party })}</p>}
    </section>
  );
}
