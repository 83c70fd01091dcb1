/** Two real nodes, their runners and people of every role: the main jobs, from consent to what is made with their models. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { until } from "../testing/cluster.ts";
import {
  bankCustomers,
  consentBoth,
  creditScene,
  endedAtBoth,
  type Scene,
  serveFlow,
  serving,
  submitJoint,
  submitMatch,
} from "../testing/joint-job.ts";

const ROWS = 4000;
let scene: Scene;
/** The boosting model of the first job. */
let trained: string;
let regression: string;

beforeAll(async () => {
  scene = await creditScene(ROWS);
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

describe("a job of two parties", { timeout: 600_000 }, () => {
  it("matches, splits, trains, scores and evaluates, and each side sees its own", async () => {
    const id = await submitJoint(scene, { baseline: true });
    await consentBoth(scene, id);
    const { bank, telco } = await endedAtBoth(scene, id);
    expect(bank.failure).toBeNull();
    expect(bank.status).toBe("SUCCESS");
    expect(bank.tasks.map(({ status }) => status)).toEqual(bank.tasks.map(() => "SUCCESS"));
    expect(bank.consents.map(({ status }) => status)).toEqual(["APPROVED", "APPROVED"]);
    // What one side sent is what the other received.
    const total = (rows: typeof bank.meter, direction: "in" | "out") =>
      rows.filter((row) => row.direction === direction).reduce((sum, row) => sum + row.bytes, 0);
    expect(total(bank.meter, "out")).toBe(total(telco.meter, "in"));
    expect(total(bank.meter, "out")).toBeGreaterThan(10_000);
    expect(bank.meter.every(({ means }) => means.en !== "" && means.zh !== "")).toBe(true);
    const analyst = await scene.cluster.node("bank").analyst();
    const reports = (await analyst.call("jobReports", { params: { id } })).items;
    expect(reports.map(({ task }) => task)).toEqual(expect.arrayContaining(["match", "evaluate", "baseline-evaluate"]));
    for (const party of ["bank", "telco"]) {
      const client = await scene.cluster.node(party).analyst();
      const model = (await client.call("listModels")).items.find((each) => each.id === `${id}.train`);
      expect(model?.parties.map((each) => each.party)).toEqual(["bank", "telco"]);
    }
    trained = `${id}.train`;
    const output = await analyst.call("taskOutput", { params: { id, task: "score", port: "data" }, query: {} });
    expect((await output.text()).split("\n").length).toBeGreaterThan(100);
    const seen = await scene.cluster.node("telco").analyst();
    await expect(
      seen.call("taskOutput", { params: { id, task: "baseline-score", port: "data" }, query: {} }),
    ).rejects.toThrow();
  });

  it("scores own rows with a model of an earlier job", async () => {
    const analyst = await scene.cluster.node("bank").analyst();
    const [model] = (await analyst.call("listModels")).items.filter(({ task }) => task === "train");
    expect((await analyst.call("getModel", { params: { id: model!.id } })).importance.length).toBeGreaterThan(0);
    const hosts = [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }];
    const form = { name: "Score", modelId: model!.id, datasetId: scene.bankData, keys: ["phone"], hosts };
    const { ok, problems, flow } = await analyst.call("scoreFlow", { body: form });
    expect({ ok, problems }).toEqual({ ok: true, problems: [] });
    const body = { projectId: scene.projectId, flow: flow as Record<string, unknown> };
    const { id } = await analyst.call("submitJob", { body });
    await consentBoth(scene, id);
    const { bank } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    const output = await analyst.call("taskOutput", { params: { id, task: "export", port: "data" }, query: {} });
    expect((await output.text()).split("\n").length).toBeGreaterThan(1000);
  });

  it("fits the example's regression on shares, each side to its own coefficients, and scores with it", async () => {
    const example = await readFile(new URL("../../../../examples/credit/regression.yaml", import.meta.url), "utf8");
    const yaml = example.replace("ds-of-the-bank", scene.bankData).replace("ds-of-the-telco", scene.telcoData);
    const flow = parse(
      yaml.replace("testShare: 0.3", "testShare: 0.85").replace("missing: mean", "missing: mean, iterations: 1"),
    ) as Record<string, unknown> & { tasks: Record<string, unknown> };
    // Mini-batches have lanes of their own beside the session.
    flow.tasks.batches = {
      component: "regression-train",
      inputs: { data: "split.train" },
      parameters: { family: "logistic", missing: "mean", solver: "sgd", epochs: 2, batchRows: 256 },
    };
    const analyst = await scene.cluster.node("bank").analyst();
    const { id } = await analyst.call("submitJob", { body: { projectId: scene.projectId, flow } });
    await consentBoth(scene, id);
    const { bank } = await endedAtBoth(scene, id, 240);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    for (const [party, column, other] of [
      ["bank", "amount", "seniority"],
      ["telco", "seniority", "amount"],
    ] as const) {
      const client = await scene.cluster.node(party).analyst();
      const { items } = await client.call("jobReports", { params: { id } });
      const own = JSON.stringify(items.find(({ kind }) => kind === "regression-training")!.data);
      expect(own).toContain(`"${column}"`);
      expect(own).not.toContain(`"${other}"`);
    }
    const { items } = await analyst.call("jobReports", { params: { id } });
    expect(items.find(({ task }) => task === "judge")!.data).toMatchObject({ auc: expect.any(Number) });
    regression = id;
  });

  it("offers that regression what is made for its kind: a job that scores, and a service of the same scores", async () => {
    const analyst = await scene.cluster.node("bank").analyst();
    const modelId = `${regression}.train`;
    const hosts = [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }];
    const score = { name: "Score", modelId, datasetId: scene.bankData, keys: ["phone"], hosts };
    const shown = await analyst.call("getModel", { params: { id: modelId } });
    expect(shown).toMatchObject({ kind: "regression", trees: null, regression: { family: "logistic" } });
    const compared = await analyst.call("compareModels", { params: { id: modelId, other: modelId } });
    expect(compared.coefficients.map(({ name }) => name)).toContain("amount");
    expect(compared.coefficients.map(({ a, b }) => a!.effect - b!.effect)).toEqual(compared.coefficients.map(() => 0));
    const scoring = await analyst.call("scoreFlow", { body: score });
    expect(scoring).toMatchObject({ ok: true, flow: { tasks: { score: { component: "regression-predict" } } } });
    const flow = scoring.flow as { tasks: Record<string, object> };
    const wrong = {
      ...flow,
      tasks: { ...flow.tasks, score: { ...flow.tasks.score, component: "boosting-predict", parameters: {} } },
    };
    const checked = await analyst.call("checkFlow", { body: { projectId: scene.projectId, flow: wrong } });
    expect(checked.problems.map(({ path }) => path)).toContain("tasks.score.inputs.model");

    const end = new Date(Date.now() + 86_400_000).toISOString();
    const form = {
      name: "regression",
      modelId,
      hosts,
      until: end,
      parameters: { timeoutMs: 15_000, duplicates: "remove", empty: "remove" },
    };
    const hidden = analyst.call("serviceFlow", { body: { ...form, hidden: true } });
    await expect(hidden).rejects.toMatchObject({ code: "input.model" });
    const made = await analyst.call("createService", { body: { ...form, title: "Regression" } });
    await consentBoth(scene, made.deployments[0]!.jobId);
    await serving(scene, made.deployments[0]!.jobId, 1);
    const preview = { id: regression, task: "score", port: "data" };
    const { columns, rows } = await analyst.call("previewOutput", { params: preview });
    const wanted = new Map(rows.map((row) => [String(row[columns.indexOf("phone")]), row[columns.indexOf("score")]]));
    const asked = [...(await bankCustomers(ROWS))].flatMap(([id, features]) =>
      wanted.has(id) ? [{ id, features }] : [],
    );
    const reply = await until("the partner is there", async () => {
      const answer = await analyst.call("callService", { params: { name: "regression" }, body: { rows: asked } });
      return answer.rows[0]!.score === undefined ? undefined : answer.rows;
    });
    expect(reply.map(({ score: each }) => each)).toEqual(asked.map(({ id }) => wanted.get(id)));
    expect(new Set(wanted.values()).size).toBeGreaterThan(10);
    await analyst.call("cancelJob", { params: { id: made.deployments[0]!.jobId }, body: { reason: "enough" } });
    await endedAtBoth(scene, made.deployments[0]!.jobId);
  });

  it("serves a model until it is cancelled, over a restart of either node, and draws one use of the grant", async () => {
    const { cluster, projectId, grantId } = scene;
    const analyst = await cluster.node("bank").analyst();
    const usesLeft = async () =>
      (await (await cluster.node("telco").analyst()).call("listGrants")).items.find(({ id }) => id === grantId)!
        .usesLeft;
    const before = await usesLeft();
    const { id } = await analyst.call("submitJob", { body: { projectId, flow: serveFlow(scene, trained) } });
    await consentBoth(scene, id);
    await serving(scene, id, 1);
    for (const [i, party] of ["telco", "bank"].entries()) {
      await cluster.node(party).kill("SIGKILL");
      await cluster.node(party).start();
      await serving(scene, id, i + 2);
    }
    expect(await usesLeft()).toBe(before - 1);
    await analyst.call("cancelJob", { params: { id }, body: { reason: "enough" } });
    expect((await endedAtBoth(scene, id)).bank).toMatchObject({
      status: "CANCELLED",
      failure: { code: "aborted.cancelled" },
    });
    await until("no runner is left", async () => (await cluster.node("telco").runners()).length === 0);
  });

  it("runs two at once", async () => {
    const ids = await Promise.all([submitMatch(scene), submitMatch(scene)]);
    await Promise.all(ids.map((id) => consentBoth(scene, id)));
    const ended = await Promise.all(ids.map((id) => endedAtBoth(scene, id)));
    expect(ended.map(({ bank }) => bank.status)).toEqual(["SUCCESS", "SUCCESS"]);
  });

  it("proves the journals complete up to what the partner holds", async () => {
    for (const party of ["bank", "telco"]) {
      const auditor = await scene.cluster.node(party).person("auditor", "auditor");
      const verified = await until(`${party}'s journal is held by the partner`, async () => {
        const found = await auditor.call("verifyJournal");
        return found.provenUpTo.length > 0 ? found : undefined;
      });
      expect(verified).toMatchObject({ ok: true, problems: [] });
      expect(verified.provenUpTo[0]!.size).toBeGreaterThan(10);
    }
  });
});
