/** What a permit allows, decided at the party that gave it. Every refusal names its rule. */
import { TomboloError } from "@tombolo/base";
import type { ModelPermit, ModelUse } from "@tombolo/sdk";
import type { PermitRow } from "./rows.ts";

export function permitState({ status, terms, rows_left: left }: PermitRow, now: Date): ModelPermit["status"] {
  if (status !== "ACTIVE") return status;
  if (Date.parse(terms.expiresAt) <= now.getTime()) return "EXPIRED";
  return left === 0 ? "USED_UP" : "ACTIVE";
}

export interface WantedUse {
  readonly use: ModelUse;
  readonly rows: number;
  readonly manifestHash: string | null;
  readonly now: Date;
}

/**
 * The permit that a use draws on; null where this party never decided about the version, so that the job's own consent
 * counts. Throws `consent.*` naming the rule by which the nearest permit does not allow it.
 */
export function choosePermit(permits: readonly PermitRow[], wanted: WantedUse, party: string): PermitRow | null {
  const decided = permits.filter(({ status }) => status === "ACTIVE" || status === "WITHDRAWN");
  if (decided.length === 0) return null;
  const refusals = decided.map((permit) => ({ permit, why: refusal(permit, wanted) }));
  const allowed = refusals.find(({ why }) => why === null);
  if (allowed !== undefined) return allowed.permit;
  // The one that came closest says best what to do.
  const [rule, message] = refusals.map(({ why }) => why!).sort((a, b) => RULES.indexOf(b[0]) - RULES.indexOf(a[0]))[0]!;
  throw new TomboloError(`consent.${rule}`, message, {
    blame: party,
    remedy: `Ask ${party} for a new permit.`,
  });
}

/** In the order in which they are looked at. */
const RULES = ["permit-withdrawn", "permit-model", "permit-expired", "permit-use", "permit-used-up"] as const;
type Rule = (typeof RULES)[number];

function refusal(permit: PermitRow, { use, rows, manifestHash, now }: WantedUse): readonly [Rule, string] | null {
  const { terms, rows_left: left } = permit;
  const name = `the permit for "${terms.purpose}"`;
  if (permit.status === "WITHDRAWN") return ["permit-withdrawn", `${name} was withdrawn`];
  if (permit.manifest_hash !== manifestHash)
    return ["permit-model", `${name} is for the model as it was before it was trained anew`];
  if (Date.parse(terms.expiresAt) <= now.getTime()) return ["permit-expired", `${name} has expired`];
  if (!terms.use.includes(use)) return ["permit-use", `${name} does not allow ${use} use`];
  if (left !== null && (left === 0 || left < rows))
    return ["permit-used-up", `${name} has ${left} rows left, and ${Math.max(1, rows)} are to be scored`];
  return null;
}
