/** Two real nodes: a catalogue of a large table is made, asked, refreshed, and refused when budget or epoch is used up. */
import { Client, type FlowCheck, type Job } from "@tombolo/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import { consentBoth, creditScene, type Scene } from "../testing/joint-job.ts";

const ROWS = 400;
const SMALL = 50;
const PAD = 100;
let scene: Scene;
let smallData: string;
let largeData: string;
let freshData: string;
let phones: readonly string[];
const asked = (): string[] => [...phones.slice(0, SMALL - 5), ...NEW.slice(0, 3), "00000000001", "00000000002"];
/** In the newer table only. */
const NEW = ["00000000011", "00000000012", "00000000013", "00000000014"];

beforeAll(async () => {
  scene = await creditScene(ROWS);
  const { cluster } = scene;
  phones = Array.from({ length: ROWS }, (_, i) => `139${String(i).padStart(8, "0")}`);
  const csv = (ids: readonly string[]) => `phone\n${ids.join("\n")}\n`;
  const publish = async (party: string, ids: readonly string[]) => (await cluster.publish(party, csv(ids), "phone")).id;
  smallData = await publish("bank", asked());
  largeData = await publish("telco", phones);
  freshData = await publish("telco", [...phones.slice(5), ...NEW]);
  for (const datasetId of [largeData, freshData]) await cluster.grant("bank", "telco", { datasetId });
}, 400_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

async function run({ ok, problems, flow, projectId }: FlowCheck & { projectId: string }): Promise<Job> {
  expect({ ok, problems }).toEqual({ ok: true, problems: [] });
  const analyst = await scene.cluster.node("bank").analyst();
  const { id } = await analyst.call("submitJob", { body: { projectId, flow: flow as Record<string, unknown> } });
  await consentBoth(scene, id);
  return scene.cluster.job("bank", id, "over", hasEnded, 120);
}

/** Answers the id of the catalogue as the bank has it. */
async function makeCatalogue(datasetId: string, more: object): Promise<string> {
  const analyst = await scene.cluster.node("bank").analyst();
  const host = { partyId: "telco", datasetId, keys: ["phone"] };
  const body = { projectId: scene.projectId, name: "Catalogue", host, ...more };
  const job = await run(await analyst.call("catalogueFlow", { body }));
  expect(job).toMatchObject({ status: "SUCCESS", failure: null });
  const { items } = await analyst.call("listModels");
  const made = items.find(({ jobId }) => jobId === job.id)!;
  expect(made).toMatchObject({ kind: "catalogue" });
  return made.id;
}

async function lookUp(catalogue: string, idsMax = SMALL): Promise<Job> {
  const analyst = await scene.cluster.node("bank").analyst();
  const guest = { datasetId: smallData, keys: ["phone"], columns: [] };
  return run(await analyst.call("lookupFlow", { body: { name: "Lookup", catalogue, guest, idsMax } }));
}

const reportAt = async (party: string, { id }: Job, task: string) =>
  (await (await scene.cluster.node(party).analyst()).call("jobReports", { params: { id } })).items.find(
    (each) => each.task === task,
  )?.data;

const limitAt = async (datasetId: string, idsMax: number | null) =>
  (await scene.cluster.node("telco").approver()).call("setBudget", {
    body: { partner: "bank", datasetId, runsMax: null, idsMax },
  });

describe("a catalogue of a partner's large table", () => {
  let first: string;
  let second: string;

  it("is made and asked: the one who asks learns which, the other how many were asked", {
    timeout: 300_000,
  }, async () => {
    const parameters = { padTo: PAD, idsMax: 4 * SMALL };
    first = await makeCatalogue(largeData, { parameters });
    const job = await lookUp(first);
    expect(job).toMatchObject({ status: "SUCCESS", failure: null });
    expect(await reportAt("bank", job, "lookup")).toMatchObject({ matched: SMALL - 5, ownRows: SMALL });
    expect(await reportAt("telco", job, "lookup")).toMatchObject({ asked: SMALL, inEpoch: SMALL, idsMax: 4 * SMALL });
    const telco = await scene.cluster.node("telco").analyst();
    const rows = { params: { id: job.id, task: "lookup", port: "data" } };
    await expect(telco.call("previewOutput", rows)).rejects.toMatchObject({ code: "state.unknown" });
  });

  it("is refreshed to what the table is now, and the version before answers no more", {
    timeout: 300_000,
  }, async () => {
    second = await makeCatalogue(freshData, { previous: first });
    const { items } = await (await scene.cluster.node("bank").analyst()).call("listModels");
    const supersededBy = Object.fromEntries(items.map((each) => [each.id, each.supersededBy]));
    expect(supersededBy).toMatchObject({ [first]: second, [second]: null });
    const job = await lookUp(second);
    expect(await reportAt("bank", job, "lookup")).toMatchObject({ matched: SMALL - 10 + 3, ownRows: SMALL });
    expect(await reportAt("telco", job, "lookup")).toMatchObject({ asked: SMALL, inEpoch: 2 * SMALL });
    expect(await lookUp(first)).toMatchObject({
      status: "FAILED",
      failure: { code: "consent.epoch", party: "telco" },
    });
  });

  it("is refused beyond the budget of the table behind it, and answers again with a larger one", {
    timeout: 300_000,
  }, async () => {
    const budgets = (await (await scene.cluster.node("telco").approver()).call("listBudgets")).items;
    const { ids } = budgets.find(({ datasetId }) => datasetId === freshData)!;
    await limitAt(freshData, ids.used + SMALL - 1);
    expect(await lookUp(second)).toMatchObject({
      status: "FAILED",
      failure: { code: "consent.budget", party: "telco" },
    });
    await limitAt(freshData, null);
    expect(await lookUp(second)).toMatchObject({ status: "SUCCESS", failure: null });
  });

  it("is refused when its epoch's ids are asked, for good", { timeout: 300_000 }, async () => {
    expect(await lookUp(second)).toMatchObject({ status: "SUCCESS" });
    for (let again = 0; again < 2; again++)
      expect(await lookUp(second)).toMatchObject({
        status: "FAILED",
        failure: { code: "consent.epoch", party: "telco" },
      });
  });

  it("is asked by the party it was made for, and is no other model", { timeout: 60_000 }, async () => {
    const telco = await scene.cluster.node("telco").analyst();
    const theirs = (await telco.call("listModels")).items[0]!.id;
    const guest = { datasetId: largeData, keys: ["phone"], columns: [] };
    const body = { name: "Lookup", catalogue: theirs, guest, idsMax: 10 };
    await expect(telco.call("lookupFlow", { body })).rejects.toMatchObject({ code: "input.model" });
  });
});

describe("a table that stays with its owner", () => {
  it("is asked about own keys in the form that is chosen, which the check and the result explain", {
    timeout: 300_000,
  }, async () => {
    const { cluster, projectId } = scene;
    const analyst = await cluster.node("bank").analyst();
    const csv = "phone,income\n13800138000,12.5\n13900139000,-3\n";
    const { id } = await cluster.publish("telco", csv, "phone");
    await cluster.grant("bank", "telco", { datasetId: id, columns: ["phone", "income"] });
    const asked = await cluster.publish("bank", "phone\n13900139000\n13700137000\n13900139000\n", "phone");
    const body = {
      ...{ projectId, name: "Incomes", columns: [{ column: "income" }] },
      guest: { datasetId: asked.id, keys: ["phone"], columns: [] },
      host: { partyId: "telco", datasetId: id, keys: ["phone"] },
    };
    const check = (more: object) => analyst.call("queryFlow", { body: { ...body, ...more } });
    const approver = await cluster.node("telco").approver();
    const limits = { partner: "bank", datasetId: id, runsMax: null, idsMax: null, authorisationRequired: true };
    await approver.call("setBudget", { body: limits });
    const authorisation = { hash: "ab".repeat(32), scope: id, expires: "2099-01-01T00:00:00Z" };
    const made = await check({ stays: true, authorisation });
    expect(made.plan).toMatchObject({ form: "simple", why: { en: expect.stringContaining("may not leave") } });
    const job = await run(made);
    expect(job).toMatchObject({ status: "SUCCESS", failure: null });
    const params = { id: job.id, task: "query", port: "data" };
    const { rows } = await analyst.call("previewOutput", { params });
    expect(rows).toEqual(Array(2).fill(["13900139000", -3]));
    expect(await reportAt("telco", job, "query")).toMatchObject({ asked: 4, why: made.plan.why });
    for (const party of ["bank", "telco"]) {
      const auditor = await cluster.node(party).person("reader", "auditor");
      const { items } = await auditor.call("journal", { query: { limit: 200 } });
      const noted = items.filter(({ kind }) => kind === "query.authorised").map(({ body: each }) => each);
      expect(noted).toMatchObject([{ job: job.id, asker: "bank", ...authorisation }]);
    }
    expect(await check({ keysPublic: true })).toMatchObject({ ok: true, plan: { form: "oblivious-transfer" } });
    expect(await check({})).toMatchObject({ ok: true, plan: { form: "keyword" } });
    await expect(check({ form: "two-server" })).rejects.toMatchObject({ code: "input.keeper" });
  });
});

describe("a catalogue put to use", () => {
  const people = [
    ["李雷", "13800138000", 12.5],
    ["韩梅梅", "13900139000", -3],
  ] as const;
  const csv = `name,phone,income\n${people.map((row) => row.join(",")).join("\n")}\n`;
  let caller: Client;
  let records: string;
  let pairs: string;
  let grantId: string;
  let dataset: string;

  beforeAll(async () => {
    const { cluster, projectId } = scene;
    const bank = cluster.node("bank");
    const { id } = await cluster.publish("telco", csv, "phone");
    dataset = id;
    grantId = (await cluster.grant("bank", "telco", { datasetId: id, columns: ["name", "phone", "income"] })).id;
    const analyst = await bank.analyst();
    const make = async (keys: string[], parameters: Record<string, unknown>): Promise<string> => {
      const host = { partyId: "telco", datasetId: id, keys };
      const body = { projectId, name: "People", host, parameters: { padTo: 10, ...parameters } };
      const job = await run(await analyst.call("catalogueFlow", { body }));
      expect(job).toMatchObject({ status: "SUCCESS", failure: null });
      return (await analyst.call("listModels")).items.find(({ jobId }) => jobId === job.id)!.id;
    };
    records = await make(["phone"], { columns: [{ column: "income" }] });
    pairs = await make(["name", "phone"], {});
    const admin = await bank.person("keeper", "admin");
    const { secret } = await admin.call("createApiKey", { body: { name: "shop", roles: ["caller"], days: 1 } });
    caller = new Client({ origin: `http://127.0.0.1:${bank.apiPort}`, apiKey: secret });
  }, 400_000);

  async function deploy(name: string, modelId: string, more: object = {}): Promise<void> {
    const analyst = await scene.cluster.node("bank").analyst();
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const body = {
      name,
      title: name,
      modelId,
      hosts: [],
      until: end,
      parameters: { padTo: 4, drawnAhead: 100, ...more },
    };
    const made = await analyst.call("createService", { body });
    await consentBoth(scene, made.deployments[0]!.jobId);
    const isUp = async () => (await analyst.call("getService", { params: { name } })).state === "UP";
    await until(`${name} is up`, isUp, 60);
  }
  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      ({ code }: { code: string }) => code,
    );

  it("answers callers' keys with the partner's columns, and counts them on its budget", {
    timeout: 300_000,
  }, async () => {
    await deploy("incomes", records);
    const params = { name: "incomes" };
    const ids = ["13900139000", "13000000000", "13800138000"];
    const { rows } = await caller.call("queryService", { params, body: { rows: ids.map((id) => ({ id })) } });
    expect(rows).toEqual([
      { found: true, values: { income: -3 } },
      { found: false, values: null },
      { found: true, values: { income: 12.5 } },
    ]);
    const wrong = caller.call("verifyService", { params, body: { rows: [{ id: "x" }] } });
    expect(await refusalOf(wrong)).toBe("input.service-kind");
    const { items } = await (await scene.cluster.node("telco").approver()).call("listBudgets");
    expect(items.some(({ ids }) => ids.used === 100)).toBe(true);
  });

  it("verifies that values belong together, by an authorisation that the owner demands and both journals keep", {
    timeout: 300_000,
  }, async () => {
    const approver = await scene.cluster.node("telco").approver();
    const limits = { partner: "bank", datasetId: dataset, runsMax: null, idsMax: null, authorisationRequired: true };
    await approver.call("setBudget", { body: limits });
    await deploy("belong", pairs, { padTo: 1, authorisedFor: dataset });
    const asked = [
      ["李雷", "13800138000"],
      ["李雷", "13900139000"],
    ];
    const authorisation = { hash: "cd".repeat(32), expires: "2099-01-01T00:00:00Z" };
    const body = { rows: [...[...asked, "李雷"].map((id) => ({ id, authorisation })), { id: asked[0]! }] };
    const { rows } = await caller.call("verifyService", { params: { name: "belong" }, body });
    expect(rows).toMatchObject([
      ...[{ verified: true }, { verified: false }, { refusal: { code: "input.key" } }],
      { refusal: { code: "consent.authorisation" } },
    ]);
    for (const [party, kind, times] of [
      ["bank", "query.authorised", 3],
      ["telco", "budget.drawn", 2],
    ] as const) {
      const auditor = await scene.cluster.node(party).person("reader", "auditor");
      const { items } = await auditor.call("journal", { query: { limit: 50 } });
      const hashes = items
        .filter((each) => each.kind === kind)
        .map((each) => (each.body as { authorisations?: string[] }).authorisations);
      expect(hashes).toContainEqual(Array(times).fill(authorisation.hash));
    }
  });

  it("answers from a query table that stays with its owner as published, within a day's limit, counted at both parties", {
    timeout: 300_000,
  }, async () => {
    const { cluster, projectId } = scene;
    const { id: datasetId } = await cluster.publish("telco", csv, "phone");
    const owner = await cluster.node("telco").analyst();
    const query = {
      ...{ keys: ["phone"], columns: [{ column: "income", kind: "number" as const, bytes: 32 }] },
      ...{ padTo: 10, idsMax: 1000, idsPerDay: 8 },
    };
    const terms = {
      ...{ owner: "telco", datasetId, partners: ["bank"], projectId, filter: null, purpose: "checks" },
      components: ["query-prepare", "query-serve-hidden"],
      ...{ columns: ["phone", "income"], use: ["score" as const], receivers: ["bank", "telco"] },
      ...{ expiresAt: new Date(Date.now() + 86_400_000).toISOString(), uses: 10, standing: false, query },
    };
    const { id } = await owner.call("requestGrant", { body: terms });
    const approver = await cluster.node("telco").approver();
    const { items: waiting } = await approver.call("listApprovals", { query: { status: "waiting" } });
    const asked = waiting.find(({ grantId: of }) => of === id)!;
    const { statements } = await approver.call("getApproval", { params: { id: asked.id } });
    expect(statements.some(({ en }) => en.includes("At most 1000 ids in all, and 8 a day"))).toBe(true);
    await approver.call("approve", { params: { id: asked.id }, body: {} });
    const analyst = await cluster.node("bank").analyst();
    const held = async () => (await analyst.call("listGrants")).items.find((each) => each.id === id);
    await until("the grant is here", async () => (await held())?.status === "ACTIVE", 30);
    const offered = (await held())!.terms.query!;
    expect(offered).toEqual(query);

    const host = { partyId: "telco", datasetId, keys: offered.keys };
    const rules = { padTo: offered.padTo, idsMax: offered.idsMax };
    const finer = {
      projectId,
      name: "Finer",
      host,
      stays: true,
      parameters: { ...rules, columns: offered.columns, padTo: 1 },
    };
    const refused = await analyst.call("catalogueFlow", { body: finer });
    expect(refused.problems).toMatchObject([{ code: "consent.query" }]);
    const body = { projectId, name: "Offered", host, stays: true, parameters: { ...rules, columns: offered.columns } };
    const job = await run(await analyst.call("catalogueFlow", { body }));
    expect(job).toMatchObject({ status: "SUCCESS", failure: null });
    const { items: models } = await analyst.call("listModels");
    await deploy("offered", models.find(({ jobId }) => jobId === job.id)!.id);

    const ask = (count: number, idempotencyKey: string) => {
      const rows = Array.from({ length: count }, (_, i) => ({ id: String(13_800_138_000 + i) }));
      return caller.call("queryService", { params: { name: "offered" }, body: { rows } }, { idempotencyKey });
    };
    const first = await ask(5, "first");
    expect(first.rows[0]).toEqual({ found: true, values: { income: 12.5 } });
    expect(first.rows.slice(1).every(({ found }) => found === false)).toBe(true);
    // Padded to steps of four, eight of the day's eight are asked; what was answered before is answered again.
    expect(await refusalOf(ask(1, "second"))).toBe("consent.day");
    expect(await ask(5, "first")).toEqual(first);
    const { items: askable } = await analyst.call("listAskable");
    expect(askable.find(({ name }) => name === "offered")).toMatchObject({
      ...{ kind: "query", state: "UP", partner: "telco", keys: ["phone"], columns: ["income"] },
      day: { ids: 8, idsMax: 8 },
    });
    const { items: history } = await analyst.call("questionHistory", { query: { service: "offered" } });
    expect(history).toMatchObject([{ caller: "shop", calls: 2, rows: 6, found: 1, refused: { "consent.day": 1 } }]);
    const [table] = (await owner.call("listQueryTables")).items;
    expect(table).toMatchObject({
      grant: { id },
      catalogue: { status: "SUCCESS", versions: 1 },
      service: { status: "RUNNING" },
      asked: { today: 8, inAll: 8 },
    });
  });

  it("ends at once when the grant behind the catalogue is revoked, and is not deployed again", {
    timeout: 300_000,
  }, async () => {
    const approver = await scene.cluster.node("telco").approver();
    await approver.call("revokeGrant", { params: { id: grantId }, body: { reason: "the contract ran out" } });
    const ask = () =>
      caller.call("queryService", { params: { name: "incomes" }, body: { rows: [{ id: "13900139000" }] } });
    await until("callers read it", async () => (await refusalOf(ask())) === "consent.grant-revoked", 60);
    const analyst = await scene.cluster.node("bank").analyst();
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const body = { name: "again", title: "again", modelId: records, hosts: [], until: end };
    const made = await analyst.call("createService", { body }).catch(() => undefined);
    // Where the guest has not heard of it yet, the owner's node refuses.
    if (made === undefined) return;
    await consentBoth(scene, made.deployments[0]!.jobId).catch(() => undefined);
    const ended = await scene.cluster.job("bank", made.deployments[0]!.jobId, "over", hasEnded, 60);
    expect(ended.failure).toMatchObject({ code: "consent.grant-revoked" });
  });
});
