/** The guided forms as flows: what a person would have written. */
import { TomboloError } from "@tombolo/base";
import type { FlowInput } from "@tombolo/scheduler";
import type { jointModelForm, scoreForm } from "@tombolo/sdk";
import type { z } from "zod";
import type { Side } from "../partner/side.ts";
import { flowOf, jobById } from "./rows.ts";

export type JointModelForm = z.output<typeof jointModelForm>;
export type ScoreForm = z.output<typeof scoreForm>;
type Tasks = FlowInput["tasks"];

/** match -> split -> train -> score -> evaluate, and the same on the guest's columns alone to compare. */
export function jointModelFlow(side: Side, form: JointModelForm): FlowInput {
  const self = side.config.party;
  const { guest, objective, trees, depth, learningRate, bins } = form;
  const training = { objective, trees, depth, learningRate, bins };
  const read = {
    [self]: { dataset: guest.datasetId, keys: guest.keys, label: guest.label, columns: guest.columns },
    ...Object.fromEntries(
      form.hosts.map(({ partyId, datasetId, keys, columns }) => [partyId, { dataset: datasetId, keys, columns }]),
    ),
  };
  const tasks: Tasks = {
    read: { component: "read-table", partyParameters: read },
    match: { component: "psi", inputs: { data: "read.data" } },
    split: {
      component: "split",
      inputs: { data: "match.data" },
      parameters: { testShare: form.testShare, stratify: objective === "binary" },
    },
    train: { component: "boosting-train", inputs: { data: "split.train" }, parameters: training },
    score: { component: "boosting-predict", inputs: { model: "train.model", data: "split.test" } },
    evaluate: { component: "evaluate", parties: [self], inputs: { data: "score.data" } },
    ...(form.baseline ? baseline(self, training) : {}),
  };
  return {
    version: "1",
    name: form.name,
    parties: [{ party: self, role: "guest" }, ...form.hosts.map(({ partyId }) => ({ party: partyId, role: "host" }))],
    seed: form.seed,
    tasks,
  };
}

const baseline = (self: string, parameters: Record<string, unknown>): Tasks => ({
  "baseline-train": { component: "boosting-train", parties: [self], inputs: { data: "split.train" }, parameters },
  "baseline-score": {
    component: "boosting-predict",
    parties: [self],
    inputs: { model: "baseline-train.model", data: "split.test" },
  },
  "baseline-evaluate": { component: "evaluate", parties: [self], inputs: { data: "baseline-score.data" } },
});

/** Columns and roles come from the job that made the model. */
export async function scoreFlow(side: Side, form: ScoreForm): Promise<FlowInput> {
  const model = await side.store.db.selectFrom("models").selectAll().where("id", "=", form.modelId).executeTakeFirst();
  if (model === undefined)
    throw new TomboloError("input.model", "there is no such model here", { remedy: "See the list of models." });
  const columns = await trainedColumns(side, model.job_id);
  const self = side.config.party;
  const chosen = new Map(form.hosts.map((host) => [host.partyId, host]));
  const missing = model.parties.filter(({ party }) => party !== self && !chosen.has(party)).map(({ party }) => party);
  if (missing.length > 0)
    throw new TomboloError("input.hosts", `the model needs data of ${missing.join(", ")}`, {
      remedy: "Choose a dataset for each of them.",
    });
  const read = Object.fromEntries(
    model.parties.map(({ party }) => {
      const { datasetId, keys } = party === self ? form : chosen.get(party)!;
      return [party, { dataset: datasetId, keys, columns: columns.get(party) ?? [] }];
    }),
  );
  const joint = model.parties.length > 1;
  return {
    version: "1",
    name: form.name,
    parties: model.parties.map(({ party, role }) => ({ party, role })),
    tasks: {
      read: { component: "read-table", partyParameters: read },
      ...(joint ? { match: { component: "psi", inputs: { data: "read.data" } } } : {}),
      score: {
        component: "boosting-predict",
        inputs: { model: `model:${form.modelId}`, data: joint ? "match.data" : "read.data" },
      },
      export: { component: "export", parties: [self], inputs: { data: "score.data" } },
    },
  };
}

/** Feature columns each party read in the job: what its part of the model knows by name. */
async function trainedColumns(side: Side, jobId: string): Promise<Map<string, string[]>> {
  const flow = flowOf(await jobById(side, jobId));
  const found = new Map<string, string[]>();
  for (const task of Object.values(flow.tasks)) {
    if (task.component !== "read-table") continue;
    for (const [party, parameters] of Object.entries(task.partyParameters)) {
      const { columns } = parameters as { columns?: unknown };
      if (Array.isArray(columns))
        found.set(
          party,
          columns.filter((each) => typeof each === "string"),
        );
    }
  }
  return found;
}
