/** What a party refuses to take over on an initiator's word, with a real database. */
import { parseFlow } from "@tombolo/scheduler";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConsentDocument, ReusedTask } from "../consent/document.ts";
import { modelsRead } from "../models/usable.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { adoptOutputs, checkReuse } from "./reuse.ts";
import { outputsDigest } from "./stages.ts";
import type { TaskOrder } from "./wire.ts";

const [FIRST, SECOND] = ["job-000000000000000a", "job-000000000000000b"];
const flow = parseFlow({
  version: "1",
  name: "Any",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  seed: 7,
  tasks: {
    match: { component: "psi" },
    train: { component: "boosting-train", inputs: { data: "match.data" } },
    score: { component: "boosting-predict", inputs: { data: "match.data", model: "train.model" } },
  },
});
const document = { jobId: FIRST, initiator: "bank", projectId: "project-1", flow, datasets: [], components: [] };
let context: TestContext;
let side: Side;

/** A job that ran match and train, with other outputs each time. */
async function ran(id: string): Promise<Map<string, ReusedTask>> {
  const { db } = context.store;
  const none = { flow_yaml: "", message: "", created_by: "ann", failure: toJson(null), fence: 0 };
  const parts = { project_id: "project-1", initiator: "bank", consent_hash: "a".repeat(64) };
  const now = context.clock.now();
  const job = { ...parts, ...none, id, name: "Any", status: "SUCCESS" as const, created_at: now };
  await db
    .insertInto("jobs")
    .values({ ...job, document: toJson({ ...document, jobId: id } as unknown as ConsentDocument) })
    .execute();
  const reused = new Map<string, ReusedTask>();
  for (const task of ["match", "train"]) {
    const outputs = id === FIRST || task === "train" ? [] : [NOTHING];
    const ended = { started_at: now, failure: toJson(null), outputs: toJson(outputs) };
    await db
      .insertInto("attempts")
      .values({ job_id: id, task, attempt: 1, status: "SUCCESS", ...ended })
      .execute();
    const theirs = (id === FIRST ? "1" : "2").repeat(64);
    const digests = [
      { party: "bank", digest: theirs },
      { party: "telco", digest: outputsDigest(outputs) },
    ];
    const signed = { job_id: id, task, attempt: 1, signature: "" };
    await db
      .insertInto("stage_digests")
      .values(digests.map((each) => ({ ...signed, ...each })))
      .execute();
    reused.set(task, { task, jobId: id, digests });
  }
  return reused;
}

/** An output without a file of its own. */
const NOTHING = { port: "data", kind: "table", file: ".", salt: "", digest: "", rows: 0 } as never;

let [first, second] = [new Map<string, ReusedTask>(), new Map<string, ReusedTask>()];
const check = (...reuse: readonly (ReusedTask | undefined)[]): Promise<void> =>
  checkReuse(side, { ...document, jobId: "job-000000000000000c", reuse } as unknown as ConsentDocument);

beforeAll(async () => {
  context = await testContext({ party: "telco" });
  side = { ...context } as unknown as Side;
  first = await ran(FIRST!);
  second = await ran(SECOND!);
});
afterAll(() => context.store.close());

test("outputs are those that every party signed then", async () => {
  const match = first.get("match")!;
  await expect(check(match)).resolves.toBeUndefined();
  const forged = match.digests.map((each) => (each.party === "bank" ? { ...each, digest: "f".repeat(64) } : each));
  await expect(check({ ...match, digests: forged })).rejects.toMatchObject({
    code: "consent.reuse",
    message: expect.stringContaining("the output of match at bank"),
  });
});

test("what a task read from is what it read from then", async () => {
  await expect(check(first.get("match"), second.get("train"))).rejects.toMatchObject({
    code: "consent.reuse",
    message: expect.stringContaining(`not the one that was signed in ${SECOND}`),
  });
});

test("nothing is taken over into a job that has ended", async () => {
  const order = { job_id: FIRST, task: "match", attempt: 1 } as TaskOrder;
  await adoptOutputs(side, order, first.get("match")!);
  const { db } = context.store;
  const attempt = await db.selectFrom("attempts").selectAll().where("job_id", "=", FIRST!).execute();
  expect(attempt.find(({ task }) => task === "match")).toMatchObject({
    status: "FAILED",
    failure: { code: "aborted.job" },
  });
});

test("a model that is taken over stays under the permits of the job that made it", async () => {
  expect(modelsRead(flow, "score", "telco", [first.get("train")!])).toEqual([
    { modelId: `${FIRST}.train`, use: "batch" },
  ]);
  expect(modelsRead(flow, "score", "telco")).toEqual([]);
  expect(modelsRead(flow, "train", "telco", [first.get("match")!])).toEqual([]);
});
