/** Outputs kept as datasets, and models, through several jobs: what a revocation marks and what a partner's asking draws on. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toJson } from "../store/columns.ts";
import type { DatasetOrigin } from "../store/tables/datasets.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { drawIds } from "./budgets.ts";
import { comesFromRevoked, grantsBehind, markDerived } from "./derivation.ts";

let context: TestContext;
beforeEach(async () => {
  context = await testContext();
}, 60_000);
afterEach(() => context[Symbol.asyncDispose]());

const at = new Date("2026-11-21T09:00:00Z");

async function addGrant(id: string, status: "ACTIVE" | "REVOKED" = "ACTIVE"): Promise<void> {
  await context.store.db
    .insertInto("grants")
    .values({
      ...{ id, owner: "telco", terms: toJson({}), dataset_name: "d", status, uses_left: 1 },
      ...{ requested_party: "bank", requested_by: "a", created_at: at },
    })
    .execute();
}

interface Made {
  /** Own dataset that it reads. */
  readonly reads: string;
  readonly grantId?: string;
  readonly model?: string;
}

/** A job of bank and telco that matches the dataset, and maybe takes a model in. */
async function addJob(id: string, { reads, grantId, model }: Made): Promise<void> {
  const flow = {
    version: "1",
    name: id,
    parties: [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ],
    tasks: {
      read: {
        component: "read-table",
        partyParameters: { bank: { dataset: reads, keys: ["id"] }, telco: { dataset: "their", keys: ["id"] } },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
      ...(model === undefined
        ? {}
        : { score: { component: "boosting-predict", inputs: { data: "match.data", model: `model:${model}` } } }),
    },
  };
  const datasets = [
    { party: "bank", task: "read", datasetId: reads, grantId: null },
    { party: "telco", task: "read", datasetId: "their", grantId: grantId ?? null },
  ];
  const document = { flow, datasets, models: model === undefined ? [] : [model], parties: flow.parties };
  await context.store.db
    .insertInto("jobs")
    .values({
      ...{ id, name: id, project_id: "p", initiator: "bank", status: "RUNNING", document: toJson(document as never) },
      ...{ consent_hash: id, flow_yaml: "", message: "", created_by: "a", created_at: at, failure: toJson(null) },
    } as never)
    .execute();
}

async function addDataset(id: string, from: string | null): Promise<void> {
  const origin: DatasetOrigin | null =
    from === null ? null : { jobId: from, jobName: from, task: "match", port: "data" };
  await context.store.db
    .insertInto("datasets")
    .values({
      ...{ id, name: id, description: "", row_count: 1, columns: toJson([]), as_of: null, published: false },
      ...{
        visibility: toJson({} as never),
        source_file: null,
        bytes: 1,
        snapshot: id,
        snapshot_salt: new Uint8Array(32),
      },
      ...{ created_by: "a", created_at: at, origin: toJson(origin), derived_from_revoked: false },
    })
    .execute();
}

async function addModel(id: string, jobId: string): Promise<void> {
  await context.store.db
    .insertInto("models")
    .values({
      ...{ id, job_id: jobId, task: "match", name: id, summary: toJson({} as never), parties: toJson([]), file: "f" },
      ...{ derived_from_revoked: false, created_at: at },
    })
    .execute();
}

/** grant -> first -> kept-1 -> second -> kept-2 and model second.match -> third -> kept-3; `apart` has nothing of it. */
async function chain(): Promise<void> {
  await addGrant("g");
  await addDataset("own", null);
  await addJob("first", { reads: "own", grantId: "g" });
  await addDataset("kept-1", "first");
  await addJob("second", { reads: "kept-1" });
  await addDataset("kept-2", "second");
  await addModel("second.match", "second");
  await addJob("third", { reads: "own", model: "second.match" });
  await addDataset("kept-3", "third");
  await addJob("apart", { reads: "own" });
  await addDataset("kept-apart", "apart");
}

const marked = async (): Promise<string[]> => {
  const { db } = context.store;
  const datasets = await db.selectFrom("datasets").select("id").where("derived_from_revoked", "=", true).execute();
  const models = await db.selectFrom("models").select("id").where("derived_from_revoked", "=", true).execute();
  return [...datasets, ...models].map(({ id }) => id).sort();
};

describe("what comes from a grant", () => {
  it("is marked through any number of jobs, datasets and models", async () => {
    await chain();
    expect([...(await grantsBehind(context, "third"))]).toEqual(["g"]);
    await markDerived(context, "g");
    expect(await marked()).toEqual(["kept-1", "kept-2", "kept-3", "second.match"]);
  });

  it("is known as such when it is kept after the revocation", async () => {
    await chain();
    expect(await comesFromRevoked(context, "third")).toBe(false);
    await context.store.db.updateTable("grants").set({ status: "REVOKED" }).where("id", "=", "g").execute();
    expect(await comesFromRevoked(context, "third")).toBe(true);
    expect(await comesFromRevoked(context, "apart")).toBe(false);
  });

  it("draws, when a partner asks about it, on all it was made from", async () => {
    await chain();
    await addJob("fourth", { reads: "kept-2" });
    await drawIds(context, { job_id: "fourth", task: "match", attempt: 1 }, { party: "telco", ids: 7 });
    const rows = await context.store.db.selectFrom("ask_budgets").select(["dataset_id", "ids_used"]).execute();
    expect(rows.map(({ dataset_id, ids_used }) => [dataset_id, ids_used]).sort()).toEqual([
      ["kept-1", 7],
      ["kept-2", 7],
      ["own", 7],
    ]);
  });
});
