/** What an owner fills in to publish a query table, and the grants that come of it. */
import type { CallInput, Dataset, QueryTable, QueryTerms } from "@tombolo/sdk";
import { DAY_MS, endOf, localDay } from "../../lib/days.ts";
import { columnsIn } from "../../lib/sides.ts";

export interface Draft {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly bytes: number;
  readonly partners: readonly string[];
  readonly projectId: string | undefined;
  readonly idsPerDay: number | null;
  readonly idsMax: number;
  readonly day: string;
  readonly padTo: number;
  readonly authorisationRequired: boolean;
  readonly purpose: string;
  readonly message: string;
}

const USUAL_DAYS = 90;
/** A version of the catalogue takes one; a lookup or a service none. */
const USES = 100;

export const emptyDraft = (): Draft => ({
  ...{ dataset: undefined, keys: [], columns: [], bytes: 64, partners: [], projectId: undefined },
  ...{ idsPerDay: 1000, idsMax: 100_000, day: localDay(Date.now() + USUAL_DAYS * DAY_MS), padTo: 1000 },
  ...{ authorisationRequired: false, purpose: "", message: "" },
});

/** The same once more, from what the dataset is now. */
export function draftOf({ grant: { terms } }: QueryTable, datasets: readonly Dataset[]): Draft {
  const query = terms.query!;
  const { idsMax, idsPerDay, padTo } = query;
  return {
    ...emptyDraft(),
    dataset: datasets.find(({ id }) => id === terms.datasetId),
    keys: query.keys,
    columns: query.columns.map(({ column }) => column),
    bytes: query.columns.find(({ kind }) => kind === "text")?.bytes ?? 64,
    partners: terms.partners,
    projectId: terms.projectId ?? undefined,
    ...{ idsMax, idsPerDay, padTo, purpose: terms.purpose },
    authorisationRequired: query.authorisationRequired === true,
  };
}

export const withDataset = (draft: Draft, dataset: Dataset | undefined): Draft => ({
  ...draft,
  dataset,
  keys: dataset === undefined ? [] : columnsIn(dataset, "id").slice(0, 1),
  columns: [],
});

const isNumber = (dataset: Dataset, name: string): boolean =>
  ["number", "integer"].includes(dataset.columns.find((each) => each.name === name)?.type ?? "");

/** What a record can hold: figures and texts. */
export const answerable = ({ columns }: Dataset): string[] =>
  columns
    .filter(({ type, role }) => role !== "ignored" && ["number", "integer", "text"].includes(type))
    .map(({ name }) => name);

export const unanswerable = (dataset: Dataset): string[] => {
  const kept = answerable(dataset);
  return dataset.columns.map(({ name }) => name).filter((name) => !kept.includes(name));
};

export const hasTexts = ({ dataset, columns }: Pick<Draft, "dataset" | "columns">): boolean =>
  dataset !== undefined && columns.some((name) => !isNumber(dataset, name));

type Body = CallInput<"requestGrant">["body"];

/** What a record holds of each column. */
export const recordsOf = (dataset: Dataset, columns: readonly string[], bytes: number): QueryTerms["columns"] =>
  columns.map((column) =>
    isNumber(dataset, column)
      ? { column, kind: "number" as const, bytes: 32 }
      : { column, kind: "text" as const, bytes },
  );

function queryOf(draft: Draft, dataset: Dataset): QueryTerms {
  const { keys, columns, bytes, padTo, idsMax, idsPerDay, authorisationRequired } = draft;
  return {
    keys: [...keys],
    columns: recordsOf(dataset, columns, bytes),
    ...{ padTo, idsMax, idsPerDay },
    ...(authorisationRequired ? { authorisationRequired } : {}),
  };
}

/** Components that the rows may reach, as the node knows them for each kind. */
const componentsOf = (columns: readonly string[]): string[] =>
  columns.length > 0
    ? ["match-catalogue", "query-prepare", "query-keyword", "query-serve", "query-serve-hidden"]
    : ["match-catalogue", "query-prepare", "match-lookup", "query-verify", "verify-serve", "verify-serve-hidden"];

/** One for each partner; undefined while something is missing. */
export function grantsOf(draft: Draft, own: string): Body[] | undefined {
  const { dataset, keys, columns, partners, projectId, purpose } = draft;
  const expiresAt = endOf(draft.day);
  const whole = keys.length > 0 && partners.length > 0 && purpose.trim() !== "" && expiresAt !== undefined;
  if (dataset === undefined || projectId === undefined || !whole) return undefined;
  return partners.map((partner) => ({
    owner: own,
    datasetId: dataset.id,
    partners: [partner],
    projectId,
    components: componentsOf(columns),
    columns: [...keys, ...columns],
    filter: null,
    purpose: purpose.trim(),
    use: ["score"],
    receivers: [partner, own],
    expiresAt,
    uses: USES,
    standing: false,
    query: queryOf(draft, dataset),
    message: draft.message,
  }));
}
