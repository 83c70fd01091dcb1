/**
 * A model in use, between two real nodes: deployed with both parties' consent, called as a business system calls, taken
 * over by another model and back, killed and restarted, and ended by the owner of the data.
 */
import { type ApiCallError, Client, type Deployment, type Service } from "@tombolo/sdk";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../testing/cluster.ts";
import { AUDIENCE, type Issuer, startIssuer } from "../testing/issuer.ts";
import { bankCustomers, consentBoth, creditScene, type Scene, submitJoint } from "../testing/joint-job.ts";
import { hasPostgres, Postgres } from "../testing/postgres.ts";

const ROWS = 900;
const NAME = "credit";
const params = { name: NAME };

let scene: Scene;
let issuer: Issuer;
/** Where it is installed, the partner's rows are looked up there. */
let postgres: Postgres | undefined;
let analyst: Client;
let caller: Client;
let job: string;
let hidden: Deployment;
/** The guest's columns by phone, and what batch scoring gave. */
let customers: Awaited<ReturnType<typeof bankCustomers>>;
const scored = new Map<string, number>();

beforeAll(async () => {
  issuer = await startIssuer();
  if (hasPostgres) postgres = await Postgres.start();
  scene = await creditScene(ROWS, {
    TOMBOLO_OIDC_ISSUER: issuer.url,
    ...(postgres === undefined ? {} : { TOMBOLO_ONLINE_STORE_URL: `${postgres.url}/postgres` }),
    TOMBOLO_OIDC_AUDIENCE: AUDIENCE,
    TOMBOLO_OIDC_CALLERS: "[{ claim: scope, value: score, roles: [caller] }]",
  });
  const bank = scene.cluster.node("bank");
  analyst = await bank.analyst();
  job = await submitJoint(scene, { baseline: true });
  await consentBoth(scene, job);
  await scene.cluster.job("bank", job, "done", (status) => status === "SUCCESS", 240);
  const admin = await bank.person("keeper", "admin");
  const { secret } = await admin.call("createApiKey", { body: { name: "shop", roles: ["caller"], days: 1 } });
  caller = new Client({ origin: `http://127.0.0.1:${bank.apiPort}`, apiKey: secret });
  customers = await bankCustomers(ROWS);
  const { columns, rows } = await analyst.call("previewOutput", { params: { id: job, task: "score", port: "data" } });
  const [phone, score] = ["phone", "score"].map((name) => columns.indexOf(name));
  for (const row of rows) scored.set(String(row[phone!]), Number(row[score!]));
}, 400_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  postgres?.stop();
});

const rowsElsewhere = async (): Promise<number> => {
  const client = new pg.Client(`${postgres!.url}/postgres`);
  await client.connect();
  const { rows } = await client.query<{ rows: string }>("select count(*) as rows from tombolo_served_rows");
  await client.end();
  return Number(rows[0]!.rows);
};
const rowOf = (phone: string) => ({ id: phone, features: customers.get(phone)! });
const known = (): string[] => [...scored.keys()];
const call = (phones: readonly string[], idempotencyKey?: string) =>
  caller.call(
    "callService",
    { params, body: { rows: phones.map(rowOf) } },
    idempotencyKey === undefined ? {} : { idempotencyKey },
  );
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => ({ status: (error as ApiCallError).status, code: (error as ApiCallError).code }),
  );
const getService = (): Promise<Service> => analyst.call("getService", { params });
const rollOutOf = (service: Service, deployment: string) =>
  service.deployments.find(({ id }) => id === deployment)?.rollOut;
const championOf = (service: Service) => service.deployments.find(({ id }) => id === service.champion)!;
const up = (id?: string) =>
  until(
    "the deployment is up",
    async () => {
      const service = await getService();
      const found = id === undefined ? championOf(service) : service.deployments.find((each) => each.id === id);
      return found?.state === "UP" ? service : undefined;
    },
    60,
  );
