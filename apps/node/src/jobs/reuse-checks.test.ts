/** What a party refuses to take over on an initiator's word, and what ends when it is withdrawn, at a node with a real database. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { toBase64Url } from "@tombolo/base";
import { parseFlow } from "@tombolo/scheduler";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sha256Hex } from "../config/keys.ts";
import type { ConsentDocument, ReusedTask } from "../consent/document.ts";
import type { Manifest } from "../models/manifest.ts";
import type { ModelPart } from "../models/part.ts";
import { modelsRead } from "../models/usable.ts";
import { SUITE } from "../partner/contract-rows.ts";
import { type Services, startServices } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { attemptFolder } from "./capability.ts";
import { inputsBinding, inputsReadFrom, type ReadFrom } from "./read-from.ts";
import { adoptOutputs, checkReuse, requireReusable } from "./reuse.ts";
import { jobById } from "./rows.ts";
import { outputsDigest } from "./stages.ts";
import type { TaskOrder } from "./wire.ts";

const [FIRST, SECOND, NOW] = ["job-000000000000000a", "job-000000000000000b", "job-000000000000000c"] as const;
const GRANT = "grant-0000000000000001";
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
/** What a test leaves, in an order that references allow. */
const MADE = [
  ...(["model_versions", "model_entries", "models", "stage_digests", "attempts", "job_logs", "tasks"] as const),
  ...(["grants", "jobs", "former_keys", "contracts"] as const),
];
let context: TestContext;
let services: Services;
let side: Side;
/** The bank's, in the contract that is in force. */
const BANK = keys();

function keys() {
  const signing = randomBytes(32);
  return { signing, signingKey: sha256Hex(signing), certificate: randomBytes(32).toString("hex") };
}

const document = {
  ...{ initiator: "bank", projectId: "project-1", flow, datasets: [], components: [], models: [] },
  parties: [
    { party: "bank", role: "guest", signingKey: BANK.signingKey, certificate: BANK.certificate },
    { party: "telco", role: "host", signingKey: "", certificate: "" },
  ],
};

async function addJob(id: string, status: "SUCCESS" | "RUNNING", more: object = {}): Promise<void> {
  const none = { flow_yaml: "", message: "", created_by: "ann", failure: toJson(null), fence: 0 };
  const parts = { project_id: "project-1", initiator: "bank", consent_hash: "a".repeat(64) };
  const created = { name: "Any", created_at: context.clock.now() };
  await context.store.db
    .insertInto("jobs")
    .values({ id, status, ...parts, ...none, ...created, document: toJson({ ...document, jobId: id, ...more }) })
    .execute();
}

/** An attempt that left an output of its own, signed by both. */
async function addAttempt(job: string, task: string, attempt: number, read: ReadFrom | null): Promise<ReusedTask> {
  await mkdir(attemptFolder(side, job, task, attempt), { recursive: true });
  const outputs = [{ ...NOTHING, digest: randomBytes(32).toString("hex") }];
  const ended = { started_at: context.clock.now(), failure: toJson(null), outputs: toJson(outputs) };
  await context.store.db
    .insertInto("attempts")
    .values({ job_id: job, task, attempt, status: "SUCCESS", read_from: toJson(read), ...ended })
    .execute();
  const digests = [
    { party: "bank", digest: randomBytes(32).toString("hex") },
    { party: "telco", digest: outputsDigest(outputs) },
  ];
  const signed = { job_id: job, task, attempt, signature: "" };
  await context.store.db
    .insertInto("stage_digests")
    .values(digests.map((each) => ({ ...signed, ...each })))
    .execute();
  return { task, jobId: job, digests };
}

/** An output without a file of its own. */
const NOTHING = {
  port: "data",
  kind: "table" as const,
  file: ".",
  salt: "",
  digest: "",
  rows: 0,
  summary: null,
  report: null,
};

async function addGrant(status: "ACTIVE" | "REVOKED"): Promise<void> {
  const parts = { id: GRANT, owner: "telco", terms: toJson({ partners: ["bank"] }), dataset_name: "d", status };
  const asked = { uses_left: 1, requested_party: "bank", requested_by: "a", created_at: context.clock.now() };
  await context.store.db
    .insertInto("grants")
    .values({ ...parts, ...asked })
    .execute();
}
const drawn = { datasets: [{ party: "telco", task: "read", datasetId: "t", grantId: GRANT }] };

