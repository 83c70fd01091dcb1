/**
 * Real nodes for tests: each its own process, data directory, ports and people, on loopback. Nodes can be killed and
 * started again; people stay signed in, since sessions are in the database.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Dataset, Grant, GrantTerms, Job, Role } from "@tombolo/sdk";
import { createDataFolder } from "../config/data-folder.ts";
import { dataPaths } from "../config/paths.ts";
import { ask } from "../operations/control.ts";
import { copyEmptyDatabase } from "./empty-database.ts";
import { nodeProgram } from "./programs.ts";
import { Person } from "./test-api.ts";

const ROLES: readonly Role[] = ["operator", "analyst", "approver"];
const PASSWORD = "correct horse battery";

export class ClusterNode {
  readonly party: string;
  readonly directory: string;
  readonly apiPort: number;
  readonly partnerPort: number;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #people = new Map<string, Person>();
  #child: ChildProcess | undefined;
  #log = "";

  constructor(
    party: string,
    directory: string,
    ports: readonly [number, number],
    environment: Readonly<Record<string, string>>,
  ) {
    this.party = party;
    this.directory = directory;
    [this.apiPort, this.partnerPort] = ports;
    this.#environment = environment;
  }

  get log(): string {
    return this.#log;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.party} is not running`);
    return pid;
  }

  async init(): Promise<void> {
    const partner = {
      port: this.partnerPort,
      publicAddress: `127.0.0.1:${this.partnerPort}`,
      host: "127.0.0.1",
      allowPrivateAddresses: true,
    };
    const config = { party: this.party, name: `The ${this.party}`, api: { port: this.apiPort }, partner };
    const paths = await createDataFolder({ directory: this.directory, config, passphrase: undefined });
    await copyEmptyDatabase(paths.database);
  }

  /** `more` is for this run alone. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const program = nodeProgram();
    const env = {
      ...process.env,
      ...program.environment,
      TOMBOLO_LIMITS_REQUESTS_PER_MINUTE: "1000000",
      TOMBOLO_JOBS_THREADS: "1",
      ...this.#environment,
      ...more,
    };
    const child = spawn(process.execPath, [program.file, "start", "--dir", this.directory, "--json"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stderr.on("data", (bytes: Buffer) => this.#keep(bytes));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (bytes: Buffer) => {
        this.#keep(bytes);
        if (bytes.toString().includes('"ready":true')) resolve();
      });
      child.once("exit", (code, signal) =>
        reject(new Error(`${this.party} ended with ${code ?? signal} before it was ready:\n${this.#log}`)),
      );
    });
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** A signed-in person of this party, one per name. */
  async person(username: string, ...roles: Role[]): Promise<Client> {
    const known = this.#people.get(username);
    if (known !== undefined) return known.client;
    const input = { username, displayName: username, roles };
    const { url } = (await ask(this.directory, "addUser", input)) as { url: string };
    const person = new Person(`http://127.0.0.1:${this.apiPort}`);
    await person.enter(tokenOf(url), PASSWORD);
    this.#people.set(username, person);
    return person.client;
  }

  operator = (): Promise<Client> => this.person("operator", "operator");
  analyst = (): Promise<Client> => this.person("analyst", "analyst");
  approver = (): Promise<Client> => this.person("approver", "approver");

  /** Process ids of this node's running tasks: one that waits for a task is in no task's folder. */
  async runners(): Promise<number[]> {
    const text = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, "utf8").catch(() => "");
    const pids = text.trim().split(" ").filter(Boolean).map(Number);
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return pids.filter((_, i) => folders[i]!.startsWith(`${dataPaths(this.directory).tasks}/`));
  }

  #keep(bytes: Buffer): void {
    this.#log = (this.#log + bytes.toString()).slice(-200_000);
  }
}

export class Cluster {
  readonly #folder: string;
  readonly nodes: Readonly<Record<string, ClusterNode>>;

  constructor(folder: string, nodes: Readonly<Record<string, ClusterNode>>) {
    this.#folder = folder;
    this.nodes = nodes;
  }

  node(party: string): ClusterNode {
    const node = this.nodes[party];
    if (node === undefined) throw new Error(`no party ${party}`);
    return node;
  }

  /** `host` invites, `guest` accepts, both confirm. */
  async connect(guest: string, host: string): Promise<void> {
    const [here, there] = [await this.node(guest).operator(), await this.node(host).operator()];
    const { line, contractId } = await there.call("invitePartner", { body: {} });
    const accepted = await here.call("acceptInvite", { body: { line } });
    await here.call("confirmPartner", { params: { id: contractId }, body: { fingerprint: accepted.fingerprint! } });
    const seen = (await there.call("listPartners")).items.find((each) => each.contractId === contractId);
    await there.call("confirmPartner", { params: { id: contractId }, body: { fingerprint: seen?.fingerprint ?? "" } });
    for (const client of [here, there])
      await until(`${guest} and ${host} have a contract`, async () =>
        (await client.call("listPartners")).items.some(
          (each) => each.contractId === contractId && each.status === "APPROVED",
        ),
      );
  }