/** Once the partner is there too, the model answers and no rule. */
const scores = () =>
  until(
    "the partner is there",
    async () => (await call(known().slice(0, 1)).catch(() => undefined))?.rows[0]?.score != null,
    60,
  );
const form = (model: string, hosts = true) => ({
  modelId: `${job}.${model}`,
  hosts: hosts ? [{ partyId: "telco", datasetId: scene.telcoData, keys: ["phone"] }] : [],
  until: new Date(Date.now() + 86_400_000).toISOString(),
  // A loaded machine is slow, and that is not what is tried here.
  parameters: { timeoutMs: 15_000 },
});

test("a model is deployed with both consents and gives callers the scores of batch scoring", async () => {
  const check = await analyst.call("serviceFlow", { body: { ...form("train"), name: NAME } });
  expect(check).toMatchObject({ ok: true, problems: [] });
  expect(check.disclosure.map(({ recipient, kind }) => `${recipient} ${kind}`)).toContain("telco scored-ids");
  const made = await analyst.call("createService", { body: { ...form("train"), name: NAME, title: "Credit score" } });
  expect(made).toMatchObject({ state: "WAITING", kind: "score", deployments: [{ role: "champion" }] });
  expect(await refusal(call(known().slice(0, 1)))).toEqual({ status: 503, code: "state.service-starting" });
  await consentBoth(scene, made.deployments[0]!.jobId);
  await up();
  await scores();
  const reply = await call(known());
  expect(reply.rows.map(({ score }) => score)).toEqual(known().map((phone) => scored.get(phone)));
  expect(reply).toMatchObject({ modelId: `${job}.train`, deployment: made.champion });
  expect((await call(known().slice(0, 1))).rows[0]!.score).toBe(scored.get(known()[0]!));
}, 240_000);

test("a caller may call and nothing else; keys, rows and repeats are checked", async () => {
  expect(await refusal(caller.call("getService", { params }))).toEqual({ status: 403, code: "auth.forbidden" });
  expect(await refusal(caller.call("listJobs", { query: {} }))).toEqual({ status: 403, code: "auth.forbidden" });
  const [first, second] = known() as [string, string];
  const once = await call([first], "order-1");
  expect((await call([first], "order-1")).traceId).toBe(once.traceId);
  expect(await refusal(call([second], "order-1"))).toEqual({ status: 400, code: "input.idempotency-key" });
  const many = { rows: Array.from({ length: 1001 }, () => rowOf(first)) };
  expect(await refusal(caller.call("callService", { params, body: many }))).toMatchObject({ status: 400 });
  const unknown = { params: { name: "nothing" }, body: { rows: [rowOf(first)] } };
  expect(await refusal(caller.call("callService", unknown))).toEqual({ status: 404, code: "state.unknown" });
  const { rows } = await caller.call("callService", {
    params,
    body: { rows: [{ id: "0", features: customers.get(first)! }, { id: first, features: {} }, rowOf(second)] },
  });
  expect(rows.map(({ score, refusal: why }) => score ?? why!.code)).toEqual([
    "state.unknown-id",
    "input.features",
    scored.get(second),
  ]);
  await analyst.call("changeService", { params, body: { limits: { rowsPerDay: 1 } } });
  expect(await refusal(call([first]))).toEqual({ status: 429, code: "auth.quota" });
  await analyst.call("changeService", { params, body: { limits: { rowsPerDay: 100_000 } } });
});

