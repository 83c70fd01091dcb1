import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { Client, type Role } from "@tombolo/sdk";
import { type DemoParty, root } from "./options.ts";

const MAIN = join(root, "apps", "node", "src", "main.ts");
const START_MS_MAX = 60_000;
const VISITORS = ["analyst", "approver", "operator", "auditor", "admin"] as const satisfies readonly Role[];

/** A running node of the demo, and keys by which the demo acts as its people. */
export interface DemoNode {
  readonly party: DemoParty;
  readonly origin: string;
  readonly partnerAddress: string;
  readonly as: Readonly<Record<"admin" | "operator" | "analyst" | "approver", Client>>;
  stop(): Promise<void>;
}

interface Saved {
  readonly apiPort: number;
  readonly partnerPort: number;
  readonly keys: Readonly<Record<"admin" | "operator" | "analyst" | "approver", string>> | null;
}

const environment = (saved: Saved): NodeJS.ProcessEnv => ({
  ...process.env,
  TOMBOLO_API_PORT: String(saved.apiPort),
  TOMBOLO_PARTNER_HOST: "127.0.0.1",
  TOMBOLO_PARTNER_PORT: String(saved.partnerPort),
  TOMBOLO_PARTNER_PUBLIC_ADDRESS: `127.0.0.1:${saved.partnerPort}`,
  // All parties of the demo live on this machine.
  TOMBOLO_PARTNER_ALLOW_PRIVATE_ADDRESSES: "true",
});

/** Runs a subcommand of the node's program to its end and answers what it printed as JSON. */
function command(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...args, "--json"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>);
      else
        reject(
          new TomboloError("state.demo", `tombolo ${args[0]} ended with code ${code}: ${err.trim() || out.trim()}`),
        );
    });
  });
}

/** The first of `preferred`, `preferred` + 10, ... that nobody listens on. */
async function freePort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + 500; port += 10) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new TomboloError("resource.port", `no free port near ${preferred}`);
}

/** Starts the party's node, making its folder and keys on the first run. */
export async function startNode(party: DemoParty, folder: string, index: number): Promise<DemoNode> {
  const home = join(folder, party.id);
  const file = join(folder, `${party.id}.demo.json`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let saved = await loadSaved(file, index);
  const env = environment(saved);
  let firstLink: string | null = null;
  if (!existsSync(join(home, "node.yaml"))) {
    await command(["init", "--dir", home, "--party", party.id, "--name", party.name], env);
    firstLink = String((await command(["user", "add", "demo-setup", "--role", "admin", "--dir", home], env)).url);
  }
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "start", "--dir", home], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tail = keepOutput(child, join(folder, `${party.id}.log`));
  const origin = `http://127.0.0.1:${saved.apiPort}`;
  await healthy(origin, child, party, tail);
  if (saved.keys === null) {
    saved = { ...saved, keys: await makeKeys(origin, firstLink) };
    writeFileSync(file, JSON.stringify(saved), { mode: 0o600 });
  }
  const client = (apiKey: string): Client => new Client({ origin, apiKey });
  const { admin, operator, analyst, approver } = saved.keys!;
  return {
    party,
    origin,
    partnerAddress: `127.0.0.1:${saved.partnerPort}`,
    as: { admin: client(admin), operator: client(operator), analyst: client(analyst), approver: client(approver) },
    stop: () => stop(child),
  };
}

async function loadSaved(file: string, index: number): Promise<Saved> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Saved;
  const saved = { apiPort: await freePort(7500 + index), partnerPort: await freePort(7600 + index), keys: null };
  writeFileSync(file, JSON.stringify(saved), { mode: 0o600 });
  return saved;
}

function keepOutput(child: ChildProcess, path: string): () => string {
  const log = createWriteStream(path, { flags: "a", mode: 0o600 });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString()).slice(-4000);
    });
  }
  return () => tail;
}

async function healthy(origin: string, child: ChildProcess, party: DemoParty, tail: () => string): Promise<void> {
  const client = new Client({ origin });
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) {
      throw new TomboloError("state.demo", `the node of ${party.id} ended with code ${child.exitCode}:\n${tail()}`, {
        remedy: "If an earlier demo still runs, end it first; `npm run demo -- --clean` starts afresh.",
      });
    }
    const ok = await client.call("health").then(
      (health) => health.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new TomboloError(
    "state.demo",
    `the node of ${party.id} did not answer within ${START_MS_MAX / 1000} s:\n${tail()}`,
  );
}

/** Uses the first one-time link as a person would, then makes one API key per role for the demo's own acting. */
async function makeKeys(origin: string, link: string | null): Promise<NonNullable<Saved["keys"]>> {
  const token = link === null ? null : /[^/=#]+$/.exec(link)?.[0];
  if (token === null || token === undefined) {
    throw new TomboloError("state.demo", "an earlier first run was cut short", {
      remedy: "Run `npm run demo -- --clean`, then again.",
    });
  }
  let cookie = "";
  let csrf: string | undefined;
  const person = new Client({
    origin,
    csrfToken: () => csrf,
    fetch: async (url, init) => {
      const response = await fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie } });
      cookie =
        response.headers
          .getSetCookie()
          .map((each) => each.split(";")[0])
          .join("; ") || cookie;
      return response;
    },
  });
  const me = await person.call("setPassword", { body: { token, password: randomBytes(24).toString("base64url") } });
  csrf = me.csrfToken;
  const key = async (role: Role): Promise<string> =>
    (await person.call("createApiKey", { body: { name: `demo ${role}`, roles: [role], days: 366 } })).secret;
  const keys = {
    admin: await key("admin"),
    operator: await key("operator"),
    analyst: await key("analyst"),
    approver: await key("approver"),
  };
  await person.call("signOut");
  return keys;
}

export interface SignIn {
  readonly role: Role;
  readonly username: string;
  /** Null when the visitor has set a password already. */
  readonly url: string | null;
}

/** One user per role for the visitor, each with a fresh one-time link until its password is set. */
export async function visitorLinks(node: DemoNode): Promise<SignIn[]> {
  const { items } = await node.as.admin.call("listUsers");
  return Promise.all(
    VISITORS.map(async (role) => {
      const known = items.find((user) => user.username === role);
      if (known?.active) return { role, username: role, url: null };
      const link = known
        ? await node.as.admin.call("resetUser", { params: { id: known.id } })
        : (
            await node.as.admin.call("createUser", {
              body: { username: role, displayName: `${node.party.name} ${role}`, roles: [role] },
            })
          ).link;
      return { role, username: role, url: link.url };
    }),
  );
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
    child.once("close", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
