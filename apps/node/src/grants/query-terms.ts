/** A grant of a query table: only catalogues as its owner drew them up, and as many ids as its owner said. */
import { TomboloError } from "@tombolo/base";
import type { Flow } from "@tombolo/scheduler";
import type { QueryTerms } from "@tombolo/sdk";

/** A catalogue as a flow would make it of one dataset. */
export interface CatalogueUse {
  readonly keys: readonly string[];
  readonly columns: QueryTerms["columns"];
  readonly padTo: number;
  /** In an epoch. */
  readonly idsMax: number;
}

/** What makes a table ready to be asked: handed over under seal, or staying with its owner. */
const CATALOGUES: readonly string[] = ["match-catalogue", "query-prepare"];

/** Components that a query table's rows may reach; carriers aside. */
export const queryComponents = ({ columns }: Pick<QueryTerms, "columns">): string[] =>
  columns.length > 0
    ? [...CATALOGUES, "query-keyword", "query-serve", "query-serve-hidden"]
    : [...CATALOGUES, "match-lookup", "query-verify", "verify-serve", "verify-serve-hidden"];

/** What the flow makes of what `task` reads of the party's data. */
export function cataloguesIn(flow: Flow, party: string, task: string): CatalogueUse[] {
  const { keys = [] } = (flow.tasks[task]?.partyParameters[party] ?? {}) as { readonly keys?: readonly string[] };
  return Object.values(flow.tasks)
    .filter(({ component, inputs }) => CATALOGUES.includes(component) && inputs.data?.split(".")[0] === task)
    .map(({ parameters }) => {
      const { columns, padTo, idsMax } = parameters as unknown as Omit<CatalogueUse, "keys">;
      return { keys, columns, padTo, idsMax };
    });
}

/** Throws `consent.query` where a catalogue is none that these terms describe, or something else is made of the data. */
export function checkQuery(
  owner: string,
  datasetId: string,
  terms: QueryTerms,
  use: { readonly components: readonly string[]; readonly catalogues: readonly CatalogueUse[] },
): void {
  const wrong = use.catalogues.map((each) => faultOf(terms, each)).find((fault) => fault !== undefined);
  const others = use.components.filter((each) => each !== "read-table" && !CATALOGUES.includes(each));
  const fault = wrong ?? (others.length > 0 || use.catalogues.length === 0 ? "it is for catalogues alone" : undefined);
  if (fault === undefined) return;
  throw new TomboloError("consent.query", `the grant on ${datasetId} is of a query table: ${fault}`, {
    blame: owner,
    remedy: "Prepare the catalogue from what the owner offers, or ask for another grant.",
  });
}

function faultOf(terms: QueryTerms, { keys, columns, padTo, idsMax }: CatalogueUse): string | undefined {
  if (keys.join("\n") !== terms.keys.join("\n")) return `its keys are ${terms.keys.join(", ")}`;
  const told = (each: QueryTerms["columns"]): string =>
    each.map(({ column, kind, bytes }) => `${column} ${kind === "text" ? bytes : kind}`).join("\n");
  if (told(columns) !== told(terms.columns))
    return `it answers with ${terms.columns.map(({ column }) => column).join(", ") || "yes or no"}`;
  if (padTo < terms.padTo) return `sizes are told in steps of ${terms.padTo} at least`;
  return idsMax > terms.idsMax ? `at most ${terms.idsMax} ids may be asked` : undefined;
}