test("a system with a token of the identity provider calls under its subject, with its own quota", async () => {
  const origin = `http://127.0.0.1:${scene.cluster.node("bank").apiPort}`;
  const apiKey = await issuer.token({ sub: "till-7", scope: "score" });
  const [phone] = known() as [string];
  const till = new Client({ origin, apiKey });
  const ask = () => till.call("callService", { params, body: { rows: [rowOf(phone)] } });
  expect((await ask()).rows[0]!.score).toBe(scored.get(phone));
  const limits = (callers: { keyId: string; rowsPerDay: number }[] | null) =>
    analyst.call("changeService", { params, body: { limits: { callers } } });
  await limits([{ keyId: "oidc:till-7", rowsPerDay: 1 }]);
  expect(await refusal(ask())).toEqual({ status: 429, code: "auth.quota" });
  expect(await refusal(call([phone]))).toEqual({ status: 403, code: "auth.caller" });
  expect((await getService()).callers).toContainEqual(expect.objectContaining({ caller: "oidc:till-7", rows: 1 }));
  await limits(null);
  const unmapped = new Client({ origin, apiKey: await issuer.token({ sub: "till-7" }) });
  const body = { rows: [rowOf(phone)] };
  expect(await refusal(unmapped.call("callService", { params, body }))).toEqual({
    status: 403,
    code: "auth.token-unmapped",
  });
});

test("outcomes come back by trace, and the page tells calls, latency, errors and scores", async () => {
  const { traceId, rows, outcomesUntil } = await call(known());
  expect(outcomesUntil).not.toBeNull();
  // The upper half came to pass: the scores rank them without a fault.
  const middle = rows.map(({ score }) => score!).toSorted((a, b) => a - b)[rows.length >> 1]!;
  const items = rows.map(({ score }, row) => ({ traceId, row, outcome: score! >= middle ? 1 : 0 }));
  const sent = { items: [...items, { traceId: "nobody's", outcome: 1 }] };
  expect(await caller.call("sendOutcomes", { params, body: sent })).toEqual({
    kept: items.length,
    unknown: ["nobody's"],
  });
  const service = await getService();
  expect(championOf(service).performance).toMatchObject({ outcomes: items.length, auc: 1 });
  expect(service.callers.map(({ caller: each }) => each)).toContain("shop");
  const traffic = await until("the minutes are written", async () => {
    const found = await analyst.call("serviceTraffic", { params, query: { minutes: 10 } });
    const answered = found.minutes.flatMap(({ latency }) => latency).reduce((sum, count) => sum + count, 0);
    const refused = found.minutes.some(({ errors }) => (errors["state.service-starting"] ?? 0) >= 1);
    return refused && answered >= 4 ? found : undefined;
  });
  expect(traffic.minutes.some(({ p50Ms, p99Ms }) => p50Ms !== null && p99Ms! >= p50Ms)).toBe(true);
});

