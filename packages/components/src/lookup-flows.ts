/** The flows behind the lookup forms: a catalogue of a partner's table, or its next version, and questions to it. */

import type { Authorisation } from "./authorisation.ts";
import type { FlowDraft, TaskDraft } from "./flows.ts";
import type { QueryForm } from "./hidden/choose.ts";
import type { Reason } from "./hidden/reasons.ts";

export interface CatalogueForm {
  readonly name: string;
  readonly host: { readonly partyId: string; readonly datasetId: string; readonly keys: readonly string[] };
  /** The catalogue to bring up to date; null: a new one. */
  readonly previous: string | null;
  /** The table stays with its owner, and is asked by hidden retrieval alone; false: sealed entries are handed over. */
  readonly stays: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Only the host reads a table: who will ask keeps the catalogue and shows nothing. */
export function catalogueFlow({ name, host, previous, stays, parameters }: CatalogueForm, guest: string): FlowDraft {
  const { partyId, datasetId, keys } = host;
  return {
    ...between(name, guest, partyId),
    tasks: {
      read: {
        component: "read-table",
        parties: [partyId],
        partyParameters: { [partyId]: { dataset: datasetId, keys, columns: columnsIn(parameters) } },
      },
      catalogue: {
        component: stays ? "query-prepare" : "match-catalogue",
        inputs: { data: "read.data", ...(previous === null ? {} : { previous: `model:${previous}` }) },
        parameters: { ...parameters },
      },
    },
  };
}

/** Names of the columns that go into the records; the component's schema says what else is wrong with them. */
const columnsIn = ({ columns }: Readonly<Record<string, unknown>>): string[] =>
  Array.isArray(columns)
    ? columns.flatMap((each: { readonly column?: unknown }) => (typeof each?.column === "string" ? [each.column] : []))
    : [];

export interface LookupForm {
  readonly name: string;
  readonly catalogue: string;
  readonly guest: { readonly datasetId: string; readonly keys: readonly string[]; readonly columns: readonly string[] };
  /** Names of all columns in the catalogue's records; none: which keys are there. */
  readonly columns: readonly string[];
  /** Of a catalogue without records: yes or no beside every row, in place of the rows that are there. */
  readonly verify: boolean;
  readonly idsMax: number;
  readonly authorisation: Authorisation | null;
}

export function lookupFlow(
  { name, catalogue, guest: own, columns: answers, verify, idsMax, authorisation }: LookupForm,
  guest: string,
  host: string,
): FlowDraft {
  const { datasetId, keys, columns } = own;
  const component = answers.length > 0 ? "query-keyword" : verify ? "query-verify" : "match-lookup";
  return {
    ...between(name, guest, host),
    tasks: {
      read: {
        component: "read-table",
        parties: [guest],
        partyParameters: { [guest]: { dataset: datasetId, keys, columns } },
      },
      lookup: {
        component,
        inputs: { data: "read.data", catalogue: `model:${catalogue}` },
        parameters: { ...(answers.length > 0 ? { columns: answers } : {}), idsMax, authorisation },
      },
    },
  };
}

export interface QuestionServiceForm {
  readonly name: string;
  readonly catalogue: string;
  /** Names of the columns in the catalogue's records; none: verification. */
  readonly columns: readonly string[];
  /** As many as the id columns that the catalogue was made of. */
  readonly keyParts: number;
  /** The table stayed with its owner. */
  readonly stays: boolean;
  readonly until: string;
  /** More of the serving component. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A catalogue put to use: questions one by one, as callers ask them. */
export function questionServiceFlow(
  { name, catalogue, columns, keyParts, stays, until, parameters }: QuestionServiceForm,
  guest: string,
  host: string,
): FlowDraft {
  const verifies = columns.length === 0;
  return {
    ...between(name, guest, host),
    tasks: {
      serve: {
        component: `${verifies ? "verify-serve" : "query-serve"}${stays ? "-hidden" : ""}`,
        inputs: { catalogue: `model:${catalogue}` },
        parameters: { ...parameters, ...(verifies ? {} : { columns }), keyParts, until },
      },
    },
  };
}

export interface QueryFlowForm {
  readonly name: string;
  readonly guest: { readonly datasetId: string; readonly keys: readonly string[]; readonly columns: readonly string[] };
  readonly host: { readonly partyId: string; readonly datasetId: string; readonly keys: readonly string[] };
  /** What to get of the host's rows; none: which keys are there. */
  readonly columns: readonly { readonly column: string; readonly kind: "number" | "text"; readonly bytes: number }[];
  readonly form: QueryForm;
  readonly reason: Reason;
  /** Who keeps the copy, of the form with two servers. */
  readonly keeper: string | null;
  readonly idsMax: number;
  readonly padTo: number;
  readonly authorisation: Authorisation | null;
}

const COMPONENTS = {
  simple: "query-hidden",
  "two-server": "query-two-server",
  "oblivious-transfer": "query-transfer",
} as const;

/** A question to a partner's table that is made ready for it alone, in the form that was chosen. */
export function queryFlow(form: QueryFlowForm, guest: string): FlowDraft {
  const { name, host, keeper } = form;
  const flow = between(name, guest, host.partyId);
  const copies = form.form === "two-server" && keeper !== null;
  return {
    ...flow,
    parties: [...flow.parties, ...(copies ? [{ party: keeper, role: "arbiter" }] : [])],
    tasks: {
      read: readBoth(form, guest),
      ...(form.form === "keyword" ? askedByCatalogue(form) : askedHidden(form, form.form)),
    },
  };
}

function readBoth({ guest: own, host, columns }: QueryFlowForm, guest: string): TaskDraft {
  return {
    component: "read-table",
    parties: [guest, host.partyId],
    partyParameters: {
      [guest]: { dataset: own.datasetId, keys: own.keys, columns: own.columns },
      [host.partyId]: { dataset: host.datasetId, keys: host.keys, columns: columns.map(({ column }) => column) },
    },
  };
}

function askedHidden(
  { columns, reason, idsMax, padTo, authorisation }: QueryFlowForm,
  form: Exclude<QueryForm, "keyword">,
): FlowDraft["tasks"] {
  const parameters = { columns, reason, idsMax, padTo, authorisation };
  return { query: { component: COMPONENTS[form], inputs: { data: "read.data" }, parameters } };
}

function askedByCatalogue({ columns, idsMax, padTo, authorisation }: QueryFlowForm): FlowDraft["tasks"] {
  const names = columns.map(({ column }) => column);
  const inputs = { data: "read.data", catalogue: "catalogue.catalogue" };
  return {
    catalogue: {
      component: "match-catalogue",
      inputs: { data: "read.data" },
      parameters: { columns, idsMax, days: 1 },
    },
    query:
      names.length === 0
        ? { component: "match-lookup", inputs, parameters: { idsMax, authorisation } }
        : { component: "query-keyword", inputs, parameters: { columns: names, idsMax, padTo, authorisation } },
  };
}

const between = (name: string, guest: string, host: string): Omit<FlowDraft, "tasks"> => ({
  version: "1",
  name,
  parties: [
    { party: guest, role: "guest" },
    { party: host, role: "host" },
  ],
  seed: 7,
});
