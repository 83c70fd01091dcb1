import { connect as http2Connect } from "node:http2";
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import { fromUtf8, utf8 } from "@tombolo/base";
import { describe, expect, test } from "vitest";
import { APPLY_PATH, createPartyCertificate, createPtpTransport, type PtpTransport } from "./index.ts";
import { SESSION_TOKEN, startNode, twoNodes } from "./testing/two-nodes.ts";

const post = (path: string, text: string, timeoutMs = 5000) => ({ method: "POST", path, body: utf8(text), timeoutMs });

/** A tiny HTTP CONNECT proxy that wants credentials. */
async function connectProxy(authorization: string): Promise<{ port: number; tunnels: string[]; close(): void }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (request) => {
      const [, target] = /^CONNECT (\S+) HTTP/.exec(request.toString()) ?? [];
      if (target === undefined || !request.toString().includes(`Proxy-Authorization: ${authorization}\r\n`))
        return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      tunnels.push(target);
      const [host, port] = target.split(":");
      const onward = tcpConnect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      sockets.add(onward);
      onward.on("error", () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A dialling node with no listener and one partner. */
async function dialler(id: string, key: { key: string; cert: string }): Promise<PtpTransport> {
  return createPtpTransport({
    self: id,
    tls: key,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    authorise: () => null,
    onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
    sessionAllowed: () => false,
  });
}

describe("requests between nodes", () => {
  test("travel both ways although only one side dials", async () => {
    const nodes = await twoNodes();
    const there = await nodes.bank.transport.request("telco", post("/v1/interconn/x", "hello"));
    expect([there.status, fromUtf8(there.body)]).toEqual([200, "hello"]);
    const back = await nodes.telco.transport.request("bank", post("/v1/interconn/y", "z".repeat(100_000)));
    expect([back.status, back.body.length]).toEqual([200, 100_000]);
    expect(nodes.telco.requests[0]).toMatchObject({ partyId: "bank", path: "/v1/interconn/x", method: "POST" });
    expect(nodes.bank.requests[0]).toMatchObject({ partyId: "telco", path: "/v1/interconn/y" });
    expect(nodes.bank.requests[0]!.headers["x-ptp-source-node-id"]).toBe("telco");
    expect(nodes.bank.transport.status("telco")).toMatchObject({ state: "up", direction: "outbound" });
    expect(nodes.telco.transport.status("bank")).toMatchObject({ state: "up", direction: "inbound" });
  });

  test("survive a cut: the next one waits for the new connection", async () => {
    const nodes = await twoNodes();
    await nodes.bank.transport.request("telco", post("/a", "1"));
    nodes.proxy.cut();
    await sleep(20);
    const answer = await nodes.telco.transport.request("bank", post("/b", "2"));
    expect(fromUtf8(answer.body)).toBe("2");
  });

  test("to a partner that is not there end in a typed error in time", async () => {
    const nodes = await twoNodes();
    await nodes.bank.transport.request("telco", post("/a", "1"));
    nodes.proxy.blocked = true;
    nodes.proxy.cut();
    await sleep(100);
    const started = Date.now();
    await expect(nodes.bank.transport.request("telco", post("/a", "1", 400))).rejects.toMatchObject({
      code: "transport.unreachable",
      blame: "telco",
    });
    expect(Date.now() - started).toBeLessThan(2000);
  });

  test("bodies beyond the limit are refused and the node goes on", async () => {
    const nodes = await twoNodes({ limits: { bodyBytesMax: 1000 } });
    const big = await nodes.bank.transport.request("telco", post("/a", "x".repeat(2000))).catch((error) => error);
    expect(big.status === 413 || big.code?.startsWith("transport.")).toBe(true);
    expect((await nodes.bank.transport.request("telco", post("/a", "small"))).status).toBe(200);
  });
});

describe("who may come in", () => {
  test("a node with another certificate than the contract's is refused, logged, and may only apply", async () => {
    const nodes = await twoNodes();
    const stranger = await createPartyCertificate("bank", []);
    const transport = await dialler("bank", stranger);
    const target = { host: "127.0.0.1", port: nodes.telco.port, fingerprint: nodes.telco.certificate.fingerprint };
    const headers = { "x-ptp-target-node-id": "telco" };
    const refused = await transport.requestUnknown(target, { ...post("/v1/interconn/node/job", "x"), headers });
    expect(refused.status).toBe(403);
    expect(JSON.parse(fromUtf8(refused.body)).error.code).toBe("auth.unknown-party");
    expect(nodes.telco.warnings.some(({ fields }) => fields.code === "auth.unknown-party")).toBe(true);
    expect(nodes.telco.requests).toHaveLength(0);
    const applied = await transport.requestUnknown(target, { ...post(APPLY_PATH, "me"), headers });
    expect(applied.status).toBe(200);
    expect(nodes.telco.requests[0]).toMatchObject({ partyId: null, fingerprint: stranger.fingerprint });
    transport.connect({ ...target, partyId: "telco" });
    await expect(transport.request("telco", post("/a", "1", 500))).rejects.toMatchObject({
      code: "transport.unreachable",
    });
    expect(transport.status("telco").lastError?.code).toBe("auth.refused");
    await transport.close();
    expect((await nodes.bank.transport.request("telco", post("/a", "still here"))).status).toBe(200);
  });

  test("a server with another certificate than the pinned one gets nothing", async () => {
    const nodes = await twoNodes();
    const transport = await dialler("bank", nodes.bank.certificate);
    const wrong = { host: "127.0.0.1", port: nodes.telco.port, fingerprint: "0".repeat(64) };
    await expect(transport.requestUnknown(wrong, post(APPLY_PATH, "secret"))).rejects.toMatchObject({
      code: "transport.certificate",
    });
    expect(nodes.telco.requests).toHaveLength(0);
    await transport.close();
  });

  test("a session that was not agreed is refused", async () => {
    const nodes = await twoNodes();
    const away = nodes.bank.link({ sessionId: "other", deadlineMs: 600 });
    await expect(away).rejects.toMatchObject({ code: "transport.peer-lost" });
    expect(nodes.telco.warnings.some(({ fields }) => fields.code === "auth.session")).toBe(true);
  });

  test("TLS 1.2, no client certificate, garbage and header floods leave the node unharmed", async () => {
    const nodes = await twoNodes();
    const { port } = nodes.telco;
    const old = tlsConnect({ port, host: "127.0.0.1", maxVersion: "TLSv1.2", rejectUnauthorized: false });
    await new Promise((resolve) => old.once("error", resolve));
    const garbage = tcpConnect(port, "127.0.0.1");
    garbage.on("error", () => {});
    garbage.write(Buffer.alloc(100_000, 0x41));
    await new Promise((resolve) => garbage.once("close", resolve));
    const bare = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const statusOf = (headers: Record<string, string>): Promise<unknown> =>
      new Promise((resolve) => {
        const stream = bare.request({ ":path": "/x", ...headers });
        stream.once("response", (answer) => resolve(answer[":status"]));
        stream.once("error", (error) => resolve(error.message));
      });
    const ptp = { "x-ptp-version": "1", "x-ptp-source-node-id": "bank", "x-ptp-target-node-id": "telco" };
    expect(await statusOf({})).toBe(400);
    expect(await statusOf(ptp)).toBe(403);
    const flood = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, "y".repeat(200)]));
    expect(await statusOf({ ...ptp, ...flood })).not.toBe(200);
    bare.destroy();
    expect((await nodes.bank.transport.request("telco", post("/a", "still here"))).status).toBe(200);
  });
});

