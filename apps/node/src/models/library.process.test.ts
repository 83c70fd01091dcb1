/** Two real nodes and one trained model: signed by both, altered in every place, permitted, withdrawn, exported, imported. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client, FlowCheck, ModelDetail, RequestPermit } from "@tombolo/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKeys } from "../config/keys.ts";
import { dataPaths } from "../config/paths.ts";
import type { Side } from "../partner/side.ts";
import { openStore } from "../store/store.ts";
import { hasEnded, until } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene, serveFlow, serving, submitJoint } from "../testing/joint-job.ts";
import { verifyModel } from "./verification.ts";

const ROWS = 800;
const DAY_MS = 86_400_000;
let scene: Scene;
let id: string;
let analyst: Client;

beforeAll(async () => {
  scene = await creditScene(ROWS);
  analyst = await scene.cluster.node("bank").analyst();
  id = `${await train()}.train`;
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

async function train(): Promise<string> {
  const job = await submitJoint(scene, { trees: 2, baseline: true });
  await consentBoth(scene, job);
  expect(await scene.cluster.job("bank", job, "over", hasEnded, 300)).toMatchObject({ status: "SUCCESS" });
  return job;
}

const seenAt = async (party: string): Promise<ModelDetail> =>
  (await scene.cluster.node(party).analyst()).call("getModel", { params: { id } });

async function scoreFlow(): Promise<FlowCheck> {
  const hosts = [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }];
  const body = { name: "Score", modelId: id, datasetId: scene.bankData, keys: ["phone"], hosts };
  return analyst.call("scoreFlow", { body });
}

/** Answers the job once both have consented. */
async function submitScore(): Promise<string> {
  const { ok, problems, flow } = await scoreFlow();
  expect({ ok, problems }).toEqual({ ok: true, problems: [] });
  const body = { projectId: scene.projectId, flow: flow as Record<string, unknown> };
  const job = await analyst.call("submitJob", { body });
  await consentBoth(scene, job.id);
  return job.id;
}

const score = async () => scene.cluster.job("bank", await submitScore(), "over", hasEnded, 300);

async function askPermit(terms: Partial<RequestPermit> & { parties: string[] }): Promise<void> {
  const body = {
    use: ["batch" as const],
    purpose: "monthly review",
    rowsMax: null,
    expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
    ...terms,
  };
  await analyst.call("requestPermit", { params: { id }, body });
  for (const party of terms.parties) await grantPermit(party);
}

/** The newest request at `party` gets its approver's yes; waits until the bank has heard of it. */
async function grantPermit(party: string): Promise<void> {
  const approver = await scene.cluster.node(party).approver();
  const waiting = await until(`${party} is asked for a permit`, async () =>
    (await approver.call("listApprovals", { query: {} })).items.find(({ kind }) => kind === "model"),
  );
  await scene.cluster.decide(party, "model", waiting.permitId!);
  await until(`the bank knows the permit of ${party}`, async () =>
    (await seenAt("bank")).parts
      .find((part) => part.party === party)
      ?.permits.some((permit) => permit.id === waiting.permitId && permit.status === "ACTIVE"),
  );
}

