/** Two nodes driven through the command line alone, as a script would: JSON out, exit codes, no saved profile. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster, until } from "../../node/src/testing/cluster.ts";

const EXAMPLES = new URL("../../../examples/credit/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "tombolo-cli-"));
// As `npm link` leaves it: a link somewhere on the path.
const tombolo = join(folder, "tombolo");
const ROWS = 300;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Checked by the assertions that read it. */
  readonly json: ReturnType<typeof JSON.parse>;
}

function run(environment: NodeJS.ProcessEnv, args: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: join(folder, "config"), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [tombolo, ...args], { env, timeout: 300_000 }, (error, out, err) => {
      const text = out.trim() || err.trim();
      const json = args.includes("--json") ? JSON.parse(text) : undefined;
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err, json });
    });
  });
}

let cluster: Cluster;
const keys = new Map<string, string>();
/** A command as someone with this role at this party. */
function as(party: string, role: string, ...args: string[]): Promise<Ended> {
  const url = `http://127.0.0.1:${cluster.node(party).apiPort}`;
  return run({ TOMBOLO_URL: url, TOMBOLO_API_KEY: keys.get(`${party} ${role}`) }, args);
}
async function ok(party: string, role: string, ...args: string[]) {
  const ended = await as(party, role, ...args, "--json");
  expect(ended.code, ended.err).toBe(0);
  return ended.json;
}

