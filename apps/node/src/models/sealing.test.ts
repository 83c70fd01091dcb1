/** Two parties sign a model to each other by hand: in any order, again, wrongly, and as somebody else. */
import { findComponent, jointModelFlow } from "@tombolo/components";
import { type Flow, flowSchema } from "@tombolo/scheduler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { flowDatasets } from "../consent/disclosure.ts";
import { asJson, type ConsentDocument, consentHash } from "../consent/document.ts";
import { jobById } from "../jobs/rows.ts";
import type { Partner } from "../partner/inbound.ts";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { findVersion, signaturesOf } from "./rows.ts";
import { onSign, type SIGN_PATH, sealModel, type signBody } from "./sealing.ts";

type Body = z.infer<typeof signBody>;
let job = "";
let model = "";
let jobs = 0;
const SALT = "00".repeat(16);
let contexts: readonly [TestContext, TestContext];
let bank: Side;
let telco: Side;

beforeAll(async () => {
  contexts = [await testContext({ party: "bank" }), await testContext({ party: "telco" })];
  [bank, telco] = [sideOf(contexts[0]), sideOf(contexts[1])];
}, 120_000);
beforeEach(async () => {
  job = `job-${String(++jobs).padStart(16, "0")}`;
  model = `${job}.train`;
  const document = documentOf(...contexts);
  for (const side of [bank, telco]) await know(side, document);
}, 60_000);
afterAll(async () => {
  for (const context of contexts ?? []) await context[Symbol.asyncDispose]();
});

/** With a real outbox that is not started: what is posted waits, and the test carries it. */
const sideOf = (context: TestContext): Side => ({ ...context, outbox: new Outbox() }) as unknown as Side;

function documentOf(a: TestContext, b: TestContext): ConsentDocument {
  const table = { datasetId: "ds-1", keys: ["phone"], columns: ["age"] };
  const form = { name: "Joint", objective: "binary", trees: 2, depth: 2, learningRate: 0.2, bins: 8 } as const;
  const more = { testShare: 0.3, seed: 7, baseline: false, guest: { ...table, label: "default" } };
  const flow: Flow = flowSchema.parse(
    jointModelFlow({ ...form, ...more, hosts: [{ partyId: "telco", ...table }] }, "bank"),
  );
  return asJson({
    version: 1,
    jobId: job,
    name: "Joint",
    projectId: "project-1",
    initiator: "bank",
    parties: flow.parties.map(({ party, role }) => {
      const { signing, tls } = (party === "bank" ? a : b).keys;
      return { party, role, signingKey: signing.fingerprint, certificate: tls.fingerprint };
    }),
    receivers: ["bank"],
    flow,
    datasets: flowDatasets(flow, findComponent).map(({ party, task, datasetId, columns }) => {
      return { party, task, datasetId, snapshot: "s", columns, grantId: null, filter: null };
    }),
    components: Object.entries(flow.tasks).map(([task, { component }]) => {
      return { task, component, version: "1.0.0", protocol: null, messages: null };
    }),
    models: [],
    suite: "international-1",
    disclosure: [],
    nonce: "n".repeat(24),
    expiresAt: "2026-12-01T00:00:00.000Z",
  }) as unknown as ConsentDocument;
}

async function know(side: Side, document: ConsentDocument): Promise<void> {
  const now = side.clock.now();
  const { db } = side.store;
  await db
    .insertInto("jobs")
    .values({
      id: job,
      name: "Joint",
      project_id: "project-1",
      initiator: "bank",
      status: "RUNNING",
      document: toJson(document),
      consent_hash: consentHash(document),
      flow_yaml: "",
      message: "",
      created_by: "ann",
      created_at: now,
      failure: toJson(null),
      fence: 0,
    })
    .execute();
  for (const attempt of [1, 2])
    await db
      .insertInto("attempts")
      .values({
        job_id: job,
        task: "train",
        attempt,
        status: "SUCCESS",
        failure: toJson(null),
        outputs: toJson([]),
        started_at: now,
      })
      .execute();
}

