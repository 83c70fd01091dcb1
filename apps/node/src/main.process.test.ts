/** The node's program as people run it: real processes, real sockets, killed for real. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@tombolo/sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { callNode } from "./operations/control.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;
const WRITER = new URL("./testing/write-until-killed.ts", import.meta.url).pathname;
const PASSPHRASE = "a passphrase for tests";
const folder = mkdtempSync(join(tmpdir(), "tombolo-main-"));
const children = new Set<ChildProcess>();
const environment = {
  ...process.env,
  TOMBOLO_API_PORT: "0",
  TOMBOLO_PARTNER_HOST: "127.0.0.1",
  TOMBOLO_PARTNER_PORT: "0",
  TOMBOLO_PASSPHRASE: PASSPHRASE,
};

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Checked by the assertions that read it. */
  readonly json: ReturnType<typeof JSON.parse>;
}

function tombolo(args: readonly string[], env: NodeJS.ProcessEnv = environment): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, timeout: 60_000 }, (error, out, err) => {
      const line = (out.trim() || err.trim()).split("\n").at(-1) ?? "";
      const json = line.startsWith("{") ? JSON.parse(line) : undefined;
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err, json });
    });
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly ready: { readonly console: string; readonly firstLink: string | null };
}

function start(directory: string): Promise<Started> {
  const child = spawn(process.execPath, [MAIN, "start", "--dir", directory, "--json"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let err = "";
  child.stderr!.on("data", (chunk) => (err += chunk));
  return new Promise((resolve, reject) => {
    createInterface(child.stdout!).once("line", (line) => resolve({ child, ready: JSON.parse(line) }));
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${err}`)));
  });
}

const ended = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve) => {
    const over = child.exitCode ?? child.signalCode;
    if (over !== null) resolve(over);
    else child.once("exit", (code, signal) => resolve(code ?? signal ?? -1));
  });

const bank = join(folder, "bank");
/** A fresh copy of an initialised and migrated directory. */
const copyOf = (name: string): string => {
  const copy = join(folder, name);
  cpSync(bank, copy, { recursive: true });
  return copy;
};

beforeAll(async () => {
  const made = await tombolo(["init", "--dir", bank, "--party", "bank", "--name", "Bank", "--json"]);
  expect(made.code, made.err + made.out).toBe(0);
  expect((await tombolo(["user", "list", "--dir", bank])).code).toBe(0);
});
afterEach(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
    await ended(child);
  }
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("init makes private folders and sealed keys, once", async () => {
  expect(statSync(bank).mode & 0o777).toBe(0o700);
  const key = join(bank, "keys", "signing-key.pem");
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(key, "utf8")).not.toContain("PRIVATE KEY");
  expect(await tombolo(["init", "--dir", bank, "--party", "bank", "--name", "Bank"])).toMatchObject({ code: 1 });
});

test("a wrong passphrase, an open key file and a bad configuration are named with a remedy", async () => {
  const directory = copyOf("faults");
  const wrong = await tombolo(["status", "--dir", directory, "--json"], environment);
  expect(wrong).toMatchObject({ code: 4, json: { running: false } });
  const closed = await tombolo(["user", "list", "--dir", directory, "--json"], {
    ...environment,
    TOMBOLO_PASSPHRASE: "wrong",
  });
  expect(closed).toMatchObject({ code: 2, json: { error: { code: "input.keys" } } });
  chmodSync(join(directory, "keys", "tls-key.pem"), 0o644);
  const open = await tombolo(["user", "list", "--dir", directory, "--json"]);
  expect(open.json.error).toMatchObject({ code: "input.keys", remedy: expect.stringContaining("chmod 600") });
  writeFileSync(join(directory, "node.yaml"), "party: Not-A-Party\nname: x\napi: {port: 99999}\nsurprise: 1\n");
  const bad = await tombolo(["start", "--dir", directory, "--json"], { ...environment, TOMBOLO_API_PORT: "" });
  expect(bad.code).toBe(2);
  for (const fault of ["party", "api.port", "surprise"]) expect(bad.json.error.message).toContain(fault);
  appendFileSync(join(directory, "node.yaml"), "]: [");
  expect((await tombolo(["start", "--dir", directory, "--json"])).json.error.message).toContain("not valid YAML");
});

test("a node starts with a one-time link, answers commands, keeps its directory for itself, and stops in order", async () => {
  const directory = copyOf("whole");
  const { child, ready } = await start(directory);
  expect(ready.firstLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/link#\S{43}$/);
  const client = new Client({ origin: ready.console });
  expect(await client.call("health")).toEqual({ ok: true });
  const token = ready.firstLink!.split("#")[1]!;
  expect((await client.call("linkInfo", { params: { token } })).username).toBe("admin");
  expect((await tombolo(["status", "--dir", directory, "--json"])).json).toMatchObject({
    running: true,
    party: "bank",
    pid: child.pid,
  });
  expect(await tombolo(["start", "--dir", directory, "--json"])).toMatchObject({
    code: 1,
    json: { error: { code: "state.running" } },
  });
  const added = await tombolo(["user", "add", "alice", "--role", "analyst", "--dir", directory, "--json"]);
  expect(added.json).toMatchObject({ username: "alice", url: expect.stringContaining("/link#") });
  const again = await tombolo(["user", "reset", "alice", "--dir", directory, "--json"]);
  expect(again.json.url).not.toBe(added.json.url);
  expect((await tombolo(["user", "reset", "nobody", "--dir", directory, "--json"])).code).toBe(2);
  const key = (await tombolo(["key", "add", "ci", "--role", "auditor", "--dir", directory, "--json"])).json;
  const auditor = new Client({ origin: ready.console, apiKey: key.secret });
  expect((await auditor.call("node")).partyId).toBe("bank");
  const days = await tombolo(["key", "add", "ci", "--role", "auditor", "--days", "x", "--dir", directory, "--json"]);
  expect(days).toMatchObject({ code: 2, json: { error: { message: expect.stringContaining("days") } } });
  expect((await tombolo(["key", "delete", key.key.id, "--dir", directory, "--json"])).code).toBe(0);
  await expect(auditor.call("node")).rejects.toMatchObject({ code: "auth.session" });
  expect((await tombolo(["journal", "verify", "--dir", directory, "--json"])).json).toMatchObject({ ok: true });
  const to = join(folder, "whole.tar.gz");
  expect((await tombolo(["backup", "--to", to, "--dir", directory, "--json"])).json).toMatchObject({ file: to });
  const restored = await tombolo(["restore", "--from", to, "--dir", join(folder, "restored"), "--json"]);
  expect(restored.json, restored.err).toMatchObject({ party: "bank", journalOk: true });
  child.kill("SIGTERM");
  expect(await ended(child)).toBe(0);
  expect((await tombolo(["journal", "verify", "--dir", directory, "--json"])).json).toMatchObject({ ok: true });
});

test.each(["TOMBOLO_API_PORT", "TOMBOLO_PARTNER_PORT"])(
  "a used port is named, and ends the start: %s",
  async (name) => {
    const directory = copyOf(`port-${name}`);
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as { port: number };
    const refused = await tombolo(["start", "--dir", directory, "--json"], {
      ...environment,
      [name]: String(port),
    });
    other.close();
    expect(refused).toMatchObject({
      code: 1,
      json: { error: { code: "resource.port", message: expect.stringContaining(String(port)) } },
    });
  },
);

test("after kill -9 everything acknowledged is there, and the journal verifies", async () => {
  const directory = copyOf("killed");
  let last = -1;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [WRITER, directory], {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    const lines = createInterface(child.stdout!);
    await new Promise<void>((enough) => {
      const target = last + 100 + round * 37;
      lines.on("line", (line) => {
        last = Number(line);
        if (last >= target) {
          child.kill("SIGKILL");
          enough();
        }
      });
    });
    expect(await ended(child)).toBe("SIGKILL");
    const found = await callNode(directory, environment, "verifyJournal", {});
    expect(found.problems).toEqual([]);
    expect(found.entries).toBeGreaterThan(last);
  }
});

test("a running node killed with -9 starts again with all it acknowledged", async () => {
  const directory = copyOf("restarted");
  const first = await start(directory);
  for (let i = 0; i < 5; i++)
    await callNode(directory, environment, "addUser", { username: `user${i}`, displayName: "x", roles: ["auditor"] });
  first.child.kill("SIGKILL");
  await ended(first.child);
  const { items } = await callNode(directory, environment, "listUsers", {});
  expect(items.map((user) => user.username)).toEqual(["admin", "user0", "user1", "user2", "user3", "user4"]);
  const second = await start(directory);
  expect(second.ready.firstLink).toBeNull();
  second.child.kill("SIGTERM");
  expect(await ended(second.child)).toBe(0);
});