beforeAll(async () => {
  symlinkSync(fileURLToPath(new URL("bin.mjs", import.meta.url)), tombolo);
  cluster = await startCluster(["bank", "telco"]);
  for (const { party, directory } of Object.values(cluster.nodes))
    for (const role of ["operator", "analyst", "approver"]) {
      const made = await run({}, ["key", "add", `${party}-${role}`, "--role", role, "--dir", directory, "--json"]);
      expect(made.code, made.err).toBe(0);
      keys.set(`${party} ${role}`, made.json.secret);
    }
  for (const file of ["bank.csv", "telco.csv"]) {
    const lines = readFileSync(new URL(file, EXAMPLES), "utf8").split("\n");
    writeFileSync(join(folder, file), `${lines.slice(0, ROWS + 1).join("\n")}\n`);
  }
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Approves what waits at `party`; jobs by the hash that was shown. */
async function approve(party: string, kind: string): Promise<void> {
  const item = await until(`${party} is asked about a ${kind}`, async () =>
    (await ok(party, "approver", "approval", "list")).find((each: { kind: string }) => each.kind === kind),
  );
  const { consentHash } = await ok(party, "approver", "approval", "show", item.id);
  if (consentHash !== null) {
    const blind = await as(party, "approver", "approval", "approve", item.id);
    expect(blind).toMatchObject({ code: 2, err: expect.stringContaining("approval show") });
  }
  const hash = consentHash === null ? [] : ["--hash", consentHash];
  expect((await ok(party, "approver", "approval", "approve", item.id, ...hash)).status).toBe("APPROVED");
}

async function connect(): Promise<void> {
  const { line } = await ok("telco", "operator", "partner", "invite");
  const { fingerprint, partyId } = await ok("bank", "operator", "partner", "accept", line);
  const wrong = await as("bank", "operator", "partner", "confirm", partyId, "12345", "--json");
  expect(wrong).toMatchObject({ code: 3, json: { error: { code: "auth.fingerprint" } } });
  // As it is read out: eight groups, with or without quotes.
  await ok("bank", "operator", "partner", "confirm", "telco", ...fingerprint.split(" "));
  await ok("telco", "operator", "partner", "confirm", "bank", fingerprint);
  await until("both confirmed", async () =>
    (await ok("bank", "operator", "partner", "list")).some((each: { status: string }) => each.status === "APPROVED"),
  );
  const check = await as("bank", "operator", "partner", "check", "telco");
  expect(check, check.out).toMatchObject({
    code: 0,
    out: expect.stringContaining("contract: both sides say APPROVED"),
  });
}

/** The requester reads why, in the list and beside what was said. */
async function refuseGrant(terms: readonly string[]): Promise<void> {
  const asked = await ok("bank", "analyst", "grant", "request", ...terms, "--purpose", "everything");
  const item = await until("telco is asked about everything", async () =>
    (await ok("telco", "approver", "approval", "list")).find((each: { kind: string }) => each.kind === "grant"),
  );
  await ok("telco", "approver", "approval", "comment", item.id, "Which columns?");
  await ok("telco", "approver", "approval", "reject", item.id, "--reason", "too wide");
  await until("the refusal is known", async () =>
    (await as("bank", "analyst", "grant", "list")).out.includes("too wide"),
  );
  const shown = await as("bank", "analyst", "grant", "show", asked.id);
  expect(shown.out).toMatch(/reason +too wide[\s\S]*purpose +everything[\s\S]*\(telco\): Which columns\?/);
}

/** The example's flow with this test's datasets, few trees. */
function flowOf(bank: string, telco: string): string {
  const path = join(folder, "flow.yaml");
  const text = readFileSync(new URL("flow.yaml", EXAMPLES), "utf8");
  const flow = text.replace("ds-of-the-bank", bank).replace("ds-of-the-telco", telco).replace("trees: 20", "trees: 2");
  writeFileSync(path, flow);
  return path;
}

async function faultsOf(flow: string, project: string): Promise<void> {
  const bad = join(folder, "bad.yaml");
  const text = readFileSync(flow, "utf8");
  writeFileSync(
    bad,
    text
      .replace("component: psi", "component: pssi")
      .replace("trees: 2", "trees: -2")
      .replace("label: default", "label: defualt"),
  );
  const checked = await as("bank", "analyst", "job", "check", bad, "--project", project);
  expect(checked.code).toBe(2);
  for (const path of ["tasks.match.component", "tasks.train.parameters.trees", "tasks.read.partyParameters.bank"])
    expect(checked.out).toContain(path);
  const submitted = await as("bank", "analyst", "job", "run", bad, "--project", project, "--json");
  expect(submitted).toMatchObject({ code: 2, out: "", json: { error: { code: "input.flow" } } });
}

test("bank and telco connect, agree, train, score and look at the results by commands alone", async () => {
  await connect();
  const table = (party: string, ...more: string[]) =>
    ok(party, "analyst", "dataset", "import", join(folder, `${party}.csv`), "--id", "phone", ...more);
  const bank = await table("bank", "--label", "default");
  const telco = await table("telco");
  expect(bank).toMatchObject({ rowCount: ROWS, published: false });
  await ok("telco", "analyst", "dataset", "publish", telco.id);
  const [seen] = await ok("bank", "analyst", "partner", "datasets", "telco");
  expect(seen).toMatchObject({ id: telco.id, rowCount: null });

  const project = (await ok("bank", "analyst", "project", "create", "Credit", "--member", "telco")).id;
  await approve("telco", "project");
  const flow = flowOf(bank.id, telco.id);
  await until("the project is active", async () =>
    (await ok("bank", "analyst", "project", "list")).some((each: { status: string }) => each.status === "ACTIVE"),
  );
  await faultsOf(flow, project);
  const terms = ["--owner", "telco", "--dataset", telco.id, "--partner", "bank", "--receiver", "bank"];
  await refuseGrant(terms);
  await ok("bank", "analyst", "grant", "request", ...terms, "--purpose", "credit scoring");
  await approve("telco", "grant");
  await until("the flow is sound", async () => {
    const { code } = await as("bank", "analyst", "job", "check", flow, "--project", project);
    return code === 0;
  });

  const following = as("bank", "analyst", "job", "run", flow, "--project", project, "--follow");
  await Promise.all([approve("bank", "job"), approve("telco", "job")]);
  const followed = await following;
  expect(followed, followed.err + followed.out).toMatchObject({
    code: 0,
    err: expect.stringContaining("  train: SUCCESS"),
  });
  expect(followed.out).toMatch(/sumsVectors +train +telco +out/);
  const [job] = await ok("bank", "analyst", "job", "list");
  await lookAt(job.id);
  await serve(`${job.id}.train`, telco.id);
  await library(`${job.id}.train`);
  await score(project, job.id, bank.id, telco.id);
  await withdraw(`${job.id}.train`);
}, 600_000);

/** Deployed, called as a business system would, and stopped; callers read why. */
async function serve(model: string, telco: string): Promise<void> {
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const settings = [
    "--set",
    "unknownId=default",
    "--set",
    "defaultScore=0.5",
    "--set",
    "timeoutMs=15000",
    "--until",
    day,
  ];
  const deploy = ["service", "deploy", "credit", "--model", model, "--host", `telco=${telco}:phone`, ...settings];
  const looked = await as("bank", "analyst", ...deploy, "--dry-run");
  expect(looked, looked.err).toMatchObject({ code: 0, out: expect.stringContaining("telco will learn") });
  const bad = await as("bank", "analyst", ...deploy, "--set", "unknownId=guess", "--json");
  expect(bad).toMatchObject({ code: 2, json: { ok: false } });
  expect(await ok("bank", "analyst", ...deploy)).toMatchObject({ name: "credit", state: "WAITING" });
  await Promise.all([approve("bank", "job"), approve("telco", "job")]);
  const key = await run({}, [
    "key",
    "add",
    "shop",
    "--role",
    "caller",
    "--dir",
    cluster.node("bank").directory,
    "--json",
  ]);
  keys.set("bank caller", key.json.secret);
  const features = ["time=60", "amount=1050", "price=1251", "debt=0", "home=rent"];
  const call = ["service", "call", "credit", "--id", "nobody", ...features.flatMap((each) => ["--feature", each])];
  const answered = async () => (await as("bank", "caller", ...call)).out.includes("default: unknown-id at telco");
  await until("the default answers", answered, 60);
  expect(await as("bank", "caller", "service", "list")).toMatchObject({ code: 3 });
  const outcomes = join(folder, "outcomes.json");
  writeFileSync(outcomes, JSON.stringify([{ traceId: "unknown", outcome: 1 }]));
  const sent = await as("bank", "caller", "service", "outcomes", "credit", outcomes);
  expect(sent).toMatchObject({ code: 0, out: expect.stringContaining("not known: unknown") });
  const shown = await as("bank", "analyst", "service", "show", "credit");
  expect(shown.out).toMatch(/state +UP[\s\S]*champion/);
  await operate();
  await ok("bank", "analyst", "service", "stop", "credit", "--reason", "only a test");
  const refused = await as("bank", "caller", ...call);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("only a test") });
}