describe("the way to a partner", () => {
  test("leads through an HTTP CONNECT proxy, which is named when it refuses", async () => {
    const known: Record<string, string> = {};
    const telco = await startNode("telco", "bank", { known: () => known });
    const bank = await startNode("bank", "telco", { known: () => known, listen: false });
    Object.assign(known, { bank: bank.certificate.fingerprint, telco: telco.certificate.fingerprint });
    const proxy = await connectProxy("Basic abc");
    const address = {
      partyId: "telco",
      host: "127.0.0.1",
      port: telco.port,
      fingerprint: telco.certificate.fingerprint,
      proxy: { host: "127.0.0.1", port: proxy.port, authorization: "Basic abc" },
    };
    bank.transport.connect(address);
    const [a, b] = await Promise.all([bank.link(), telco.link()]);
    await a.send(utf8("through"));
    expect(fromUtf8((await b.receive())!)).toBe("through");
    expect(proxy.tunnels[0]).toBe(`127.0.0.1:${telco.port}`);
    const steps = await bank.transport.probe(address);
    expect(steps.map(({ step, ok }) => `${step}:${ok}`)).toEqual(
      ["address", "tcp", "proxy", "tls", "certificate", "application", "reverse"].map((step) => `${step}:true`),
    );
    const refused = await bank.transport.probe({ ...address, proxy: { ...address.proxy, authorization: "Basic no" } });
    expect(refused.at(-1)).toMatchObject({ step: "proxy", ok: false });
    expect(refused.at(-1)!.remedy).toContain("Allow CONNECT");
    await Promise.all([a.close(), b.close()]);
    await bank.close();
    await telco.close();
    proxy.close();
  });

  test("is probed from both ends, and each failing step says what to do", async () => {
    const known: Record<string, string> = {};
    const telco = await startNode("telco", "bank", { known: () => known });
    const bank = await startNode("bank", "telco", { known: () => known });
    Object.assign(known, { bank: bank.certificate.fingerprint, telco: telco.certificate.fingerprint });
    const to = (node: typeof telco) => ({
      partyId: node.id,
      host: "localhost",
      port: node.port,
      fingerprint: node.certificate.fingerprint,
    });
    telco.transport.connect({ ...to(bank), port: 1 });
    const blocked = await bank.transport.probe(to(telco));
    expect(blocked.at(-1)).toMatchObject({ step: "reverse", ok: false });
    expect(blocked.at(-1)!.message).toContain("localhost:1 does not answer");
    telco.transport.connect(to(bank));
    const fine = await bank.transport.probe(to(telco));
    expect(fine.every(({ ok }) => ok)).toBe(true);
    expect(fine.at(-1)!.message).toContain("the partner reaches this node");
    expect((await bank.transport.probe({ ...to(telco), fingerprint: "1".repeat(64) })).at(-1)).toMatchObject({
      step: "certificate",
      ok: false,
    });
    await bank.close();
    await telco.close();
  });

  test("both sides may dial: a session comes about all the same", async () => {
    const known: Record<string, string> = {};
    const telco = await startNode("telco", "bank", { known: () => known });
    const bank = await startNode("bank", "telco", { known: () => known });
    Object.assign(known, { bank: bank.certificate.fingerprint, telco: telco.certificate.fingerprint });
    const host = "127.0.0.1";
    bank.transport.connect({ partyId: "telco", host, port: telco.port, fingerprint: telco.certificate.fingerprint });
    telco.transport.connect({ partyId: "bank", host, port: bank.port, fingerprint: bank.certificate.fingerprint });
    const [a, b] = await Promise.all([bank.link(), telco.link()]);
    await b.send(utf8(SESSION_TOKEN));
    expect(fromUtf8((await a.receive())!)).toBe(SESSION_TOKEN);
    await Promise.all([a.close(), b.close()]);
    await bank.close();
    await telco.close();
  });
});
