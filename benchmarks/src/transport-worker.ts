/** One process of the transport benchmark: a node, a runner, or an end of the bare HTTP/2 stream it is measured by. */
import { once } from "node:events";
import { type ClientHttp2Stream, connect, createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { bytes, createMeter, empty, message, openPeer, type Peer, stream } from "@tombolo/channel";
import {
  connectRunnerLink,
  createPtpTransport,
  type PartnerAddress,
  type PartyCertificate,
  serveRunnerSocket,
} from "@tombolo/transport-ptp";

export interface Load {
  readonly bulkBytes: number;
  readonly chunkBytes: number;
  readonly roundTrips: number;
}

export interface Rates {
  readonly bytesPerSecond: number;
  readonly roundTripsPerSecond: number;
}

export type Task =
  | {
      readonly kind: "node";
      readonly self: string;
      readonly certificate: PartyCertificate;
      readonly partner: { readonly id: string; readonly fingerprint: string };
      readonly socketPath: string;
      readonly dial: PartnerAddress | null;
    }
  | {
      readonly kind: "runner";
      readonly self: string;
      readonly partner: string;
      readonly socketPath: string;
      readonly load: Load;
      readonly sends: boolean;
    }
  | { readonly kind: "bare-server"; readonly certificate: PartyCertificate; readonly load: Load }
  | {
      readonly kind: "bare-client";
      readonly certificate: PartyCertificate;
      readonly port: number;
      readonly load: Load;
    };

const TOKEN = "benchmark";
/** The bare stream gets the same windows, so that the comparison is about the path and not about settings. */
const SETTINGS = { initialWindowSize: 8 * 2 ** 20, maxFrameSize: 2 ** 20 };

async function node({
  self,
  certificate,
  partner,
  socketPath,
  dial,
}: Extract<Task, { kind: "node" }>): Promise<unknown> {
  const transport = createPtpTransport({
    self,
    tls: certificate,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    authorise: (fingerprint) => (fingerprint === partner.fingerprint ? { partyId: partner.id } : null),
    onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
    sessionAllowed: () => true,
    listen: { host: "127.0.0.1", port: 0 },
  });
  await serveRunnerSocket(socketPath, (hello, local) =>
    transport.attachSession(hello.party, hello.sessionId, TOKEN, local),
  );
  const { port } = await transport.listen();
  if (dial !== null) transport.connect(dial);
  return port;
}

const means = { en: "benchmark", zh: "基准" };
const messages = {
  bulk: stream("sender", "receiver", bytes(2 ** 20), { means, sizeMax: 2 ** 20 }),
  done: message("receiver", "sender", empty, { means }),
  ping: message("sender", "receiver", bytes(8), { means }),
  pong: message("receiver", "sender", bytes(8), { means }),
};

async function runner(task: Extract<Task, { kind: "runner" }>): Promise<Rates | null> {
  const { self, partner, socketPath, load, sends } = task;
  const link = await connectRunnerLink({
    socketPath,
    token: TOKEN,
    sessionId: "s",
    party: partner,
    deadlineMs: 20_000,
  });
  const binding = {
    consentHash: new Uint8Array(32),
    job: "job",
    task: "task",
    attempt: 1,
    componentVersion: "1.0.0",
    protocol: "benchmark",
    suite: "international",
  };
  const common = { self, party: partner, binding, meter: createMeter(), deadlineMs: 60_000 };
  if (!sends) {
    await receive(await openPeer(link, messages, { ...common, role: "receiver", peerRole: "sender" }), load);
    await link.close();
    return null;
  }
  const rates = await send(await openPeer(link, messages, { ...common, role: "sender", peerRole: "receiver" }), load);
  await link.close();
  return rates;
}

function* chunks({ bulkBytes, chunkBytes }: Load): Iterable<Uint8Array> {
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; at < bulkBytes; at += chunkBytes) yield chunk;
}

async function send(peer: Peer<typeof messages, "sender">, load: Load): Promise<Rates> {
  return rates(
    load,
    async () => {
      await peer.sendEach("bulk", chunks(load));
      await peer.receive("done");
    },
    async () => {
      await peer.send("ping", new Uint8Array(8));
      await peer.receive("pong");
    },
  );
}

async function receive(peer: Peer<typeof messages, "receiver">, load: Load): Promise<void> {
  let received = 0;
  for await (const chunk of peer.receiveEach("bulk")) received += chunk.length;
  if (received < load.bulkBytes) throw new Error(`only ${received} bytes came`);
  await peer.send("done", undefined);
  for (let i = 0; i < load.roundTrips; i++) await peer.send("pong", await peer.receive("ping"));
}

async function rates(load: Load, bulk: () => Promise<void>, roundTrip: () => Promise<void>): Promise<Rates> {
  const started = performance.now();
  await bulk();
  const between = performance.now();
  for (let i = 0; i < load.roundTrips; i++) await roundTrip();
  const ended = performance.now();
  return {
    bytesPerSecond: (load.bulkBytes / (between - started)) * 1000,
    roundTripsPerSecond: (load.roundTrips / (ended - between)) * 1000,
  };
}

async function bareServer({ certificate, load }: Extract<Task, { kind: "bare-server" }>): Promise<unknown> {
  const server = createSecureServer({
    ...certificate,
    minVersion: "TLSv1.3",
    settings: SETTINGS,
    maxSessionMemory: 256,
  });
  server.on("connection", (socket) => socket.setNoDelay(true));
  server.on("session", (session) => session.setLocalWindowSize(32 * 2 ** 20));
  server.on("stream", (remote: ServerHttp2Stream) => {
    remote.respond({ ":status": 200 });
    let left = load.bulkBytes;
    remote.on("data", (chunk: Buffer) => {
      if (left > 0) {
        left -= chunk.length;
        if (left <= 0) remote.write("done");
      } else remote.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function bareClient({ certificate, port, load }: Extract<Task, { kind: "bare-client" }>): Promise<Rates> {
  const session = connect(`https://localhost:${port}`, {
    ca: certificate.cert,
    settings: SETTINGS,
    maxSessionMemory: 256,
  });
  await once(session, "connect");
  session.setLocalWindowSize(32 * 2 ** 20);
  const remote: ClientHttp2Stream = session.request({ ":method": "POST" });
  await once(remote, "response");
  const measured = await rates(
    load,
    async () => {
      const done = once(remote, "data");
      for (const chunk of chunks(load)) if (!remote.write(chunk)) await once(remote, "drain");
      await done;
    },
    async () => {
      const back = once(remote, "data");
      remote.write(new Uint8Array(8));
      await back;
    },
  );
  session.destroy();
  return measured;
}

function run(task: Task): Promise<unknown> {
  if (task.kind === "node") return node(task);
  if (task.kind === "runner") return runner(task);
  return task.kind === "bare-server" ? bareServer(task) : bareClient(task);
}

process.on("message", async (task: Task) => {
  process.send!({ result: await run(task) });
});
process.on("disconnect", () => process.exit());