/** Limits, traffic, a plan that the champion cannot have, and what the service does not answer. */
async function operate(): Promise<void> {
  const changed = ["--rows-per-day", "5000", "--drift-max", "0.3"];
  const service = await ok("bank", "analyst", "service", "change", "credit", ...changed);
  expect(service.limits).toMatchObject({ rowsPerDay: 5000, driftMax: 0.3, callers: null });
  const champion = await as("bank", "analyst", "service", "canary", "credit", service.champion, "--step", "10:60");
  expect(champion).toMatchObject({ code: 1, err: expect.stringContaining("champion") });
  const traffic = await as("bank", "analyst", "service", "traffic", "credit", "--minutes", "5");
  expect(traffic.out).toContain("unknown-id/default");
  const asked = await as("bank", "caller", "service", "verify", "credit", "--id", "13800138000");
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining("/credit/score") });
}

async function library(model: string): Promise<void> {
  const named = await ok("bank", "analyst", "model", "name", model, "Champion", "--notes", "the first");
  expect(named).toMatchObject({ name: "Champion", version: 1, signed: true });
  await ok("bank", "analyst", "model", "publish", model);
  const permit = ["--use", "batch", "--rows", "100000", "--purpose", "monthly review"];
  await ok("bank", "analyst", "model", "approve", model, ...permit);
  for (const party of ["bank", "telco"]) await approve(party, "model");
  const verified = await as("bank", "analyst", "model", "verify", model);
  expect(verified).toMatchObject({ code: 0, out: expect.stringContaining("The model is what its parties signed.") });
  const shown = await as("bank", "analyst", "model", "show", model);
  expect(shown.out).toMatch(/signed by all; permits: batch[\s\S]*100000 of 100000 rows left/);
  const seen = await until("telco sees the name", async () => {
    const { parts } = await ok("telco", "analyst", "model", "show", model);
    return parts.find((part: { published: object | null }) => part.published !== null);
  });
  expect(seen).toMatchObject({ party: "bank", published: { name: "Champion", notes: "the first" } });
  const compared = await as("bank", "analyst", "model", "compare", model, model);
  expect(compared.out).toContain("the same parameters");
  const out = join(folder, "part.tombolo-model");
  await ok("bank", "operator", "model", "export", model, "--out", out);
  expect((await ok("bank", "operator", "model", "import", out)).id).toBe(model);
  expect(await as("telco", "operator", "model", "import", out)).toMatchObject({ code: 2 });
}

async function withdraw(model: string): Promise<void> {
  await ok("telco", "approver", "model", "withdraw", model, "--reason", "no longer");
  await until("the bank knows", async () =>
    (await as("bank", "analyst", "model", "show", model)).out.includes("withdrawn"),
  );
}

