/** Model versions in the store. */
import { TomboloError } from "@tombolo/base";
import type { ModelDetail } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { JobTables } from "../store/tables/jobs.ts";
import type { ModelTables } from "../store/tables/models.ts";

export type ModelRow = Selectable<JobTables["models"]>;
export type VersionRow = Selectable<ModelTables["model_versions"]>;
export type SignatureRow = Selectable<ModelTables["model_signatures"]>;
export type PermitRow = Selectable<ModelTables["model_permits"]>;

export async function modelById({ store }: NodeContext, id: string): Promise<ModelRow> {
  const row = await store.db.selectFrom("models").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new TomboloError("state.unknown", "there is no such model here");
  return row;
}

export const findVersion = ({ store }: NodeContext, id: string): Promise<VersionRow | undefined> =>
  store.db.selectFrom("model_versions").selectAll().where("model_id", "=", id).executeTakeFirst();

/** Throws for a model that this party has no signed part of. */
export async function versionById(context: NodeContext, id: string): Promise<VersionRow> {
  await modelById(context, id);
  const row = await findVersion(context, id);
  if (row === undefined) throw notSigned(context, id);
  return row;
}

/** A withdrawal weighs more than having been put away. */
export const statusOf = ({ withdrawn, archived }: VersionRow): ModelDetail["status"] =>
  withdrawn ? "WITHDRAWN" : archived ? "ARCHIVED" : "ACTIVE";

export const notSigned = ({ config }: NodeContext, id: string): TomboloError =>
  new TomboloError(
    "state.model-altered",
    `the signed record of the part of ${config.party} of the model ${id} is gone`,
    {
      blame: config.party,
      remedy: "Import the part from an export, or train the model again.",
    },
  );

export const signaturesOf = ({ store }: NodeContext, id: string, attempt: number): Promise<SignatureRow[]> =>
  store.db
    .selectFrom("model_signatures")
    .selectAll()
    .where("model_id", "=", id)
    .where("attempt", "=", attempt)
    .execute();

export const permitsOf = ({ store }: NodeContext, id: string): Promise<PermitRow[]> =>
  store.db
    .selectFrom("model_permits")
    .selectAll()
    .where("model_id", "=", id)
    .orderBy("created_at", "desc")
    .limit(200)
    .execute();

export const modelChanged = (context: NodeContext, id: string): void =>
  context.store.afterCommit(() => context.events.publish({ kind: "model", id, data: null }));