test("a challenger takes a share, is promoted and rolled back; retired, it has ended", async () => {
  const [phone] = known() as [string];
  const added = await analyst.call("deployModel", {
    params,
    body: { ...form("baseline-train", false), role: "challenger", share: 1 },
  });
  const challenger = added.deployments.find(({ role }) => role === "challenger")!;
  expect((await call([phone])).deployment).toBe(added.champion);
  await scene.cluster.decide("bank", "job", challenger.jobId);
  await up(challenger.id);
  expect((await call([phone])).deployment).toBe(challenger.id);
  const share = (role: "shadow" | "standby") =>
    analyst.call("setShares", { params, body: { deployments: [{ id: challenger.id, role }] } });
  await share("shadow");
  expect((await call([phone])).deployment).toBe(added.champion);
  await until("the shadow's answer is counted", async () => {
    const { minutes } = await analyst.call("serviceTraffic", { params, query: { minutes: 10 } });
    return minutes.some(({ deployment, rows }) => deployment === challenger.id && rows >= 2);
  });
  await share("standby");
  const of = { params: { name: NAME, deployment: challenger.id } };
  expect(await analyst.call("promoteDeployment", of)).toMatchObject({
    champion: challenger.id,
    previous: added.champion,
  });
  expect((await call([phone])).deployment).toBe(challenger.id);
  expect(await analyst.call("rollBackService", { params })).toMatchObject({ champion: added.champion });
  expect((await call([phone])).rows[0]!.score).toBe(scored.get(phone));
  // By a plan: a step that breaks a guard gives every call back, one that holds goes on to the end.
  const guards = { errorRateMax: 0, p99MsMax: null, callsMin: 2 };
  const plan = (share: number, end: "keep" | "promote") => ({ steps: [{ share, minutes: 0 }], end, guards });
  const planned = await analyst.call("planRollOut", { ...of, body: plan(1, "promote") });
  expect(rollOutOf(planned, challenger.id)).toMatchObject({ state: "WAITING", step: 0 });
  expect(await refusal(analyst.call("planRollOut", { ...of, body: plan(0.5, "keep") }))).toMatchObject({
    code: "state.roll-out",
  });
  await until("two calls take it to the end of its plan", async () => {
    await call([phone]);
    return rollOutOf(await getService(), challenger.id)?.state === "DONE";
  });
  expect(await getService()).toMatchObject({ champion: challenger.id, previous: added.champion });
  await analyst.call("rollBackService", { params });
  const slow = { ...plan(1, "promote"), guards: { ...guards, p99MsMax: 1, callsMin: 1 } };
  await analyst.call("planRollOut", { ...of, body: { ...slow, steps: [{ share: 1, minutes: 60 }] } });
  await until("the call of all rows breaks the guard on latency", async () => {
    await call(known());
    return rollOutOf(await getService(), challenger.id)?.state === "STOPPED";
  });
  const stopped = (await getService()).deployments.find(({ id }) => id === challenger.id);
  expect(stopped).toMatchObject({ role: "standby", share: 0, rollOut: { reason: { cause: "latency", limit: 1 } } });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await analyst.call("planRollOut", { ...of, body: { startAt: later, end: "promote" } });
  const cancelled = await analyst.call("stopRollOut", of);
  expect(rollOutOf(cancelled, challenger.id)).toMatchObject({ state: "STOPPED", reason: { cause: "by-hand" } });
  await analyst.call("retireDeployment", { ...of, body: { reason: "not better" } });
  const gone = (await getService()).deployments.find(({ id }) => id === challenger.id);
  expect(gone).toMatchObject({ role: "retired", state: "STOPPED" });
  expect(await refusal(analyst.call("promoteDeployment", of))).toMatchObject({ code: "state.deployment-retired" });
}, 240_000);

test("a form that hides who is scored gives the same scores, and the partner only how many", async () => {
  const hiding = { ...form("train"), hidden: true, parameters: { timeoutMs: 15_000, padTo: 8 } };
  const check = await analyst.call("serviceFlow", { body: { ...hiding, name: NAME } });
  expect(check).toMatchObject({ ok: true, problems: [] });
  const learnt = check.disclosure.filter(({ recipient, kind }) => recipient === "telco" && kind !== "early-end");
  expect(learnt.map(({ kind }) => kind)).toEqual(["asked-count"]);
  const added = await analyst.call("deployModel", { params, body: { ...hiding, role: "challenger", share: 1 } });
  hidden = added.deployments.find(({ role }) => role === "challenger")!;
  await consentBoth(scene, hidden.jobId);
  await up(hidden.id);
  const reply = await until("the partner is there", async () => {
    const found = await call(known());
    return found.rows[0]!.score == null ? undefined : found;
  });
  expect(reply.deployment).toBe(hidden.id);
  expect(reply.rows.map(({ score }) => score)).toEqual(known().map((phone) => scored.get(phone)));
  const unknown = { params, body: { rows: [{ id: "0", features: customers.get(known()[0]!)! }] } };
  expect((await caller.call("callService", unknown)).rows[0]!.refusal!.code).toBe("state.unknown-id");
  const telco = await scene.cluster.node("telco").analyst();
  const changes = { changes: [{ remove: known()[0]! }] };
  const changed = telco.call("changeServedRows", { params: { id: hidden.jobId }, body: changes });
  expect(await refusal(changed)).toEqual({ status: 400, code: "input.job" });
  const share = { deployments: [{ id: hidden.id, role: "standby" as const }] };
  await analyst.call("setShares", { params, body: share });
}, 240_000);

