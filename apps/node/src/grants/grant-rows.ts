/** Grants in the store: reading, the part the owner signs, telling those who hold one. */
import { type Json, TomboloError } from "@tombolo/base";
import type { Grant as GrantView } from "@tombolo/sdk";
import { grantTerms } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { z } from "zod";
import { statementBytes } from "../consent/document.ts";
import type { NodeContext } from "../context.ts";
import type { Side } from "../partner/side.ts";
import type { PartnerTables } from "../store/tables/partners.ts";
import type { GrantState } from "./rules.ts";

export type Grant = Selectable<PartnerTables["grants"]>;

export const PATHS = {
  apply: "/v1/interconn/dataset/audit/apply",
  confirm: "/v1/interconn/dataset/audit/confirm",
} as const;

export const GRANT_ID = z.string().regex(/^grant-[a-z0-9]{16}$/);

/** The owner tells how it stands: decided, drawn on, revoked. */
export const confirmBody = z.strictObject({
  audit_id: GRANT_ID,
  status: z.enum(["ACTIVE", "REJECTED", "EXPIRED", "USED_UP", "REVOKED"]),
  terms: grantTerms,
  dataset_name: z.string().max(200),
  uses_left: z.number().int().min(0),
  decided_by: z.string().max(200).nullable(),
  reason: z.string().max(4000).nullable(),
  signature: z.string().max(100).nullable(),
});

export async function grantById({ store }: NodeContext, id: string): Promise<Grant> {
  const grant = await store.db.selectFrom("grants").selectAll().where("id", "=", id).executeTakeFirst();
  if (grant === undefined) throw new TomboloError("state.unknown", "there is no such grant");
  return grant;
}

export const listGrants = ({ store }: NodeContext): Promise<Grant[]> =>
  store.db.selectFrom("grants").selectAll().orderBy("created_at", "desc").execute();

export const grantState = (grant: Grant): GrantState => ({
  id: grant.id,
  owner: grant.owner,
  terms: grant.terms,
  status: grant.status,
  usesLeft: grant.uses_left,
});

export async function grantView(side: Side, grant: Grant): Promise<GrantView> {
  const uses = await side.store.db
    .selectFrom("grant_uses")
    .select("job_id")
    .distinct()
    .where("grant_id", "=", grant.id)
    .execute();
  return {
    id: grant.id,
    terms: grant.terms,
    owner: grant.owner,
    datasetName: grant.dataset_name,
    direction: grant.owner === side.config.party ? "given" : "received",
    status: grant.status,
    usesLeft: grant.uses_left,
    requestedBy:
      grant.requested_party === side.config.party
        ? grant.requested_by
        : `${grant.requested_by} (${grant.requested_party})`,
    decidedBy: grant.decided_by,
    reason: grant.reason,
    createdAt: grant.created_at.toISOString(),
    jobs: uses.map(({ job_id: job }) => job),
  };
}

export const signedPart = ({ id, owner, terms }: Pick<Grant, "id" | "owner" | "terms">): Uint8Array =>
  statementBytes("grant", { id, owner, terms } as unknown as Json);

export async function tellPartners(side: Side, id: string): Promise<void> {
  const grant = await grantById(side, id);
  // A suspension is nothing that partners hold a signed word of: their copy says what was agreed.
  if (grant.owner !== side.config.party || grant.status === "SUSPENDED") return;
  const body: z.infer<typeof confirmBody> = {
    audit_id: id,
    status: grant.status === "REQUESTED" ? "REJECTED" : grant.status,
    terms: grant.terms,
    dataset_name: grant.dataset_name,
    uses_left: grant.uses_left,
    decided_by: grant.decided_by,
    reason: grant.reason,
    signature: grant.signature,
  };
  for (const party of grant.terms.partners) await side.outbox.post(side, party, PATHS.confirm, body);
  changed(side, id);
}

export const changed = (side: Side, id: string): void =>
  side.store.afterCommit(() => side.events.publish({ kind: "grant", id, data: null }));
