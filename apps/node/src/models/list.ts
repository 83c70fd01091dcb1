/** Versions as lists show them, with few queries however many there are. */
import { isTransformModel } from "@tombolo/components";
import type { Model } from "@tombolo/sdk";
import type { Side } from "../partner/side.ts";
import { permitState } from "./permit-state.ts";
import { type ModelRow, modelById, type PermitRow, type SignatureRow, statusOf, type VersionRow } from "./rows.ts";
import { successors } from "./superseded.ts";

const MODELS_MAX = 500;

/** What stands beside a model's row, by its id. */
interface Beside {
  readonly version: (VersionRow & { readonly name: string }) | undefined;
  readonly permits: readonly PermitRow[];
  readonly signatures: readonly SignatureRow[];
  readonly supersededBy: string | null;
}

export async function listModels(side: Side): Promise<Model[]> {
  const query = side.store.db.selectFrom("models").selectAll().orderBy("created_at", "desc");
  return viewsOf(side, await query.limit(MODELS_MAX).execute());
}

export const viewModel = async (side: Side, id: string): Promise<Model> =>
  (await viewsOf(side, [await modelById(side, id)]))[0]!;

async function viewsOf(side: Side, rows: readonly ModelRow[]): Promise<Model[]> {
  if (rows.length === 0) return [];
  const { db } = side.store;
  const ids = rows.map(({ id }) => id);
  const versions = await db
    .selectFrom("model_versions")
    .innerJoin("model_entries", "model_entries.id", "model_versions.entry_id")
    .selectAll("model_versions")
    .select("model_entries.name")
    .where("model_id", "in", ids)
    .execute();
  const permits = await db.selectFrom("model_permits").selectAll().where("model_id", "in", ids).execute();
  const signatures = await db.selectFrom("model_signatures").selectAll().where("model_id", "in", ids).execute();
  const next = await successors(side);
  const byModel = new Map(versions.map((version) => [version.model_id, version]));
  const now = side.clock.now();
  return rows.map((row) => {
    const version = byModel.get(row.id);
    const beside: Beside = {
      version,
      permits: permits.filter(({ model_id: id }) => id === row.id),
      signatures: signatures.filter(({ model_id: id, attempt }) => id === row.id && attempt === version?.attempt),
      supersededBy: next.get(row.id) ?? null,
    };
    return viewOf(row, beside, now);
  });
}

function viewOf(row: ModelRow, { version, permits, signatures, supersededBy }: Beside, now: Date): Model {
  const decided = permits.filter(({ status }) => status === "ACTIVE" || status === "WITHDRAWN");
  const inForce = decided.filter(
    (each) => permitState(each, now) === "ACTIVE" && each.manifest_hash === version?.manifest_hash,
  );
  return {
    id: row.id,
    name: version?.name ?? row.name,
    entryId: version?.entry_id ?? null,
    version: version?.version ?? null,
    notes: version?.notes ?? "",
    status: version === undefined ? "ACTIVE" : statusOf(version),
    reason: version?.reason ?? null,
    published: version?.published ?? false,
    signed: isSigned(row, version, signatures),
    permitted: [...new Set(inForce.flatMap(({ terms }) => terms.use))].sort(),
    permits: decided.length,
    jobId: row.job_id,
    task: row.task,
    kind: row.summary.kind,
    step: isTransformModel(row.summary.kind),
    objective: row.summary.objective,
    parties: [...row.parties],
    createdAt: row.created_at.toISOString(),
    derivedFromRevoked: row.derived_from_revoked,
    supersededBy,
    metrics: { ...row.summary.metrics },
  };
}

const isSigned = (
  { parties }: ModelRow,
  version: VersionRow | undefined,
  signatures: readonly SignatureRow[],
): boolean =>
  version?.manifest_hash != null &&
  parties.every(({ party }) =>
    signatures.some((each) => each.party === party && each.manifest_hash === version.manifest_hash),
  );
