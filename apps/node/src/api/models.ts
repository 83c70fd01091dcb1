/** Models with an own part. What is shown of one is the own part only; partners' splits are masked in it. */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { describeModel } from "@tombolo/components";
import type { modelDetail, model as modelSchema } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { z } from "zod";
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
    return { items: rows.map(view) };
  },
  getModel: async ({ params }) => {
    const row = await side.store.db.selectFrom("models").selectAll().where("id", "=", params.id).executeTakeFirst();
    if (row === undefined) throw new TomboloError("state.unknown", "there is no such model here");
    return detail(side, row);
  },
});

const view = (row: Model): z.input<typeof modelSchema> => ({
  id: row.id,
  name: row.name,
  jobId: row.job_id,
  task: row.task,
  kind: row.summary.kind,
  objective: row.summary.objective,
  parties: [...row.parties],
  createdAt: row.created_at.toISOString(),
  derivedFromRevoked: row.derived_from_revoked,
  metrics: { ...row.summary.metrics },
});

async function detail(side: Side, row: Model): Promise<z.input<typeof modelDetail>> {
  const part = describeModel(await loadJson(join(side.paths.root, row.file)));
  return {
    ...view(row),
    importance: (part?.importance ?? []).map((each) => ({ ...each })),
    trees: part?.trees ?? null,
    parameters: part?.parameters ?? {},
  };
}
