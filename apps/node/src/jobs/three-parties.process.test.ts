/** Three organisations, a guest and two hosts, two of them on PostgreSQL: match, train, evaluate; one node is killed. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, hasEnded, startCluster, until } from "../testing/cluster.ts";
import { head } from "../testing/joint-job.ts";
import { hasPostgres, Postgres } from "../testing/postgres.ts";

const PARTIES = ["bank", "telco", "shop"] as const;
const ROWS = 2500;
let postgres: Postgres | undefined;
let cluster: Cluster;
let projectId: string;
const datasets: Record<string, string> = {};

beforeAll(async () => {
  const databases: Record<string, Record<string, string>> = {};
  if (hasPostgres) {
    postgres = await Postgres.start();
    for (const party of ["bank", "telco"])
      databases[party] = { TOMBOLO_DATABASE_URL: await postgres.createDatabase(party) };
  }
  cluster = await startCluster(PARTIES, { TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: "120" }, databases);
  for (const [one, other] of [
    ["bank", "telco"],
    ["bank", "shop"],
    ["telco", "shop"],
  ] as const)
    await cluster.connect(one, other);
  projectId = await cluster.project("bank", "telco", "shop");
  const telco = await head("telco.csv", ROWS);
  const files = { bank: await head("bank.csv", ROWS), telco, shop: columnsOf(telco, ["phone", "records", "assets"]) };
  for (const [party, csv] of Object.entries(files)) datasets[party] = (await cluster.publish(party, csv, "phone")).id;
  for (const owner of ["telco", "shop"])
    await cluster.grant("bank", owner, { datasetId: datasets[owner]!, receivers: [...PARTIES] });
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  postgres?.stop();
});

function columnsOf(csv: string, names: readonly string[]): string {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  const at = names.map((name) => header.split(",").indexOf(name));
  return `${[header, ...lines].map((line) => at.map((i) => line.split(",")[i]).join(",")).join("\n")}\n`;
}

const flow = () => ({
  version: "1",
  name: "Three parties",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
    { party: "shop", role: "host" },
  ],
  tasks: {
    read: {
      component: "read-table",
      partyParameters: {
        bank: {
          dataset: datasets.bank,
          keys: ["phone"],
          label: "default",
          columns: ["time", "amount", "price", "debt"],
        },
        telco: { dataset: datasets.telco, keys: ["phone"], columns: ["seniority", "age", "income"] },
        shop: { dataset: datasets.shop, keys: ["phone"], columns: ["records", "assets"] },
      },
    },
    match: {
      component: "psi",
      inputs: { data: "read.data" },
      parameters: { protocol: "multi-party", bucketRows: 4096 },
    },
    split: { component: "split", inputs: { data: "match.data" } },
    train: {
      component: "boosting-train",
      inputs: { data: "split.train" },
      parameters: { trees: 4, depth: 3, bins: 8 },
    },
    score: { component: "boosting-predict", inputs: { model: "train.model", data: "split.test" } },
    evaluate: { component: "evaluate", parties: ["bank"], inputs: { data: "score.data" } },
    fit: {
      component: "regression-train",
      inputs: { data: "split.train" },
      parameters: { missing: "mean", hostTermsMin: 2, iterations: 6 },
    },
    rate: {
      component: "regression-predict",
      inputs: { model: "fit.model", data: "split.test" },
      parameters: { hostColumnsMin: 2 },
    },
    judge: { component: "evaluate", parties: ["bank"], inputs: { data: "rate.data" } },
  },
});

it("refuses a protocol for two before anyone is asked", async () => {
  const analyst = await cluster.node("bank").analyst();
  const three = flow();
  const unfit = {
    ...three,
    tasks: { ...three.tasks, match: { ...three.tasks.match, parameters: { protocol: "vole" } } },
  };
  const checked = await analyst.call("checkFlow", { body: { projectId, flow: unfit } });
  expect(checked.problems.map(({ path }) => path)).toEqual(["tasks.match.parameters.protocol"]);
  const open = { ...three, tasks: { ...three.tasks, match: { ...three.tasks.match, parameters: {} } } };
  const { flowYaml } = await analyst.call("checkFlow", { body: { projectId, flow: open } });
  expect(flowYaml).toContain("protocol: ecdh");
}, 60_000);

it("asks one party's table through it and a third that keeps a sealed copy", async () => {
  const analyst = await cluster.node("bank").analyst();
  const [, row = ""] = (await head("telco.csv", 1)).split("\n");
  const asked = await cluster.publish("bank", `phone\n${row.split(",")[0]}\nnobody\n`, "phone");
  const body = {
    ...{ projectId, name: "Two servers", keeper: "shop" },
    guest: { datasetId: asked.id, keys: ["phone"], columns: [] },
    host: { partyId: "telco", datasetId: datasets.telco!, keys: ["phone"] },
  };
  const { ok, problems, plan, flow: planned } = await analyst.call("queryFlow", { body });
  expect({ ok, problems, form: plan.form }).toEqual({ ok: true, problems: [], form: "two-server" });
  const { id } = await analyst.call("submitJob", { body: { projectId, flow: planned as Record<string, unknown> } });
  for (const party of PARTIES) await cluster.decide(party, "job", id);
  expect(await cluster.job("bank", id, "over", hasEnded, 120)).toMatchObject({ status: "SUCCESS", failure: null });
  const { items } = await analyst.call("jobReports", { params: { id } });
  expect(items.find(({ task }) => task === "query")?.data).toMatchObject({ matched: 1, ownRows: 2 });
}, 240_000);

it("runs from match to evaluation at all three, also when a host's node is killed on the way", async () => {
  const analyst = await cluster.node("bank").analyst();
  const { id } = await analyst.call("submitJob", { body: { projectId, flow: flow() } });
  for (const party of PARTIES) await cluster.decide(party, "job", id);
  await until(
    "it trains",
    async () => {
      const job = await analyst.call("getJob", { params: { id } });
      for (const lane of job.tasks.flatMap((task) => task.lanes).filter((each) => each.party !== "bank"))
        expect([lane.rows, lane.total ?? 100]).toEqual([null, 100]);
      return job.tasks.find(({ name }) => name === "train")?.status === "RUNNING";
    },
    180,
  );
  await cluster.node("telco").kill("SIGKILL");
  await cluster.node("telco").start();
  const bank = await cluster.job("bank", id, "over", hasEnded, 240);
  expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
  for (const party of ["telco", "shop"]) {
    const seen = await cluster.job(party, id, "over", hasEnded, 60);
    expect(seen.status).toBe("SUCCESS");
    const model = (await (await cluster.node(party).analyst()).call("listModels")).items.find(
      (each) => each.id === `${id}.train`,
    );
    expect(model?.parties.map((each) => each.party)).toEqual([...PARTIES]);
  }
  // Every party's lane is seen by the initiator.
  const lanes = bank.tasks.find(({ name }) => name === "match")?.lanes.map(({ party }) => party);
  expect(lanes?.toSorted()).toEqual([...PARTIES].toSorted());
  const reports = (await analyst.call("jobReports", { params: { id } })).items;
  // Several buckets, and every party knows how many rows each of the others brought.
  const matched = reports.find(({ task }) => task === "match")?.data as { rows: Record<string, number> } | undefined;
  expect(Object.keys(matched?.rows ?? {}).toSorted()).toEqual([...PARTIES].toSorted());
  for (const task of ["evaluate", "judge"]) {
    const judged = reports.find((report) => report.task === task)?.data as { auc?: number } | undefined;
    expect(judged?.auc, task).toBeGreaterThan(0.6);
  }
  // Each of them has its own coefficients of the regression.
  const own = { bank: 4, telco: 3, shop: 2 };
  for (const [party, count] of Object.entries(own)) {
    const { items } = await (await cluster.node(party).analyst()).call("jobReports", { params: { id } });
    const fit = items.find(({ task }) => task === "fit")?.data as { coefficients: unknown[] } | undefined;
    expect(fit?.coefficients).toHaveLength(count);
  }
  if (postgres !== undefined) {
    const operator = await cluster.node("bank").operator();
    expect((await operator.call("node")).database).toBe("postgres");
  }
}, 600_000);
