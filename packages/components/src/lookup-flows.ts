/** The flows behind the lookup forms: a catalogue of a partner's table, or its next version, and questions to it. */
import type { FlowDraft } from "./flows.ts";

export interface CatalogueForm {
  readonly name: string;
  readonly host: { readonly partyId: string; readonly datasetId: string; readonly keys: readonly string[] };
  /** The catalogue to bring up to date; null: a new one. */
  readonly previous: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Only the host reads a table: who will ask keeps the catalogue and shows nothing. */
export function catalogueFlow({ name, host, previous, parameters }: CatalogueForm, guest: string): FlowDraft {
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
        component: "match-catalogue",
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
  readonly idsMax: number;
}

export function lookupFlow(
  { name, catalogue, guest: own, idsMax }: LookupForm,
  guest: string,
  host: string,
): FlowDraft {
  const { datasetId, keys, columns } = own;
  return {
    ...between(name, guest, host),
    tasks: {
      read: {
        component: "read-table",
        parties: [guest],
        partyParameters: { [guest]: { dataset: datasetId, keys, columns } },
      },
      lookup: {
        component: "match-lookup",
        inputs: { data: "read.data", catalogue: `model:${catalogue}` },
        parameters: { idsMax },
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
  readonly until: string;
  /** More of the serving component. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A catalogue put to use: questions one by one, as callers ask them. */
export function questionServiceFlow(
  { name, catalogue, columns, keyParts, until, parameters }: QuestionServiceForm,
  guest: string,
  host: string,
): FlowDraft {
  const verifies = columns.length === 0;
  return {
    ...between(name, guest, host),
    tasks: {
      serve: {
        component: verifies ? "verify-serve" : "query-serve",
        inputs: { catalogue: `model:${catalogue}` },
        parameters: { ...parameters, ...(verifies ? {} : { columns }), keyParts, until },
      },
    },
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