describe("a trained model", () => {
  it("is a version at both, with the same manifest and every signature", async () => {
    const [bank, telco] = [await seenAt("bank"), await seenAt("telco")];
    expect(bank).toMatchObject({ name: "Joint credit model", version: 1, signed: true, status: "ACTIVE" });
    expect(bank.verification.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(telco.verification).toMatchObject({ ok: true, manifestHash: bank.verification.manifestHash });
    expect(bank.parts.map(({ digest }) => digest)).toEqual(telco.parts.map(({ digest }) => digest));
    expect(bank.schema.filter(({ use }) => use !== "feature").map(({ name }) => name)).toEqual(["phone", "default"]);
    expect(telco.schema.map(({ name }) => name)).not.toContain("default");
    expect(bank.lineage.pipeline.map(({ task }) => task)).toEqual(["read", "match", "split", "train"]);
    expect(bank.lineage.datasets.map(({ datasetId }) => datasetId).sort()).toEqual(
      [scene.bankData, scene.telcoData].sort(),
    );
    expect(bank.lineage.datasets.find(({ party }) => party === "telco")?.grantId).toBe(scene.grantId);
  });

  it("is compared with another, and named so that both are versions of one", async () => {
    const other = id.replace("train", "baseline-train");
    const alone = await analyst.call("getModel", { params: { id: other } });
    expect(alone).toMatchObject({ name: "Joint credit model / baseline-train", version: 1, signed: true });
    const compared = await analyst.call("compareModels", { params: { id, other } });
    expect(compared.metrics.find(({ name }) => name === "trees")).toEqual({ name: "trees", a: 2, b: 2 });
    const total = (side: "a" | "b") => compared.importance.reduce((sum, row) => sum + (row[side] ?? 0), 0);
    expect([total("a"), total("b")].map((sum) => sum.toFixed(6))).toEqual(["1.000000", "1.000000"]);
    const body = { name: "Joint credit model" };
    const renamed = await analyst.call("describeModel", { params: { id: other }, body });
    expect(renamed).toMatchObject({ name: "Joint credit model", version: 2 });
  });

  it("has the reports of its training and of what was scored with it, where the labels are", async () => {
    const { items } = await analyst.call("modelReports", { params: { id } });
    expect(items.map(({ about, task, kind }) => [about, task, kind])).toEqual([
      ["training", "train", "boosting-training"],
      ["training", "train", "importance"],
      ["evaluation", "evaluate", "binary-evaluation"],
    ]);
    const host = await scene.cluster.node("telco").analyst();
    const theirs = await host.call("modelReports", { params: { id } });
    expect(theirs.items.map(({ kind }) => kind)).toEqual(["boosting-host", "importance"]);
  });

  it("is published to the partner that holds a part", async () => {
    await analyst.call("describeModel", { params: { id }, body: { notes: "First try\nwith two trees" } });
    await analyst.call("publishModel", { params: { id }, body: { published: true } });
    const seen = await until("telco sees it", async () => {
      const part = (await seenAt("telco")).parts.find(({ party }) => party === "bank");
      return part?.published ?? undefined;
    });
    expect(seen).toEqual({ name: "Joint credit model", version: 1, notes: "First try\nwith two trees" });
  });
});

describe("an altered part", () => {
  it("is found in the file, before a job is proposed and before it runs", { timeout: 240_000 }, async () => {
    const waiting = await scoreFlow();
    expect(waiting.ok).toBe(true);
    const file = await partFile("telco");
    const kept = await readFile(file, "utf8");
    try {
      await writeFile(file, kept.replace(/"featureNumbers":/, '"featureNumbers": '));
      const body = { projectId: scene.projectId, flow: waiting.flow as Record<string, unknown> };
      const { id: job } = await analyst.call("submitJob", { body });
      const ended = await scene.cluster.job("bank", job, "refused", hasEnded);
      expect(ended).toMatchObject({ status: "REJECTED", failure: { code: "state.model-altered", party: "telco" } });
      const found = (await seenAt("telco")).verification;
      expect(found.checks.filter(({ ok }) => !ok)).toMatchObject([{ party: "telco", what: "file" }]);
      const own = await partFile("bank");
      const whole = await readFile(own, "utf8");
      await writeFile(own, "{}");
      const refused = await scoreFlow();
      await writeFile(own, whole);
      expect(refused.problems[0]?.message).toContain("the file of the part of bank is altered");
    } finally {
      await writeFile(file, kept);
    }
    expect((await seenAt("telco")).verification.ok).toBe(true);
  });

  it("is found in every record, and whose it is is said", { timeout: 240_000 }, async () => {
    const node = scene.cluster.node("bank");
    await node.kill("SIGTERM");
    const paths = dataPaths(node.directory);
    const store = await openStore({ folder: paths.database });
    const keys = await loadKeys(paths.keys, undefined);
    const side = { store, paths, keys, config: { party: "bank" } } as unknown as Side;
    try {
      for (const [what, party, alter] of alterations()) {
        const undone = new Error("undone");
        const run = store.transaction(async () => {
          await alter(store);
          const { checks } = await verifyModel(side, id);
          expect(checks.filter(({ ok }) => !ok)).toContainEqual(expect.objectContaining({ what, party }));
          throw undone;
        });
        await expect(run).rejects.toBe(undone);
      }
      expect((await verifyModel(side, id)).ok).toBe(true);
    } finally {
      await store.close();
      await node.start();
    }
  });
});

type Store = Awaited<ReturnType<typeof openStore>>;

function alterations(): [string, string, (store: Store) => Promise<unknown>][] {
  const other = "A".repeat(86);
  const version = (store: Store) => store.db.updateTable("model_versions").where("model_id", "=", id);
  const signed = (store: Store, party: string) =>
    store.db.updateTable("model_signatures").where("model_id", "=", id).where("party", "=", party);
  const changed = async (store: Store, column: "part" | "manifest", change: (value: never) => unknown) => {
    const row = await store.db
      .selectFrom("model_versions")
      .select(column)
      .where("model_id", "=", id)
      .executeTakeFirstOrThrow();
    const value = structuredClone(row[column]);
    change(value as never);
    return version(store)
      .set({ [column]: JSON.stringify(value) })
      .execute();
  };
  return [
    ["record", "bank", (store) => changed(store, "part", (part: { schema: unknown[] }) => part.schema.pop())],
    [
      "record",
      "bank",
      (store) =>
        store.db
          .updateTable("models")
          .set({ summary: JSON.stringify({ kind: "boosting", objective: "binary", metrics: { auc: 0.99 } }) })
          .where("id", "=", id)
          .execute(),
    ],
    [
      "manifest",
      "bank",
      (store) =>
        changed(store, "manifest", (manifest: { lineage: { datasets: unknown[] } }) => manifest.lineage.datasets.pop()),
    ],
    [
      "manifest",
      "bank",
      (store) =>
        store.db
          .updateTable("jobs")
          .set({ consent_hash: "0".repeat(64) })
          .where("id", "=", id.split(".")[0]!)
          .execute(),
    ],
    ["part-signature", "telco", (store) => signed(store, "telco").set({ signature: other }).execute()],
    [
      "part-signature",
      "bank",
      (store) =>
        signed(store, "bank")
          .set({ signing_key: "B".repeat(43) })
          .execute(),
    ],
    ["manifest-signature", "telco", (store) => signed(store, "telco").set({ manifest_signature: other }).execute()],
    [
      "manifest",
      "bank",
      (store) =>
        signed(store, "telco")
          .set({ digest: "0".repeat(64) })
          .execute(),
    ],
    [
      "part-signature",
      "telco",
      (store) =>
        store.db.deleteFrom("model_signatures").where("model_id", "=", id).where("party", "=", "telco").execute(),
    ],
    ["record", "bank", (store) => store.db.deleteFrom("model_versions").where("model_id", "=", id).execute()],
  ];
}

async function partFile(party: string): Promise<string> {
  const [job = "", task = ""] = id.split(".");
  return join(dataPaths(scene.cluster.node(party).directory).tasks, job, task, "1", "model.json");
}

describe("a permit", () => {
  it("is not needed while nobody decided: the job's approval is the consent", { timeout: 240_000 }, async () => {
    expect(await score()).toMatchObject({ status: "SUCCESS", failure: null });
    expect((await seenAt("bank")).lineage.usedBy).toContainEqual(
      expect.objectContaining({ name: "Score", status: "SUCCESS" }),
    );
  });

  it("is not given by who asked, nor for another model than was shown", async () => {
    const both = await scene.cluster.node("bank").person("both", "analyst", "approver");
    const body = {
      use: ["batch" as const],
      purpose: "own use",
      rowsMax: 10,
      expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
      parties: ["bank"],
    };
    await both.call("requestPermit", { params: { id }, body });
    const find = async (client: Client) =>
      (await client.call("listApprovals", { query: {} })).items.find(({ kind }) => kind === "model")!;
    const item = await find(both);
    expect(item).toMatchObject({ mayDecide: false, requestedBy: "both" });
    const { consentHash, statements, modelId } = await both.call("getApproval", { params: { id: item.id } });
    expect({ consentHash, modelId }).toEqual({
      consentHash: (await seenAt("bank")).verification.manifestHash,
      modelId: id,
    });
    expect(statements.map(({ zh }) => zh).join()).toContain("累计最多 10 行");
    const yes = { params: { id: item.id }, body: { consentHash } };
    await expect(both.call("approve", yes)).rejects.toMatchObject({ code: "consent.four-eyes" });
    const approver = await scene.cluster.node("bank").approver();
    const wrong = { params: { id: item.id }, body: { consentHash: "0".repeat(64) } };
    await expect(approver.call("approve", wrong)).rejects.toMatchObject({ code: "consent.changed" });
    await approver.call("reject", { params: { id: item.id }, body: { reason: "not yet" } });
  });

  it("is enforced by the party that gave it: use, rows", { timeout: 360_000 }, async () => {
    await askPermit({ parties: ["telco"], use: ["online"] });
    const online = await scoreRefused();
    expect(online).toMatchObject({ failure: { code: "consent.permit-use", party: "telco" } });
    await askPermit({ parties: ["telco"], rowsMax: 10 });
    expect(await score()).toMatchObject({
      status: "FAILED",
      failure: { code: "consent.permit-used-up", party: "telco" },
    });
    await askPermit({ parties: ["telco"], rowsMax: ROWS });
    expect(await score()).toMatchObject({ status: "SUCCESS" });
    const own = (await seenAt("telco")).parts.find(({ party }) => party === "telco")!;
    const left = own.permits.find(({ terms }) => terms.rowsMax === ROWS)!.rowsLeft!;
    expect(left).toBeLessThan(ROWS);
  });

  it("ends with a withdrawal, which stops what runs and bars what comes", { timeout: 360_000 }, async () => {
    const body = { projectId: scene.projectId, flow: (await scoreFlow()).flow as Record<string, unknown> };
    const { id: waiting } = await analyst.call("submitJob", { body });
    const service = { projectId: scene.projectId, flow: serveFlow(scene, id) };
    const { id: running } = await analyst.call("submitJob", { body: service });
    await consentBoth(scene, running);
    await serving(scene, running, 1);
    const approver = await scene.cluster.node("telco").approver();
    await scene.cluster.decide("bank", "job", waiting);
    await approver.call("withdrawModel", { params: { id }, body: { reason: "rules changed" } });
    for (const job of [waiting, running])
      for (const party of ["bank", "telco"])
        expect(await scene.cluster.job(party, job, "ended", hasEnded)).toMatchObject({
          failure: { code: "consent.model-withdrawn", party: "telco" },
        });
    await until("the bank knows", async () =>
      (await seenAt("bank")).parts.some(({ party, status }) => party === "telco" && status === "WITHDRAWN"),
    );
    expect((await scoreFlow()).problems[0]?.message).toContain("telco withdrew the model");
    await askPermit({ parties: ["telco"] });
    expect((await scoreFlow()).problems).toEqual([]);
  });

  /** Refused before anyone is asked at the partner. */
  async function scoreRefused() {
    const body = { projectId: scene.projectId, flow: (await scoreFlow()).flow as Record<string, unknown> };
    const { id: job } = await analyst.call("submitJob", { body });
    return scene.cluster.job("bank", job, "refused", hasEnded);
  }
});

describe("an archived model", () => {
  it("is refused until it is taken out again", async () => {
    await analyst.call("archiveModel", { params: { id }, body: { archived: true } });
    expect((await scoreFlow()).problems[0]?.message).toContain("bank put the model");
    expect(await analyst.call("archiveModel", { params: { id }, body: { archived: false } })).toMatchObject({
      status: "ACTIVE",
    });
  });
});

describe("an exported part", () => {
  it("comes back whole, and only as it was written, to who wrote it", { timeout: 240_000 }, async () => {
    const operator = await scene.cluster.node("bank").operator();
    const exported = await operator.call("exportModel", { params: { id }, query: {} });
    const bytes = new Uint8Array(await exported.arrayBuffer());
    const bring = (client: Client, body: Uint8Array) =>
      client.call(
        "importModel",
        { body: body as Uint8Array<ArrayBuffer> },
        { contentType: "application/octet-stream" },
      );
    await rm(await partFile("bank"));
    expect((await seenAt("bank")).verification.ok).toBe(false);
    const text = new TextDecoder().decode(bytes);
    const altered = new TextEncoder().encode(text.replace('"withdrawn":false', '"withdrawn":true '));
    await expect(bring(operator, altered)).rejects.toMatchObject({ code: "auth.bad-signature" });
    const cut = bytes.slice(0, -1);
    await expect(bring(operator, cut)).rejects.toMatchObject({ code: "state.model-altered" });
    const stranger = await scene.cluster.node("telco").operator();
    await expect(bring(stranger, bytes)).rejects.toMatchObject({ code: "input.model-file" });
    await expect(bring(operator, new Uint8Array(100))).rejects.toMatchObject({ code: "input.model-file" });
    expect(await bring(operator, bytes)).toMatchObject({ id, version: 1 });
    expect((await seenAt("bank")).verification.ok).toBe(true);

    const asJson = await operator.call("exportModel", { params: { id }, query: { format: "json" } });
    const document = (await asJson.json()) as Record<"header" | "schema" | "model", Record<string, unknown>>;
    expect(document.schema).toHaveProperty("oneOf");
    expect(document.model).toMatchObject({ kind: "boosting", part: { kind: "boosting/guest" } });
    const laidOut = (value: unknown) => new TextEncoder().encode(JSON.stringify(value, null, 2));
    await rm(await partFile("bank"));
    await expect(bring(stranger, laidOut(document))).rejects.toMatchObject({ code: "input.model-file" });
    const renamed = { ...document, header: { ...document.header, party: "bank", surprise: 1 } };
    await expect(bring(operator, laidOut(renamed))).rejects.toMatchObject({ code: "input.model-file" });
    const weaker = { ...document, model: { ...document.model, positive: "no" } };
    await expect(bring(operator, laidOut(weaker))).rejects.toMatchObject({ code: "state.model-altered" });
    const { model: _, ...without } = document;
    await expect(bring(operator, laidOut(without))).rejects.toMatchObject({ code: "input.model-file" });
    expect(await bring(operator, laidOut(document))).toMatchObject({ id, version: 1 });
    expect((await seenAt("bank")).verification.ok).toBe(true);
  });
});