async function addModel(job: string, withdrawn: boolean): Promise<void> {
  const { db } = context.store;
  const id = `${job}.train`;
  const summary = toJson({ kind: "boosting", objective: "binary", metrics: {} });
  const made = { job_id: job, task: "train", name: "Any", file: "", derived_from_revoked: false };
  const now = context.clock.now();
  await db
    .insertInto("models")
    .values({ id, summary, parties: toJson([]), ...made, created_at: now })
    .execute();
  await db.insertInto("model_entries").values({ id: "entry-1", name: "Any", created_at: now }).execute();
  const part = { part: toJson({} as ModelPart), manifest: toJson(null as Manifest | null), manifest_hash: null };
  const version = { attempt: 1, entry_id: "entry-1", version: 1, notes: "", published: false, archived: false };
  await db
    .insertInto("model_versions")
    .values({ model_id: id, ...part, ...version, withdrawn })
    .execute();
}

const check = (...reuse: readonly ReusedTask[]): Promise<void> =>
  checkReuse(side, { ...document, jobId: NOW, reuse } as unknown as ConsentDocument);
const refusal = (message: string) => ({ code: "consent.reuse", message: expect.stringContaining(message) });
const statusOf = async (job: string) => {
  const { status, failure } = await jobById(side, job);
  return [status, failure?.code];
};

beforeAll(async () => {
  context = await testContext({ party: "telco", config: { partner: { host: "127.0.0.1", port: 0 } } });
  services = await startServices(context);
  side = services.side;
}, 120_000);
beforeEach(async () => {
  const { db } = context.store;
  for (const table of MADE) await db.deleteFrom(table).execute();
  const none = { address: null, proxy: null, next_signing_key: null, next_certificate_fingerprint: null };
  const agreed = { own_next_fingerprint: null, own_confirmed: true, partner_confirmed: true, suite: SUITE };
  const made = { secret_hash: null, invite_expires_at: null, note: null, created_by: "ann" };
  await db
    .insertInto("contracts")
    .values({
      ...{ id: "contract-1", party_id: "bank", name: "Bank", status: "APPROVED", direction: "they-dial" },
      ...{ ...none, ...agreed, ...made, created_at: context.clock.now() },
      signing_key: toBase64Url(BANK.signing),
      ...{ signing_key_fingerprint: BANK.signingKey, certificate_fingerprint: BANK.certificate },
    })
    .execute();
}, 120_000);
afterAll(async () => {
  await services?.close();
  await context?.[Symbol.asyncDispose]();
});

test("outputs are those that every party signed then", async () => {
  await addJob(FIRST, "SUCCESS");
  const match = await addAttempt(FIRST, "match", 1, {});
  await expect(check(match)).resolves.toBeUndefined();
  const forged = match.digests.map((each) => (each.party === "bank" ? { ...each, digest: "f".repeat(64) } : each));
  await expect(check({ ...match, digests: forged })).rejects.toMatchObject(refusal("the output of match at bank"));
});

test("what a task read from is what it read from then, in another job and in another attempt", async () => {
  await addJob(FIRST, "SUCCESS");
  await addJob(SECOND, "SUCCESS");
  const [once, again] = [await addAttempt(FIRST, "match", 1, {}), await addAttempt(FIRST, "match", 2, {})];
  const other = await addAttempt(SECOND, "match", 1, {});
  const train = await addAttempt(FIRST, "train", 1, { match: 1 });
  const score = await addAttempt(FIRST, "score", 1, { match: 1, train: 1 });
  await expect(check(once, train, score)).resolves.toBeUndefined();
  for (const match of [again, other])
    await expect(check(match, train, score)).rejects.toMatchObject(refusal(`not the one that was signed in ${FIRST}`));
  const unknown = await addAttempt(FIRST, "train", 2, null);
  for (const match of [once, again])
    await expect(check(match, unknown)).rejects.toMatchObject(refusal("it is not known which attempt of match"));
});

test("a party's name under another contract's keys is not the party that took part", async () => {
  await addJob(FIRST, "SUCCESS");
  const match = await addAttempt(FIRST, "match", 1, {});
  const other = keys();
  await context.store.db
    .updateTable("contracts")
    .set({ signing_key_fingerprint: other.signingKey, certificate_fingerprint: other.certificate })
    .execute();
  await expect(check(match)).rejects.toMatchObject(refusal("bank has other keys"));
  // Keys that followed the former ones under the same contract are the same party's.
  await context.store.db
    .insertInto("former_keys")
    .values({
      ...{ contract_id: "contract-1", party: "bank", signing_key: toBase64Url(BANK.signing) },
      ...{ signing_key_fingerprint: BANK.signingKey, certificate_fingerprint: BANK.certificate },
      until: context.clock.now(),
    })
    .execute();
  await expect(check(match)).resolves.toBeUndefined();
  await context.store.db.updateTable("contracts").set({ status: "TERMINATED" }).execute();
  await expect(check(match)).rejects.toMatchObject(refusal("bank has other keys"));
});