/** As the attempt's end does it; answers nothing, posts what the other has to hear. */
async function leave(side: Side, attempt = 1): Promise<void> {
  const summary = { kind: "boosting", objective: "binary", metrics: { trees: 2 } };
  const parties = ["bank", "telco"].map((party) => ({ party, role: party === "bank" ? "guest" : "host" }));
  const made = { summary: toJson(summary), parties: toJson(parties), file: `tasks/${job}/train/${attempt}/model.json` };
  const digest = String(attempt).repeat(64);
  const output = {
    port: "model",
    kind: "model",
    file: "model.json",
    digest,
    salt: SALT,
    rows: null,
    summary,
    report: null,
  } as const;
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("models")
      .values({
        ...made,
        id: model,
        job_id: job,
        task: "train",
        name: "Joint",
        derived_from_revoked: false,
        created_at: side.clock.now(),
      })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(made))
      .execute();
    await sealModel(side, await jobById(side, job), { task: "train", attempt, output });
  });
}

/** What waits for the partner, oldest first; it is taken out. */
async function taken(side: Side): Promise<Body[]> {
  const rows = await side.store.db.deleteFrom("outbox").where("path", "=", SIGN).returning(["id", "body"]).execute();
  return rows.sort((a, b) => a.id - b.id).map(({ body }) => body as Body);
}
const SIGN: typeof SIGN_PATH = "/v1/interconn/model/sign";

const caller = (side: Side): Partner => ({
  party: side.config.party,
  certificate: side.keys.tls.fingerprint,
  contractId: "contract-1",
  signingKey: side.keys.signing.publicKey,
});

const bring = async (from: Side, to: Side, bodies: readonly Body[]): Promise<void> => {
  for (const body of bodies) await onSign(to, caller(from), body);
};

/** Back and forth until nobody has anything to say. */
async function exchange(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await bring(bank, telco, await taken(bank));
    await bring(telco, bank, await taken(telco));
  }
}

const hashAt = async (side: Side) => (await findVersion(side, model))?.manifest_hash;

describe("signing a model", () => {
  it("gives both the same manifest, whoever is first", async () => {
    await leave(bank);
    const early = await taken(bank);
    await bring(bank, telco, early); // before telco has its own part
    expect(await findVersion(telco, model)).toBeUndefined();
    await leave(telco);
    await exchange();
    const hash = await hashAt(bank);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashAt(telco)).toBe(hash);
    for (const side of [bank, telco])
      expect((await signaturesOf(side, model, 1)).map(({ manifest_hash }) => manifest_hash)).toEqual([hash, hash]);
    await bring(bank, telco, early); // heard again
    expect(await hashAt(telco)).toBe(hash);
  });

  it("starts anew with a newer attempt, under the same version number", async () => {
    await leave(bank);
    await leave(telco);
    await exchange();
    const [before, number] = [await hashAt(bank), (await findVersion(bank, model))?.version];
    await leave(bank, 2);
    expect(await hashAt(bank)).toBeNull();
    await leave(telco, 2);
    await exchange();
    expect(await hashAt(bank)).toBe(await hashAt(telco));
    expect(await hashAt(bank)).not.toBe(before);
    expect(await findVersion(bank, model)).toMatchObject({ version: number, attempt: 2 });
  });

  it("refuses another part for the same attempt, a wrong signature, and who holds no part", async () => {
    await leave(bank);
    await leave(telco);
    const [body] = await taken(bank);
    await onSign(telco, caller(bank), body!);
    const as = (change: Partial<Body>, who: Partial<Partner> = {}) =>
      onSign(telco, { ...caller(bank), ...who }, { ...body!, ...change });
    await expect(as({ digest: "0".repeat(64) })).rejects.toMatchObject({ code: "auth.bad-signature" });
    await expect(as({ signature: "A".repeat(86) })).rejects.toMatchObject({ code: "auth.bad-signature" });
    await expect(as({ attempt: 2 })).rejects.toMatchObject({ code: "auth.bad-signature" });
    await expect(as({ attempt: 3 })).rejects.toMatchObject({ code: "auth.model" });
    await expect(as({}, { party: "insurer" })).rejects.toMatchObject({ code: "auth.model" });
    await expect(as({}, { signingKey: telco.keys.signing.publicKey })).rejects.toMatchObject({
      code: "auth.bad-signature",
    });
    await expect(as({ model: `${job}.score` })).rejects.toMatchObject({ code: "auth.model" });
    await expect(as({ model: `${job}.nothing` })).rejects.toMatchObject({ code: "auth.model" });
    await leave(bank); // another salt, so another digest, of the same attempt
    const own = (await signaturesOf(bank, model, 1)).find(({ party }) => party === "bank");
    expect(own?.digest).toBe(body!.digest);
  });
});