async function lookAt(job: string): Promise<void> {
  expect((await ok("telco", "analyst", "job", "show", job)).status).toBe("SUCCESS");
  const kinds = (await ok("bank", "analyst", "job", "reports", job)).map((each: { kind: string }) => each.kind);
  expect(kinds).toContain("binary-evaluation");
  const out = join(folder, "scores.csv");
  await ok("bank", "analyst", "job", "output", job, "score", "data", "--out", out);
  expect(readFileSync(out, "utf8").split("\n")[0]).toBe("phone,default,score");
  const none = await as("telco", "analyst", "job", "output", job, "score", "data", "--out", out);
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining("There are:") });
  const verified = await run({}, ["journal", "verify", "--dir", cluster.node("bank").directory, "--json"]);
  expect(verified).toMatchObject({ code: 0, json: { ok: true, problems: [] } });
}

async function score(project: string, job: string, bank: string, telco: string): Promise<void> {
  const args = ["--model", `${job}.train`, "--dataset", bank, "--key", "phone", "--project", project];
  const following = as("bank", "analyst", "predict", ...args, "--host", `telco=${telco}:phone`, "--follow", "--json");
  await Promise.all([approve("bank", "job"), approve("telco", "job")]);
  const scored = await following;
  expect(scored, scored.err).toMatchObject({ code: 0, err: "", json: { status: "SUCCESS" } });
}

