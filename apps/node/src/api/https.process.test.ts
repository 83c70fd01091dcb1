/** The console beyond loopback: HTTPS only, by the node's own certificate or a given one, for people and commands. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { routes } from "@tombolo/sdk";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePorts } from "../testing/cluster.ts";

const NODE = fileURLToPath(new URL("../main.ts", import.meta.url));
const CLI = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));
const NAME = "console.bank.example";
const folder = mkdtempSync(join(tmpdir(), "tombolo-https-"));
const directory = join(folder, "bank");
const ownCertificate = join(directory, "keys", "console-certificate.pem");
let port: number;
let child: ChildProcess | undefined;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(main: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}, input = ""): Promise<Ended> {
  const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: join(folder, "config"), ...environment };
  return new Promise((resolve) => {
    const process_ = execFile(process.execPath, [main, ...args], { env, timeout: 120_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
    process_.stdin?.end(input);
  });
}

/** Answers what the node printed once it was ready. */
async function start(environment: NodeJS.ProcessEnv = {}): Promise<{ console: string; firstLink: string }> {
  await stop();
  const env = { ...process.env, ...environment };
  child = spawn(process.execPath, [NODE, "start", "--dir", directory, "--json"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    errors += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    createInterface(child!.stdout!).once("line", (line) => resolve(JSON.parse(line)));
    child?.once("exit", (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
}

async function stop(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child?.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly fingerprint: string;
  readonly body: string;
}

/** Checks the certificate against `ca` alone, and against the name. */
function ask(name: string, ca: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { host: `${name}:${port}`, ...(text === undefined ? {} : { "content-type": "application/json" }) };
    const options = { host: "127.0.0.1", port, servername: name, ca, method, path, headers, agent: false } as const;
    request(options, async (response) => {
      const fingerprint = (response.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? "";
      const chunks = await response.toArray();
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        fingerprint,
        body: Buffer.concat(chunks).toString(),
      });
    })
      .once("error", reject)
      .end(text);
  });
}

beforeAll(async () => {
  const [api, partner] = await freePorts(2);
  port = api!;
  const args = ["init", "--dir", directory, "--party", "bank", "--name", "Bank", "--listen", `127.0.0.1:${partner}`];
  const made = await run(NODE, [...args, "--api-host", "0.0.0.0", "--api-port", String(port)]);
  expect(made.code, made.err).toBe(0);
}, 120_000);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

it("serves HTTPS alone by its own certificate, with strict cookies, to browsers and commands that trust it", async () => {
  const { console, firstLink } = await start();
  expect(console).toBe(`https://localhost:${port}`);
  expect(firstLink.startsWith(`${console}/link#`)).toBe(true);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();

  const ca = readFileSync(ownCertificate, "utf8");
  const page = await ask("localhost", ca, "GET", "/");
  expect(page.headers["strict-transport-security"]).toMatch(/^max-age=\d{8}/);
  const token = firstLink.slice(firstLink.indexOf("#") + 1);
  const body = { token, password: "correct horse battery" };
  const entered = await ask("localhost", ca, "POST", routes.setPassword.path, body);
  expect(entered.status, entered.body).toBe(200);
  const [cookie] = entered.headers["set-cookie"] ?? [];
  for (const part of [/^__Host-tombolo-bank=/, /; Secure/, /; HttpOnly/, /; SameSite=Strict/, /; Path=\//])
    expect(cookie).toMatch(part);
  expect(cookie).not.toMatch(/Domain/i);

  const key = await run(NODE, ["key", "add", "auditor", "--role", "auditor", "--dir", directory]);
  expect(key.code, key.err).toBe(0);
  const distrusted = await run(CLI, ["login", console], {}, key.out);
  expect(distrusted).toMatchObject({ code: 3, err: expect.stringContaining("--ca <file>") });
  const trusted = await run(CLI, ["login", console, "--ca", ownCertificate], {}, key.out);
  expect(trusted, trusted.err).toMatchObject({ code: 0 });
  // The profile keeps the certificate; without one the environment names it.
  expect(await run(CLI, ["whoami"])).toMatchObject({ code: 0, out: expect.stringContaining("bank") });
  const named = { TOMBOLO_URL: console, TOMBOLO_API_KEY: key.out.trim(), TOMBOLO_CA_FILE: ownCertificate };
  expect(await run(CLI, ["whoami"], named)).toMatchObject({ code: 0 });
}, 240_000);

it("makes its own certificate carry the name that people come by, and keeps it over restarts", async () => {
  const environment = { TOMBOLO_API_PUBLIC_URL: `https://${NAME}:${port}` };
  expect((await start(environment)).console).toBe(`https://${NAME}:${port}`);
  const ca = readFileSync(ownCertificate, "utf8");
  expect(new X509Certificate(ca).checkHost(NAME)).toBe(NAME);
  expect((await ask(NAME, ca, "GET", "/")).fingerprint).toBe(new X509Certificate(ca).fingerprint256);
  await start(environment);
  expect(readFileSync(ownCertificate, "utf8")).toBe(ca);
}, 240_000);

it("serves the certificate it is given, and refuses to start with a key of another", async () => {
  const [given, other] = [await createPartyCertificate("bank", [NAME]), await createPartyCertificate("bank", [NAME])];
  const [cert, key] = [join(folder, "given.pem"), join(folder, "given-key.pem")];
  writeFileSync(cert, given.cert);
  writeFileSync(key, given.key);
  const environment = {
    TOMBOLO_API_PUBLIC_URL: `https://${NAME}:${port}`,
    TOMBOLO_API_TLS_CERTIFICATE: cert,
    TOMBOLO_API_TLS_KEY: key,
  };
  await start(environment);
  const shown = (await ask(NAME, given.cert, "GET", "/")).fingerprint;
  expect(shown).toBe(new X509Certificate(given.cert).fingerprint256);
  await stop();
  writeFileSync(key, other.key);
  const refused = await run(NODE, ["start", "--dir", directory], environment);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("api.tlsKey") });
}, 240_000);
