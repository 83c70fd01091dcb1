/** What `tombolo doctor` finds on the path to a partner, each fault made for real on a socket, and what it says to do. */
import { execFile } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, type ClusterNode, freePorts, startCluster } from "../testing/cluster.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** A clock two minutes fast, for the whole process. */
const FAST = `data:text/javascript,${encodeURIComponent(
  "const D=Date,ms=120000;globalThis.Date=class extends D{constructor(...a){a.length===0?super(D.now()+ms):super(...a)}static now(){return D.now()+ms}}",
)}`;

interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly message: string;
  readonly remedy: string | null;
}

let cluster: Cluster;
let bank: ClusterNode;
let telco: ClusterNode;

beforeAll(async () => {
  cluster = await startCluster(["bank", "telco"]);
  await cluster.connect("bank", "telco");
  [bank, telco] = [cluster.node("bank"), cluster.node("telco")];
}, 600_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

/** The steps on the path to telco, as the command at the bank prints them, and its exit code. */
function doctor(): Promise<{ code: number; steps: Step[] }> {
  return new Promise((resolve, reject) => {
    const args = [MAIN, "doctor", "--dir", bank.directory, "--json"];
    execFile(process.execPath, args, { timeout: 120_000 }, (error, out, err) => {
      try {
        const { items } = JSON.parse(out) as { items: { partner: string | null; steps: Step[] }[] };
        const steps = items.find(({ partner }) => partner === "telco")?.steps ?? [];
        resolve({ code: error === null ? 0 : Number(error.code), steps });
      } catch (cause) {
        reject(new Error(`${out}\n${err}`, { cause }));
      }
    });
  });
}

const failed = async (): Promise<Step> => {
  const { code, steps } = await doctor();
  expect(code).toBe(1);
  return steps.find(({ ok }) => !ok)!;
};

/** Something else at the partner's port. */
async function instead<T>(server: Server, port: number, work: () => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", () => resolve()));
  try {
    return await work();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function restart(node: ClusterNode, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  await node.kill("SIGTERM");
  await node.start(environment);
}

describe("doctor", { timeout: 600_000 }, () => {
  it("finds nothing where nothing is wrong, from both ends", async () => {
    const { code, steps } = await doctor();
    expect(code, JSON.stringify(steps)).toBe(0);
    expect(steps.find(({ step }) => step === "reverse")?.message).toBe("the partner reaches this node");
    expect(steps.find(({ step }) => step === "contract")?.message).toBe("both sides say APPROVED");
  });

  it("names a proxy that refuses, and what to allow on it", async () => {
    const [port] = await freePorts(1);
    const proxy = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    await instead(proxy, port!, async () => {
      await restart(bank, { TOMBOLO_PARTNER_PROXY: `127.0.0.1:${port}` });
      const address = `127.0.0.1:${telco.partnerPort}`;
      expect(await failed()).toMatchObject({
        step: "proxy",
        message: `the proxy did not connect to ${address}: status 403`,
        remedy: expect.stringContaining(`Allow CONNECT to ${address} on the proxy`),
      });
    });
    expect(await failed()).toMatchObject({
      step: "tcp",
      message: expect.stringContaining(`proxy 127.0.0.1:${port} does not answer`),
      remedy: expect.stringContaining("Check that the proxy runs"),
    });
  });

  it("tells that the partner cannot dial back, and which port to open", async () => {
    const [elsewhere] = await freePorts(1);
    await restart(bank, { TOMBOLO_PARTNER_PORT: String(elsewhere) });
    const reverse = await failed();
    expect(reverse).toMatchObject({ step: "reverse", remedy: expect.stringContaining("Open the inbound port") });
    expect(reverse.message).toContain(`from the partner: 127.0.0.1:${bank.partnerPort} does not answer`);
  });

  it("tells clocks that differ", async () => {
    await restart(bank);
    await restart(telco, { NODE_OPTIONS: `--import ${FAST}` });
    expect(await failed()).toMatchObject({
      step: "contract",
      message: expect.stringContaining("expired"),
      remedy: expect.stringContaining("clock"),
    });
  });

  it("tells a port where nothing, something else, or somebody else listens", async () => {
    await telco.kill("SIGTERM");
    const address = `127.0.0.1:${telco.partnerPort}`;
    expect(await failed()).toMatchObject({
      step: "tcp",
      message: `${address} does not answer: ECONNREFUSED`,
      remedy: expect.stringContaining(`Open outbound TCP to ${address}`),
    });
    const other = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.9\r\n"));
    expect(await instead(other, telco.partnerPort, failed)).toMatchObject({
      step: "tls",
      remedy: expect.stringContaining("check the port"),
    });
    const { key, cert } = await createPartyCertificate("telco", ["127.0.0.1"]);
    const impostor = createTlsServer({ key, cert, ALPNProtocols: ["h2"] }, (socket) => socket.on("error", () => {}));
    impostor.on("tlsClientError", () => {});
    expect(await instead(impostor, telco.partnerPort, failed)).toMatchObject({
      step: "certificate",
      remedy: expect.stringContaining("Compare fingerprints with the partner by telephone"),
    });
    await telco.start();
    expect((await doctor()).code).toBe(0);
  });
});
