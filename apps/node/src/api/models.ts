/** Models with an own part. What is shown of one is the own part only; partners' splits are masked in it. */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { describeModel } from "@tombolo/components";
import { parseInputRef } from "@tombolo/scheduler";
import type { modelDetail, model as modelSchema } from "@tombolo/sdk";
import { type Selectable, sql } from "kysely";
import type { z } from "zod";
import { flowOf } from "../jobs/rows.ts";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import { loadJson } from "../runner/files.ts";
import type { JobTables } from "../store/tables/jobs.ts";
import type { Handlers } from "./handlers.ts";

type Model = Selectable<JobTables["models"]>;

export const modelsApi = ({ side }: Services): Handlers<"listModels" | "getModel"> => ({
  listModels: async () => {
    const rows = await side.store.db
      .selectFrom("models")
      .selectAll()
      .orderBy("created_at", "desc")
      .limit(500)
      .execute();
    const next = await successors(side);
    return { items: rows.map((row) => view(row, next)) };
  },
  getModel: async ({ params }) => {
    const row = await side.store.db.selectFrom("models").selectAll().where("id", "=", params.id).executeTakeFirst();
    if (row === undefined) throw new TomboloError("state.unknown", "there is no such model here");
    return detail(side, row);
  },
});

/** Of each catalogue that was brought up to date, the version that took its place. */
async function successors({ store }: Side): Promise<ReadonlyMap<string, string>> {
  const made = await store.db
    .selectFrom("models")
    .innerJoin("jobs", "jobs.id", "models.job_id")
    .select(["models.id", "models.task", "jobs.document"])
    .where(sql<string>`models.summary->>'kind'`, "=", "catalogue")
    .orderBy("models.created_at", "desc")
    .limit(500)
    .execute();
  return new Map(
    made.flatMap(({ id, task, document }): [string, string][] => {
      const previous = flowOf({ document }).tasks[task]?.inputs.previous;
      const ref = previous === undefined ? undefined : parseInputRef(previous);
      return ref?.kind === "model" ? [[ref.modelId, id]] : [];
    }),
  );
}

const view = (row: Model, next: ReadonlyMap<string, string>): z.input<typeof modelSchema> => ({
  id: row.id,
  name: row.name,
  jobId: row.job_id,
  task: row.task,
  kind: row.summary.kind,
  objective: row.summary.objective,
  parties: [...row.parties],
  createdAt: row.created_at.toISOString(),
  derivedFromRevoked: row.derived_from_revoked,
  supersededBy: next.get(row.id) ?? null,
  metrics: { ...row.summary.metrics },
});

async function detail(side: Side, row: Model): Promise<z.input<typeof modelDetail>> {
  const part = describeModel(await loadJson(join(side.paths.root, row.file)));
  return {
    ...view(row, await successors(side)),
    importance: (part?.importance ?? []).map((each) => ({ ...each })),
    trees: part?.trees ?? null,
    parameters: part?.parameters ?? {},
  };
}
