/** Own datasets that partners may ask about: how far each has come, and what was asked of it. */
import { findComponent } from "@tombolo/components";
import type { QueryTable } from "@tombolo/sdk";
import { grantView, listGrants } from "../grants/grant-rows.ts";
import { flowOf, type Job } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;
const JOBS_MAX = 2000;

export async function listQueryTables(side: Side): Promise<QueryTable[]> {
  const given = (await listGrants(side)).filter(
    ({ owner, terms }) => owner === side.config.party && terms.query !== undefined,
  );
  if (given.length === 0) return [];
  // Newest first.
  const jobs = await side.store.db
    .selectFrom("jobs")
    .selectAll()
    .orderBy("created_at", "desc")
    .limit(JOBS_MAX)
    .execute();
  const now = side.clock.now();
  return Promise.all(
    given.map(async (grant) => {
      const made = jobs.filter(({ document }) => document.datasets.some(({ grantId }) => grantId === grant.id));
      const models = await modelsOf(side, made);
      const serving = jobs.find((job) => servesOne(job, models));
      const asks = await side.store.db
        .selectFrom("grant_asks")
        .selectAll()
        .where("grant_id", "=", grant.id)
        .orderBy("day")
        .execute();
      const today = now.toISOString().slice(0, 10);
      const since = new Date(now.getTime() - DAYS * DAY_MS).toISOString().slice(0, 10);
      return {
        grant: await grantView(side, grant),
        catalogue: made[0] === undefined ? null : { ...stand(made[0]), versions: models.size },
        service: serving === undefined ? null : { ...stand(serving), until: endOf(serving) },
        asked: {
          inAll: asks.reduce((sum, each) => sum + each.ids, 0),
          today: asks.find(({ day }) => day === today)?.ids ?? 0,
        },
        days: asks.filter(({ day }) => day > since).map(({ day, ids, refused }) => ({ day, ids, refused })),
      };
    }),
  );
}

const stand = ({ id, status, created_at }: Job) => ({ jobId: id, status, at: created_at.toISOString() });

/** Catalogues that the jobs left here. */
async function modelsOf({ store }: Side, jobs: readonly Job[]): Promise<Set<string>> {
  if (jobs.length === 0) return new Set();
  const ids = jobs.map(({ id }) => id);
  const rows = await store.db.selectFrom("models").select("id").where("job_id", "in", ids).execute();
  return new Set(rows.map(({ id }) => id));
}

const servingTask = (job: Job) =>
  Object.values(flowOf(job).tasks).find(({ component }) => findComponent(component)?.serves !== undefined);

const servesOne = (job: Job, models: ReadonlySet<string>): boolean =>
  job.document.models.some((id) => models.has(id)) && servingTask(job) !== undefined;

const endOf = (job: Job): string => {
  const until = servingTask(job)?.parameters.until;
  return typeof until === "string" ? until : job.created_at.toISOString();
};
