/**
 * What a grant allows, decided at the owner's own node whatever the initiator says. Every refusal names its rule.
 */
import { TomboloError } from "@tombolo/base";
import type { Grant, GrantTerms } from "@tombolo/sdk";
import { type CatalogueUse, checkQuery } from "./query-terms.ts";

/** How a job means to use one dataset. */
export interface IntendedUse {
  readonly initiator: string;
  readonly projectId: string;
  readonly datasetId: string;
  /** Every column read, keys and label included. */
  readonly columns: readonly string[];
  /** Components whose input comes from this dataset. */
  readonly components: readonly string[];
  /** What those components are for. */
  readonly uses: readonly ("train" | "score")[];
  /** Who learns anything about the owner's data. */
  readonly receivers: readonly string[];
  /** Those of the components whose partner gets values of rows as they are: of listed columns only, never of "all". */
  readonly handing: readonly string[];
  /** Those of the components that tell a partner names of columns behind its model. */
  readonly naming: readonly string[];
  /** Catalogues that are made of it. */
  readonly catalogues: readonly CatalogueUse[];
}

export interface GrantState {
  readonly id: string;
  readonly owner: string;
  readonly terms: GrantTerms;
  readonly status: Grant["status"];
  readonly usesLeft: number;
}

/** Components that only carry rows on; a grant need not list them. */
const CARRIERS: readonly string[] = ["read-table", "psi", "split", "export", "evaluate"];

/** Throws `consent.*` naming the first rule that forbids the use; `usesNeeded` 0 checks a use already debited. */
export function checkGrant(grant: GrantState, use: IntendedUse, now: Date, usesNeeded = 1): void {
  checkStatus(grant, now, usesNeeded);
  const { terms } = grant;
  const refuse = (rule: string, message: string, remedy: string): never => {
    throw new TomboloError(`consent.${rule}`, message, { blame: grant.owner, remedy });
  };
  const name = `the grant on ${terms.datasetId}`;
  if (terms.datasetId !== use.datasetId)
    refuse("dataset", `${name} is for another dataset`, "Ask for a grant on this dataset.");
  if (!terms.partners.includes(use.initiator))
    refuse("partner", `${name} is not for ${use.initiator}`, "Ask the owner for a grant of your own.");
  if (terms.projectId !== null && terms.projectId !== use.projectId)
    refuse("project", `${name} is for another project`, "Run the job in the project the grant names.");
  const columns = terms.columns.length === 0 ? [] : use.columns.filter((column) => !terms.columns.includes(column));
  if (columns.length > 0)
    refuse("columns", `${name} does not allow ${listed(columns)}`, "Leave the columns out, or ask for a wider grant.");
  if (use.handing.length > 0 && terms.columns.length === 0)
    refuse(
      "columns",
      `${name} does not list columns, as ${listed(use.handing)} needs`,
      "Ask for a grant that lists them.",
    );
  if (use.naming.length > 0 && terms.columnNames !== true)
    refuse(
      "column-names",
      `${name} does not allow ${listed(use.naming)} to tell names of columns`,
      "Let hosts' columns stay masked, or ask for a grant that allows to name them.",
    );
  const components =
    terms.components.length === 0
      ? []
      : use.components.filter((each) => !terms.components.includes(each) && !CARRIERS.includes(each));
  if (components.length > 0)
    refuse("components", `${name} does not allow ${listed(components)}`, "Ask for a grant that names the component.");
  const uses = use.uses.filter((each) => !terms.use.includes(each));
  if (uses.length > 0) refuse("use", `${name} does not allow to ${listed(uses)}`, "Ask for a grant of that use.");
  const receivers = use.receivers.filter((each) => each !== grant.owner && !terms.receivers.includes(each));
  if (receivers.length > 0)
    refuse("receivers", `${name} does not allow results to ${listed(receivers)}`, "Ask for a grant naming them.");
  if (terms.query !== undefined) checkQuery(grant.owner, terms.datasetId, terms.query, use);
}

function checkStatus(grant: GrantState, now: Date, usesNeeded: number): void {
  const because = (rule: string, message: string): never => {
    throw new TomboloError(`consent.${rule}`, message, {
      blame: grant.owner,
      remedy: "Ask the owner for a new grant.",
    });
  };
  const name = `the grant on ${grant.terms.datasetId}`;
  if (grant.status === "REVOKED") because("grant-revoked", `${name} was revoked`);
  if (grant.status === "SUSPENDED")
    throw new TomboloError("consent.grant-suspended", `${name} waits for its owner to confirm it after a restore`, {
      blame: grant.owner,
      remedy: "Ask an approver of the owner to confirm the grant.",
    });
  if (grant.status === "REJECTED" || grant.status === "REQUESTED") because("grant-missing", `${name} is not in force`);
  if (grant.status === "EXPIRED" || Date.parse(grant.terms.expiresAt) <= now.getTime())
    because("grant-expired", `${name} has expired`);
  if (usesNeeded > 0 && (grant.status === "USED_UP" || grant.usesLeft < usesNeeded))
    because("grant-used-up", `${name} has no uses left`);
}

const listed = (names: readonly string[]): string => names.slice(0, 20).join(", ");