test("a partner changes its rows while they answer; the asked side has none to change", async () => {
  const telco = await scene.cluster.node("telco").analyst();
  const { jobId } = championOf(await getService());
  const features = { seniority: 5, age: 40, records: "no", income: 300 };
  const changes = [{ put: { id: "new-1", features } }, { remove: "nobody" }, { put: { id: "new-2", features: {} } }];
  const taken = await telco.call("changeServedRows", { params: { id: jobId }, body: { changes } });
  expect(taken.changes.map(({ done, refusal: why }) => done ?? why?.code)).toEqual([true, false, "input.features"]);
  const body = { rows: [{ id: "new-1", features: customers.get(known()[0]!)! }] };
  expect((await caller.call("callService", { params, body })).rows[0]!.score).toBeGreaterThan(0);
  const own = analyst.call("changeServedRows", { params: { id: jobId }, body: { changes } });
  expect(await refusal(own)).toEqual({ status: 400, code: "input.job" });
  const { inputs } = await telco.call("servedInputs", { params: { id: jobId } });
  expect(inputs.length).toBeGreaterThan(0);
  expect(inputs.every(({ column, rows }) => column in features && rows > 0)).toBe(true);
  expect(await refusal(analyst.call("servedInputs", { params: { id: jobId } }))).toMatchObject({ code: "input.job" });
});

test("after a kill it answers again by itself, with its quotas; callers may repeat meanwhile", async () => {
  const bank = scene.cluster.node("bank");
  const written = async () => (await getService()).today.rows;
  const before = await until("the last minute is written", async () => {
    const [first, second] = [await written(), await written()];
    return first === second ? first : undefined;
  });
  await bank.kill();
  await bank.start();
  expect([undefined, "state.service-starting"]).toContain((await refusal(call(known().slice(0, 1))))?.code);
  await scores();
  const changed = { rows: [{ id: "new-1", features: customers.get(known()[0]!)! }] };
  expect((await caller.call("callService", { params, body: changed })).rows[0]!.score).toBeGreaterThan(0);
  expect((await getService()).today.rows).toBeGreaterThanOrEqual(before);
}, 240_000);

test("the owner's revocation ends it at once, with its reason; a stopped one says who and why", async () => {
  const approver = await scene.cluster.node("telco").approver();
  const service = await getService();
  if (postgres !== undefined) expect(await rowsElsewhere()).toBeGreaterThan(ROWS / 2);
  await approver.call("revokeGrant", { params: { id: scene.grantId }, body: { reason: "the contract ran out" } });
  await until(
    "callers read it",
    async () => (await refusal(call(known().slice(0, 1))))?.code === "consent.grant-revoked",
  );
  expect(await refusal(call(known().slice(0, 1)))).toEqual({ status: 409, code: "consent.grant-revoked" });
  expect((await getService()).state).toBe("DOWN");
  if (postgres !== undefined) await until("its rows are gone", async () => (await rowsElsewhere()) === 0);
  const failure = await until("the form that hides who is scored ends too", async () => {
    const found = (await getService()).deployments.find(({ id }) => id === hidden.id);
    return found?.state === "DOWN" ? found.failure : undefined;
  });
  expect(failure!.code).toBe("consent.grant-revoked");
  await analyst.call("stopService", { params, body: { reason: "the new one is better" } });
  expect(await refusal(call(known().slice(0, 1)))).toEqual({ status: 410, code: "state.service-stopped" });
  const again = { ...form("train"), name: NAME, title: "Again" };
  expect(await refusal(analyst.call("createService", { body: again }))).toMatchObject({ status: 400 });
  expect(service.name).toBe(NAME);
});
