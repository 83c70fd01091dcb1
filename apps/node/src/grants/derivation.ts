/**
 * What was made with a grant's data, through any number of jobs: a kept output is a dataset that later jobs read, and a
 * model goes into later jobs too. Who revokes a grant has all of it marked, whatever stands between.
 */
import type { Selectable } from "kysely";
import type { NodeContext } from "../context.ts";
import type { Database } from "../store/schema.ts";
import type { DatasetOrigin } from "../store/tables/datasets.ts";

type Job = Pick<Selectable<Database["jobs"]>, "id" | "document">;

/** The grants that a job draws on, itself or by way of what earlier jobs left here. */
export async function grantsBehind(side: NodeContext, jobId: string): Promise<Set<string>> {
  return (await readLineage(side)).grantsOf(jobId);
}

/**
 * Whether what the job leaves comes from a revoked grant. Within a transaction: a revocation that is not seen waits for
 * its end, and then finds what it stored.
 */
export async function comesFromRevoked(side: NodeContext, jobId: string): Promise<boolean> {
  const grants = [...(await grantsBehind(side, jobId))];
  if (grants.length === 0) return false;
  const rows = await side.store.db.selectFrom("grants").select("status").where("id", "in", grants).forShare().execute();
  return rows.some(({ status }) => status === "REVOKED");
}

/** Tells of a job whether it draws on the grant, itself or by way of what earlier jobs left here. */
export async function drawingOn(side: NodeContext, grantId: string): Promise<(jobId: string) => boolean> {
  const lineage = await readLineage(side);
  return (jobId) => lineage.grantsOf(jobId).has(grantId);
}

/** Whatever was made with the grant's data is marked; the people of each party decide what becomes of it. */
export async function markDerived(side: NodeContext, grantId: string): Promise<void> {
  const lineage = await readLineage(side);
  const derives = (jobId: string | undefined): boolean => jobId !== undefined && lineage.grantsOf(jobId).has(grantId);
  const datasets = [...lineage.origins].flatMap(([id, origin]) => (derives(origin.jobId) ? [id] : []));
  const models = [...lineage.models].flatMap(([id, jobId]) => (derives(jobId) ? [id] : []));
  const { db } = side.store;
  const marked = { derived_from_revoked: true };
  if (datasets.length > 0) await db.updateTable("datasets").set(marked).where("id", "in", datasets).execute();
  if (models.length > 0) await db.updateTable("models").set(marked).where("id", "in", models).execute();
  for (const id of datasets) side.store.afterCommit(() => side.events.publish({ kind: "dataset", id, data: null }));
  if (models.length > 0) side.store.afterCommit(() => side.events.publish({ kind: "model", id: "*", data: null }));
}

/** Catalogues made with the grant's data: unlike a model, one goes on handing that data out. */
export async function cataloguesOf(side: NodeContext, grantId: string): Promise<Set<string>> {
  const lineage = await readLineage(side);
  const rows = await side.store.db.selectFrom("models").select(["id", "job_id", "summary"]).execute();
  const made = rows.filter(
    ({ job_id, summary }) => summary.kind === "catalogue" && lineage.grantsOf(job_id).has(grantId),
  );
  return new Set(made.map(({ id }) => id));
}

/** What came from what, as it stands in the store. */
class Lineage {
  /** By dataset kept here: the output it was. */
  readonly origins: ReadonlyMap<string, DatasetOrigin>;
  /** By model: the job that made it. */
  readonly models: ReadonlyMap<string, string>;
  readonly #party: string;
  readonly #jobs: ReadonlyMap<string, Job["document"]>;
  readonly #grants = new Map<string, Set<string>>();

  constructor(
    party: string,
    jobs: readonly Job[],
    origins: ReadonlyMap<string, DatasetOrigin>,
    models: ReadonlyMap<string, string>,
  ) {
    this.#party = party;
    this.#jobs = new Map(jobs.map(({ id, document }) => [id, document]));
    this.origins = origins;
    this.models = models;
  }

  grantsOf(jobId: string): Set<string> {
    const known = this.#grants.get(jobId);
    if (known !== undefined) return known;
    const found = new Set<string>();
    this.#grants.set(jobId, found);
    const [seen, open] = [new Set<string>(), [jobId]];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const document = this.#jobs.get(id);
      for (const { grantId } of document?.datasets ?? []) if (grantId !== null) found.add(grantId);
      open.push(...this.#before(document));
    }
    return found;
  }

  /** Jobs that left what this one takes in. */
  #before(document: Job["document"] | undefined): string[] {
    const own = (document?.datasets ?? []).filter(({ party }) => party === this.#party);
    const kept = own.map(({ datasetId }) => this.origins.get(datasetId)?.jobId);
    const made = (document?.models ?? []).map((id) => this.models.get(id));
    const reused = (document?.reuse ?? []).map(({ jobId }) => jobId);
    return [...kept, ...made, ...reused].filter((id) => id !== undefined);
  }
}

async function readLineage(side: NodeContext): Promise<Lineage> {
  const { db } = side.store;
  const jobs = await db.selectFrom("jobs").select(["id", "document"]).execute();
  const datasets = await db.selectFrom("datasets").select(["id", "origin"]).execute();
  const models = await db.selectFrom("models").select(["id", "job_id"]).execute();
  return new Lineage(
    side.config.party,
    jobs,
    new Map(datasets.flatMap(({ id, origin }) => (origin === null ? [] : [[id, origin] as const]))),
    new Map(models.map(({ id, job_id }) => [id, job_id])),
  );
}
