/** Two real nodes, their runners and people of every role: the main job, what is refused, and what is survived. */
import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasEnded, until } from "../testing/cluster.ts";
import { keysOf, send, signed } from "../testing/intruder.ts";
import {
  consentBoth,
  creditScene,
  head,
  matchFlow,
  type Scene,
  serveFlow,
  serving,
  submitJoint,
  termsFor,
} from "../testing/joint-job.ts";
import { PATHS } from "./wire.ts";

const ROWS = 4000;
/** All a runner may see: no passphrase, no database URL, no proxy. */
const RUNNER_ENVIRONMENT = [
  ...["HOME", "TMPDIR", "PATH", "LANG", "LC_ALL", "TZ", "RAYON_NUM_THREADS", "TOMBOLO_KERNELS"],
  ...["NODE_COMPILE_CACHE", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"],
];
let scene: Scene;
/** The boosting model of the first job. */
let trained: string;
let regression: string;

beforeAll(async () => {
  scene = await creditScene(ROWS, { TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: "40" });
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

/** The bank's rows as callers of a service send them. */
async function customers() {
  const [header, ...lines] = (await head("bank.csv", ROWS))
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const cellOf = (name: string, text: string) => (text === "" ? null : name === "home" ? text : Number(text));
  return lines.map((line) => {
    const row = Object.fromEntries(header!.map((name, i) => [name, line[i]!]));
    const own = ["time", "amount", "price", "debt", "home"];
    return { id: row.phone!, features: Object.fromEntries(own.map((name) => [name, cellOf(name, row[name]!)])) };
  });
}

const submitMatch = async (telcoColumns?: readonly string[], projectId = scene.projectId) => {
  const analyst = await scene.cluster.node("bank").analyst();
  const flow = matchFlow(scene, telcoColumns);
  return (await analyst.call("submitJob", { body: { projectId, flow } })).id;
};

/** The job once it has ended at both parties, in the same state. */
async function endedAtBoth(id: string, seconds = 120) {
  const bank = await scene.cluster.job("bank", id, "over", hasEnded, seconds);
  const telco = await scene.cluster.job("telco", id, "over", (status) => status === bank.status, 40);
  return { bank, telco };
}

describe("a job of two parties", { timeout: 600_000 }, () => {
  it("matches, splits, trains, scores and evaluates, and each side sees its own", async () => {
    const id = await submitJoint(scene, { baseline: true });
    await consentBoth(scene, id);
    const { bank, telco } = await endedAtBoth(id);
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
    const { bank } = await endedAtBoth(id);
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
    const { bank } = await endedAtBoth(id, 240);
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
    const asked = (await customers()).filter(({ id }) => wanted.has(id));
    const reply = await until("the partner is there", async () => {
      const answer = await analyst.call("callService", { params: { name: "regression" }, body: { rows: asked } });
      return answer.rows[0]!.score === undefined ? undefined : answer.rows;
    });
    expect(reply.map(({ score: each }) => each)).toEqual(asked.map(({ id }) => wanted.get(id)));
    expect(new Set(wanted.values()).size).toBeGreaterThan(10);
    await analyst.call("cancelJob", { params: { id: made.deployments[0]!.jobId }, body: { reason: "enough" } });
    await endedAtBoth(made.deployments[0]!.jobId);
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
    expect((await endedAtBoth(id)).bank).toMatchObject({ status: "CANCELLED", failure: { code: "aborted.cancelled" } });
    await until("no runner is left", async () => (await cluster.node("telco").runners()).length === 0);
  });

  it("runs two at once", async () => {
    const ids = await Promise.all([submitMatch(), submitMatch()]);
    await Promise.all(ids.map((id) => consentBoth(scene, id)));
    const ended = await Promise.all(ids.map((id) => endedAtBoth(id)));
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

describe("consent", () => {
  it("is not given by who asked, on the initiator's side too", async () => {
    const both = await scene.cluster.node("bank").person("both", "analyst", "approver");
    const { id } = await both.call("submitJob", { body: { projectId: scene.projectId, flow: matchFlow(scene) } });
    const item = (await both.call("listApprovals", { query: {} })).items.find((each) => each.jobId === id);
    expect(item).toMatchObject({ mayDecide: false });
    const { consentHash } = await both.call("getApproval", { params: { id: item!.id } });
    await expect(both.call("approve", { params: { id: item!.id }, body: { consentHash } })).rejects.toMatchObject({
      code: "consent.four-eyes",
    });
    await scene.cluster.decide("bank", "job", id, "not needed");
    expect((await endedAtBoth(id)).telco.status).toBe("REJECTED");
  });

  it("needs the hash that was shown", async () => {
    const id = await submitMatch();
    const approver = await scene.cluster.node("telco").approver();
    const item = await until("telco is asked", async () =>
      (await approver.call("listApprovals", { query: {} })).items.find((each) => each.jobId === id),
    );
    const body = { consentHash: "0".repeat(64) };
    await expect(approver.call("approve", { params: { id: item.id }, body })).rejects.toMatchObject({
      code: "consent.changed",
    });
    await scene.cluster.decide("telco", "job", id, "columns too wide");
    const { bank } = await endedAtBoth(id);
    expect(bank).toMatchObject({ status: "REJECTED", failure: { code: "consent.rejected", party: "telco" } });
    expect(bank.failure?.message).toContain("columns too wide");
  });

  it("shows in plain words what is learnt, and what changed since the last yes", async () => {
    const first = await submitMatch();
    await consentBoth(scene, first);
    await endedAtBoth(first);
    const second = await submitMatch(["age", "income"]);
    const approver = await scene.cluster.node("telco").approver();
    const item = await until("telco is asked", async () =>
      (await approver.call("listApprovals", { query: {} })).items.find((each) => each.jobId === second),
    );
    const detail = await approver.call("getApproval", { params: { id: item.id } });
    expect(detail.statements.some(({ en }) => en.includes("bank will learn"))).toBe(true);
    expect(detail.statements.some(({ zh }) => zh.includes("将得知"))).toBe(true);
    // Nobody may ask about many more rows than the data consented to have.
    expect(detail.statements.some(({ en }) => en.includes(`${2 ** Math.ceil(Math.log2(ROWS))} rows at most`))).toBe(
      true,
    );
    expect(detail.diff?.some(({ after }) => JSON.stringify(after).includes("income"))).toBe(true);
    await approver.call("comment", { params: { id: item.id }, body: { text: "Why income?" } });
    const bank = await scene.cluster.node("bank").approver();
    const theirs = (await bank.call("listApprovals", { query: {} })).items.find((each) => each.jobId === second)!;
    await until("bank reads the comment", async () =>
      (await bank.call("getApproval", { params: { id: theirs.id } })).comments.some(
        (each) => each.text === "Why income?",
      ),
    );
    await scene.cluster.decide("bank", "job", second, "withdrawn");
  });

  it("is asked for again by the partner's node itself: no task starts without it", async () => {
    const id = await submitMatch();
    await scene.cluster.decide("bank", "job", id);
    const bank = await keysOf(scene.cluster.node("bank"));
    const telco = scene.cluster.node("telco");
    const order = { job_id: id, fence: 9, task: "read", attempt: 1, session_token: "s".repeat(43), upstream: [] };
    const start = { job_id: id, fence: 9, consents: [], away_seconds: 10 };
    expect(await send(telco, bank, signed(bank, telco, PATHS.jobStart, start))).toMatchObject({
      code: "consent.missing",
    });
    expect(await send(telco, bank, signed(bank, telco, PATHS.taskStart, order))).toMatchObject({ code: "state.job" });
    const unknown = { ...start, job_id: "job-0000000000000000" };
    expect(await send(telco, bank, signed(bank, telco, PATHS.jobStart, unknown))).toMatchObject({
      code: "consent.missing",
    });
    await scene.cluster.decide("telco", "job", id, "no");
  });
});

describe("grants", { timeout: 600_000 }, () => {
  const check = async (telcoColumns: readonly string[], projectId = scene.projectId) => {
    const analyst = await scene.cluster.node("bank").analyst();
    return analyst.call("checkFlow", { body: { projectId, flow: matchFlow(scene, telcoColumns) } });
  };

  it("stop a job that outgrows them, at the owner's node whatever the initiator says", async () => {
    const analyst = await scene.cluster.node("telco").approver();
    await analyst.call("revokeGrant", { params: { id: scene.grantId }, body: { reason: "narrower ones follow" } });
    const { id } = await scene.cluster.grant("bank", "telco", termsFor(scene, { columns: ["phone", "age"], uses: 1 }));
    await until("bank knows the old grant is gone", async () => !(await check(["income"])).ok);
    expect((await check(["income"])).problems[0]?.message).toContain("income");
    const jobs = [await submitMatch(["age"]), await submitMatch(["age"])];
    for (const job of jobs) await consentBoth(scene, job);
    const ended = await Promise.all(jobs.map((job) => endedAtBoth(job)));
    // One use: the first to start drew it; the other is refused by the owner by name.
    expect(ended.map(({ bank }) => bank.status).sort()).toEqual(["FAILED", "SUCCESS"]);
    const refused = ended.find(({ bank }) => bank.status === "FAILED")!;
    expect(refused.bank.failure).toMatchObject({ code: "consent.grant-used-up", party: "telco" });
    const grants = (await (await scene.cluster.node("telco").analyst()).call("listGrants")).items;
    expect(grants.find((each) => each.id === id)).toMatchObject({ status: "USED_UP", usesLeft: 0 });
  });

  it("expire", async () => {
    const expiresAt = new Date(Date.now() + 6_000).toISOString();
    await scene.cluster.grant("bank", "telco", termsFor(scene, { expiresAt, columns: ["phone", "records"] }));
    const id = await submitMatch(["records"]);
    await scene.cluster.decide("bank", "job", id);
    await until("it has expired", async () => Date.now() > Date.parse(expiresAt) + 100);
    await scene.cluster.decide("telco", "job", id);
    const { bank } = await endedAtBoth(id);
    expect(bank.failure).toMatchObject({ code: "consent.grant-expired", party: "telco" });
  });

  it("consent by themselves where they are standing, and end running jobs once revoked", async () => {
    const { id: grantId } = await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
    const id = await submitJoint(scene, { trees: 200 });
    await scene.cluster.decide("bank", "job", id);
    await scene.cluster.job("bank", id, "training", (status) => status === "RUNNING");
    await until(
      "it trains",
      async () => {
        const job = await scene.cluster.job("bank", id, "there", () => true);
        return job.tasks.find(({ name }) => name === "train")?.status === "RUNNING";
      },
      180,
    );
    const approver = await scene.cluster.node("telco").approver();
    await approver.call("revokeGrant", { params: { id: grantId }, body: { reason: "changed our mind" } });
    const { bank, telco } = await endedAtBoth(id);
    expect(bank).toMatchObject({ status: "FAILED", failure: { code: "consent.grant-revoked", party: "telco" } });
    expect(telco.failure).toMatchObject({ code: "consent.grant-revoked" });
    await until("no runner is left", async () => (await scene.cluster.node("telco").runners()).length === 0);
    expect((await check(["age"])).problems[0]?.message).toContain("revoked");
  });
});

describe("failures", { timeout: 600_000 }, () => {
  beforeAll(async () => {
    await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
  });

  const training = async (trees = 60) => {
    const id = await submitJoint(scene, { trees });
    await scene.cluster.decide("bank", "job", id);
    await until(
      "it trains",
      async () => {
        const job = await scene.cluster.job("bank", id, "there", () => true);
        const train = job.tasks.find(({ name }) => name === "train");
        return train?.status === "RUNNING" && (train.lanes[0]?.bytesOut ?? 0) > 0;
      },
      180,
    );
    return id;
  };

  it("a killed runner costs an attempt, not the job", async () => {
    const id = await training(6);
    const [runner] = await until("telco runs a task", async () => {
      const found = await scene.cluster.node("telco").runners();
      return found.length > 0 ? found : undefined;
    });
    const seen = (await readFile(`/proc/${runner}/environ`, "utf8")).split("\0").map((each) => each.split("=")[0]!);
    expect(seen.filter((name) => name !== "" && !RUNNER_ENVIRONMENT.includes(name))).toEqual([]);
    process.kill(runner!, "SIGKILL");
    const { bank } = await endedAtBoth(id);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    expect(bank.tasks.find(({ name }) => name === "train")?.attempt).toBeGreaterThan(1);
    expect(bank.tasks.find(({ name }) => name === "match")?.attempt).toBe(1);
  });

  it.each(["telco", "bank"])("%s's node killed and started again goes on from what was agreed", async (party) => {
    const id = await training(6);
    await scene.cluster.node(party).kill("SIGKILL");
    await scene.cluster.node(party).start();
    const { bank } = await endedAtBoth(id);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    expect(bank.tasks.find(({ name }) => name === "match")?.attempt).toBe(1);
    expect(bank.tasks.find(({ name }) => name === "train")?.attempt).toBeGreaterThan(1);
  });

  it("what was acknowledged while the partner was away is delivered when it is back", async () => {
    const telco = scene.cluster.node("telco");
    const id = await submitMatch();
    await scene.cluster.job("telco", id, "asked for", () => true);
    await telco.kill("SIGKILL");
    await expect(submitMatch()).rejects.toMatchObject({ code: "input.flow" });
    await scene.cluster.decide("bank", "job", id);
    await telco.start();
    expect((await endedAtBoth(id)).bank.status).toBe("SUCCESS");
  });

  it("are rerun from what failed, and the rest is reused", async () => {
    const id = await submitJoint(scene, { trees: 3 });
    await scene.cluster.decide("bank", "job", id);
    const analyst = await scene.cluster.node("bank").analyst();
    await until(
      "it trains",
      async () => {
        const job = await analyst.call("getJob", { params: { id } });
        return job.tasks.find(({ name }) => name === "train")?.status === "RUNNING";
      },
      180,
    );
    await analyst.call("cancelJob", { params: { id }, body: { reason: "wrong day" } });
    expect((await endedAtBoth(id)).bank).toMatchObject({ status: "CANCELLED", failure: { code: "aborted.cancelled" } });
    await analyst.call("rerunJob", { params: { id } });
    const bank = await scene.cluster.job("bank", id, "rerun", (status) => status === "SUCCESS", 90);
    expect(bank.tasks.filter(({ reused }) => reused).map(({ name }) => name)).toEqual(["read", "match", "split"]);
    const logs = (await analyst.call("jobLogs", { params: { id }, query: {} })).items;
    expect(logs.some(({ message }) => message.includes("reused"))).toBe(true);
  });

  it("name the missing input", async () => {
    const id = await submitMatch();
    await rm(`${scene.cluster.node("bank").directory}/datasets/${scene.bankData}`, { recursive: true });
    await scene.cluster.decide("bank", "job", id);
    const { bank, telco } = await endedAtBoth(id);
    expect(bank).toMatchObject({ status: "FAILED", failure: { party: "bank", task: "read" } });
    expect(telco.failure).toMatchObject({ party: "bank", task: "read", detail: null });
  });
});