  /** A project of both, joined; answers its id. */
  async project(initiator: string, ...members: string[]): Promise<string> {
    const analyst = await this.node(initiator).analyst();
    const { id } = await analyst.call("createProject", { body: { name: "Credit", members } });
    for (const party of members) await this.decide(party, "project", id);
    await until(
      "the project is active",
      async () => (await analyst.call("getProject", { params: { id } })).status === "ACTIVE",
    );
    return id;
  }

  async publish(party: string, csv: string, id: string, name = `${party} customers`): Promise<Dataset> {
    const analyst = await this.node(party).analyst();
    const query = { name, filename: "data.csv", id };
    const dataset = await analyst.call(
      "uploadDataset",
      { query, body: new TextEncoder().encode(csv) },
      { contentType: "text/csv" },
    );
    const visibility = { rowCount: true, fillRate: true, distinct: true, statistics: false, top: false };
    return analyst.call("publishDataset", { params: { id: dataset.id }, body: { published: true, visibility } });
  }

  /** Asked for by `party`, approved by the owner; active at both. */
  async grant(
    party: string,
    owner: string,
    terms: Partial<GrantTerms> & Pick<GrantTerms, "datasetId">,
  ): Promise<Grant> {
    const analyst = await this.node(party).analyst();
    const body = {
      partners: [party],
      projectId: null,
      components: [],
      columns: [],
      filter: null,
      purpose: "credit scoring",
      use: ["train" as const, "score" as const],
      receivers: [party],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      uses: 100,
      standing: false,
      ...terms,
      owner,
    };
    const { id } = await analyst.call("requestGrant", { body });
    await this.decide(owner, "grant", id);
    const find = async () =>
      (await analyst.call("listGrants")).items.find((each) => each.id === id && each.status === "ACTIVE");
    return until("the grant is active", find);
  }

  /** An approver of `party` says yes to what waits about `subject`, sending back the hash shown. */
  async decide(
    party: string,
    kind: "project" | "grant" | "job" | "schedule" | "model",
    subject: string,
    reject?: string,
  ): Promise<void> {
    const approver = await this.node(party).approver();
    const item = await until(`${party} is asked about the ${kind}`, async () =>
      (await approver.call("listApprovals", { query: {} })).items.find((each) =>
        [each.jobId, each.grantId, each.projectId, each.scheduleId, each.permitId].includes(subject),
      ),
    );
    const params = { id: item.id };
    if (reject !== undefined) return void (await approver.call("reject", { params, body: { reason: reject } }));
    const { consentHash } = await approver.call("getApproval", { params });
    await approver.call("approve", { params, body: { consentHash } });
  }

  /** The job at `party` once `wanted` holds. */
  async job(party: string, id: string, what: string, wanted: (status: string) => boolean, seconds = 60) {
    const analyst = await this.node(party).analyst();
    let seen = "never seen";
    const look = async () => {
      const job = await analyst.call("getJob", { params: { id } }).catch(() => undefined);
      if (job !== undefined) seen = describeJob(job);
      return job !== undefined && wanted(job.status) ? job : undefined;
    };
    return until(() => `the job at ${party} is ${what}; it was ${seen}`, look, seconds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.nodes).map((node) => node.kill("SIGTERM")));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const hasEnded = (status: string): boolean => ["SUCCESS", "FAILED", "CANCELLED", "REJECTED"].includes(status);

/** Starts a node per party, with people of every role. `own` is for one party alone. */
export async function startCluster(
  parties: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  own: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "tombolo-cluster-"));
  const ports = await freePorts(parties.length * 2);
  const nodes = parties.map(
    (party, i) =>
      new ClusterNode(party, join(folder, party), [ports[2 * i]!, ports[2 * i + 1]!], {
        ...environment,
        ...own[party],
      }),
  );
  await Promise.all(nodes.map((node) => node.init()));
  await Promise.all(nodes.map((node) => node.start()));
  for (const node of nodes) for (const role of ROLES) await node.person(role, role);
  return new Cluster(folder, Object.fromEntries(nodes.map((node) => [node.party, node])));
}

function describeJob({ status, failure, tasks }: Job): string {
  const lanes = (task: Job["tasks"][number]): string =>
    task.lanes.map(({ party, status: own, stage }) => `${party} ${own} ${stage ?? ""}`).join(", ");
  return `${status} ${failure?.message ?? ""}\n${tasks.map((task) => `${task.name} #${task.attempt} ${task.status}: ${lanes(task)}`).join("\n")}`;
}

/** Polls until the answer is there; fails loudly after `seconds`. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const started = Date.now();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const waited = Date.now() - started;
    if (waited > seconds * 1000)
      throw new Error(`waited ${seconds} s in vain until ${typeof what === "string" ? what : what()}`);
    // Each look costs the node that is waited for.
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(25, waited / 10), 200)));
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) =>
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server)),
      );
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const tokenOf = (url: string): string => new URL(url).hash.slice(1);