test("Ctrl-C stops looking, once or twice pressed, and the job goes on", async () => {
  const [project] = await ok("bank", "analyst", "project", "list");
  const [bank] = await ok("bank", "analyst", "dataset", "list");
  const [telco] = await ok("bank", "analyst", "partner", "datasets", "telco");
  const url = `http://127.0.0.1:${cluster.node("bank").apiPort}`;
  const env = {
    PATH: process.env.PATH,
    XDG_CONFIG_HOME: join(folder, "config"),
    TOMBOLO_URL: url,
    TOMBOLO_API_KEY: keys.get("bank analyst"),
  };
  const flow = flowOf(bank.id, telco.id);
  const args = [tombolo, "job", "run", flow, "--project", project.id, "--follow"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.on("data", (bytes: Buffer) => {
    err += bytes.toString();
  });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  await until("it follows", async () => err.includes("job-"));
  // A terminal signals the whole group, and `npm run tombolo` passes it on as well.
  child.kill("SIGINT");
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  const id = /tombolo job show (job-\w+)/.exec(err)?.[1] ?? "";
  expect((await ok("bank", "analyst", "job", "show", id)).status).toBe("PENDING");
  const cancelled = await ok("bank", "analyst", "job", "cancel", id, "--reason", "only a test");
  expect(cancelled.status).toBe("CANCELLED");
}, 600_000);

test("a flow is kept, pulled, edited, pushed and folded; a push of what another has changed is refused", async () => {
  const analyst = (...args: string[]) => ok("bank", "analyst", "flow", ...args);
  const [file, other] = [join(folder, "mine.yaml"), join(folder, "theirs.yaml")];
  const example = readFileSync(new URL("flow.yaml", EXAMPLES), "utf8").replace(/^name: .*/m, "name: Kept\nseed: 7");
  writeFileSync(file, example);
  const kept = await analyst("push", file);
  expect(kept).toMatchObject({ name: "Kept", revision: 1 });
  // All of the file stays, under the line that says what it is.
  const [line, ...rest] = readFileSync(file, "utf8").split("\n");
  expect(line).toMatch(new RegExp(`^# kept flow ${kept.id} revision 1 `));
  expect(rest.join("\n")).toBe(example);
  await analyst("pull", "Kept", other);
  expect(await as("bank", "analyst", "flow", "pull", "Kept", other)).toMatchObject({ code: 1 });
  writeFileSync(file, readFileSync(file, "utf8").replace(/^seed: .*/m, "seed: 11"));
  expect((await analyst("push", file)).revision).toBe(2);
  // Nothing has changed: no revision.
  expect((await analyst("push", file)).revision).toBe(2);

  const edited = readFileSync(other, "utf8").replace(/^seed: .*/m, "seed: 12");
  writeFileSync(other, edited);
  const stale = await as("bank", "analyst", "flow", "push", other, "--json");
  expect(stale).toMatchObject({ code: 1, json: { error: { code: "state.flow-changed" } } });
  expect(stale.err).toMatch(/bank-analyst has saved revision 2[\s\S]*--over/);
  expect(readFileSync(other, "utf8")).toBe(edited);
  expect(await as("bank", "analyst", "flow", "push", other, "--new", "--json")).toMatchObject({
    json: { error: { code: "state.flow-name" } },
  });
  expect((await analyst("push", other, "--over", "Kept")).revision).toBe(3);
  const shown = await analyst("show", "Kept");
  expect(shown.revisions.map((each: { revision: number }) => each.revision)).toEqual([3, 2, 1]);
  expect((await analyst("pull", "Kept", "--revision", "2")).flow.seed).toBe(11);

  await analyst("pull", kept.id, file, "--force");
  const folds = ["flow", "folds", file, "--task", "train", "--folds", "3", "--out", file, "--json"];
  expect(await run({}, folds)).toMatchObject({ code: 1, json: { error: { code: "state.exists" } } });
  const folded = await run({}, [...folds, "--force"]);
  expect(folded.json).toMatchObject({ task: "cross-validate", file });
  expect(await run({}, ["flow", "folds", file, "--task", "read"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("trains nothing"),
  });
  const pushed = await analyst("push", file);
  expect(pushed.revision).toBe(4);
  expect(Object.keys(pushed.flow.tasks["cross-validate"].inputs)).toEqual(["fold1", "fold2", "fold3"]);
  const forbidden = await as("bank", "approver", "flow", "push", file, "--json");
  expect(forbidden).toMatchObject({ code: 3, json: { error: { code: "auth.forbidden" } } });
  await analyst("delete", "Kept");
  expect(await analyst("list")).toEqual([]);
}, 300_000);

test("a job names the kept flow that its file was pulled from, while it is kept", async () => {
  const bank = (...args: string[]) => ok("bank", "analyst", ...args);
  const [[own], [telco], [project]] = [
    await bank("dataset", "list"),
    await bank("partner", "datasets", "telco"),
    await bank("project", "list"),
  ];
  const file = flowOf(own.id, telco.id);
  const flow = await bank("flow", "push", file);
  const runJob = () => bank("job", "run", file, "--project", project.id);
  const asSaved = await runJob();
  expect(asSaved.keptFlow).toEqual({ id: flow.id, name: flow.name, revision: 1, latest: 1 });
  writeFileSync(file, readFileSync(file, "utf8").replace(/^name: .*/m, "name: Tried out"));
  const tried = await runJob();
  expect(tried.keptFlow).toEqual({ id: flow.id, name: flow.name, revision: null, latest: 1 });
  expect((await bank("flow", "push", file)).revision).toBe(2);
  expect((await as("bank", "analyst", "job", "show", asSaved.id)).out).toContain("revision 1; revision 2 by now");
  for (const { id } of [asSaved, tried]) await bank("job", "cancel", id, "--reason", "only a test");
  await bank("flow", "delete", flow.id);
  expect((await bank("job", "show", asSaved.id)).keptFlow).toBeNull();
  // What the file says of a flow that is not kept here is no reason not to run it.
  const later = await runJob();
  expect(later.keptFlow).toBeNull();
  await bank("job", "cancel", later.id, "--reason", "only a test");
}, 300_000);

test("what goes wrong says what, where and what to do, with its own exit code", async () => {
  const forbidden = await as("bank", "analyst", "partner", "invite", "--json");
  expect(forbidden).toMatchObject({ code: 3, out: "", json: { error: { code: "auth.forbidden" } } });
  const missing = await as("bank", "analyst", "dataset", "import", join(folder, "none.csv"));
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining("none.csv: there is no such file") });
  const unknown = await as("bank", "analyst", "dataset", "show", "ds-none");
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("tombolo dataset list") });
  const option = await as("bank", "analyst", "dataset", "list", "--wrong", "--json");
  expect(option).toMatchObject({ code: 2, json: { error: { code: "input.arguments" } } });
  const nobody = { TOMBOLO_URL: "http://127.0.0.1:1", TOMBOLO_API_KEY: "tbk_x" };
  expect(await run(nobody, ["whoami"])).toMatchObject({ code: 4, err: expect.stringContaining("tombolo start") });
  expect(await run({}, ["whoami"])).toMatchObject({ code: 2, err: expect.stringContaining("tombolo login") });
  expect(await run({}, ["login", "nonsense"])).toMatchObject({ code: 2, err: expect.stringContaining("http://") });
  expect(await run({}, ["status", "--dir", folder])).toMatchObject({ code: 2, err: expect.stringContaining("init") });
});