test("what was made with a grant is not taken over once that is revoked, nor gone on with", async () => {
  await addGrant("ACTIVE");
  await addJob(FIRST, "SUCCESS", drawn);
  const match = await addAttempt(FIRST, "match", 1, {});
  const running = { datasets: [], reuse: [match] };
  await addJob(SECOND, "RUNNING", running);
  await addJob(NOW, "RUNNING");
  await services.side.driver.stopJobsUsing(GRANT, "revoked");
  expect(await statusOf(SECOND)).toEqual(["FAILED", "consent.grant-revoked"]);
  expect(await statusOf(NOW)).toEqual(["RUNNING", undefined]);
  await context.store.db.updateTable("grants").set({ status: "REVOKED" }).execute();
  // As it is asked before each attempt: a node that died between the two lines above ends here.
  await expect(requireReusable(side, { models: [], reuse: [match] })).rejects.toMatchObject({
    code: "consent.grant-revoked",
  });
});

test("what a withdrawn model made is not taken over, nor gone on with, by whichever job's name", async () => {
  await addJob(FIRST, "SUCCESS");
  const match = await addAttempt(FIRST, "match", 1, {});
  const train = await addAttempt(FIRST, "train", 1, { match: 1 });
  const score = await addAttempt(FIRST, "score", 1, { match: 1, train: 1 });
  await addModel(FIRST, false);
  await expect(check(match, train, score)).resolves.toBeUndefined();
  await addJob(SECOND, "RUNNING", { reuse: [match, train, score] });
  await services.side.driver.stopJobsReading(`${FIRST}.train`, "withdrawn");
  expect(await statusOf(SECOND)).toEqual(["FAILED", "consent.model-withdrawn"]);
  await context.store.db.updateTable("model_versions").set({ withdrawn: true }).execute();
  await expect(check(match, train, score)).rejects.toMatchObject({ code: "consent.model-withdrawn" });
  // By the job that took the model over, its holders' withdrawal would not be found.
  const copied = [await addAttempt(SECOND, "match", 1, {}), await addAttempt(SECOND, "train", 1, { match: 1 })];
  await expect(check(...copied)).rejects.toMatchObject(refusal("took match over from another job itself"));
});

test("nothing is taken over into a job that has ended", async () => {
  await addJob(FIRST, "SUCCESS");
  const match = await addAttempt(FIRST, "match", 1, {});
  await adoptOutputs(side, { job_id: FIRST, task: "match", attempt: 1 } as TaskOrder, match);
  const [attempt] = await context.store.db.selectFrom("attempts").selectAll().execute();
  expect(attempt).toMatchObject({ status: "FAILED", failure: { code: "aborted.job" } });
});

test("two attempts of a task do not feed one, on whatever way", async () => {
  await addJob(FIRST, "RUNNING");
  await addAttempt(FIRST, "match", 1, {});
  await addAttempt(FIRST, "match", 2, {});
  await addAttempt(FIRST, "train", 1, { match: 1 });
  const job = await jobById(side, FIRST);
  const order = (task: string, ...upstream: readonly (readonly [string, number])[]): TaskOrder =>
    ({ task, upstream: upstream.map(([name, attempt]) => ({ task: name, attempt, digests: [] })) }) as never;
  const read = (task: string, ...upstream: readonly (readonly [string, number])[]) =>
    inputsReadFrom(side, job, order(task, ...upstream));
  await expect(read("score", ["match", 1], ["train", 1])).resolves.toEqual({ match: 1, train: 1 });
  const mixed = { code: "protocol.inputs", blame: "bank" };
  await expect(read("score", ["match", 2], ["train", 1])).rejects.toMatchObject(mixed);
  await expect(read("score", ["match", 1], ["match", 2])).rejects.toMatchObject(mixed);
  // An attempt that goes on from the checkpoint of one on other rows.
  await expect(read("train", ["match", 2])).rejects.toMatchObject(mixed);
});

test("parties that were told of other inputs have other sessions", () => {
  const of = (attempt: number, ...parties: readonly string[]) =>
    inputsBinding({
      upstream: [
        {
          ...{ task: "match", attempt },
          digests: parties.map((party) => ({
            task: "match",
            attempt,
            party,
            digest: "a".repeat(64),
            signature: party,
          })),
        },
      ],
    });
  expect(of(1, "bank", "telco")).toEqual(of(1, "telco", "bank"));
  expect(of(1, "bank")).not.toEqual(of(2, "bank"));
  expect(of(1, "bank")).not.toEqual(of(1, "bank", "telco"));
  expect(inputsBinding({ upstream: [] })).toEqual({});
});

test("a model that is taken over stays under the permits of the job that made it", () => {
  const taken = (task: string): ReusedTask => ({ task, jobId: FIRST, digests: [] });
  expect(modelsRead(flow, "score", "telco", [taken("train")])).toEqual([{ modelId: `${FIRST}.train`, use: "batch" }]);
  expect(modelsRead(flow, "score", "telco")).toEqual([]);
  expect(modelsRead(flow, "train", "telco", [taken("match")])).toEqual([]);
});
