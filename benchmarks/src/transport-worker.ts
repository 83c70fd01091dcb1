/** One process of the transport benchmark: a node, a runner, or an end of the bare HTTP/2 stream it is measured by. */
import { once } from "node:events";
import { type ClientHttp2Stream, connect, createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { bytes, createMeter, empty, message, openPeer, type Peer, stream } from "@tombolo/channel";
import {
  createPtpTransport,
  type PartnerAddress,
  type PartyCertificate,
  serveRunnerSocket,
} from "@tombolo/transport-ptp";
import { connectRunnerLink } from "@tombolo/transport-ptp/runner";

/** What a started process is asked for again and again: bytes or round trips. */
export interface Round {
  readonly kind: "bulk" | "round-trips";
  readonly count: number;
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
      readonly sends: boolean;
    }
  | { readonly kind: "bare-server"; readonly certificate: PartyCertificate }
  | { readonly kind: "bare-client"; readonly certificate: PartyCertificate; readonly port: number };

/** What a process is told to do, one thing at a time. */
export type Order = Task | Round | { readonly kind: "cpu-seconds" };

/** A started process: what it answers at once, and how it does a round; a sender answers with the seconds it took. */
interface Started {
  readonly result: unknown;
  round(round: Round): Promise<number> | null;
}

const CHUNK_BYTES = 256 * 1024;
const TOKEN = "benchmark";
/** The bare stream gets the same windows, so that the comparison is about the path and not about settings. */
const SETTINGS = { initialWindowSize: 8 * 2 ** 20, maxFrameSize: 2 ** 20 };

async function node({
  self,
  certificate,
  partner,
  socketPath,
  dial,
}: Extract<Task, { kind: "node" }>): Promise<Started> {
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
  return { result: port, round: () => null };
}

const means = { en: "benchmark", zh: "基准" };
const messages = {
  bulk: stream("sender", "receiver", bytes(2 ** 20), { means, sizeMax: 2 ** 20 }),
  done: message("receiver", "sender", empty, { means }),
  ping: message("sender", "receiver", bytes(8), { means }),
  pong: message("receiver", "sender", bytes(8), { means }),
};

async function runner(task: Extract<Task, { kind: "runner" }>): Promise<Started> {
  const { self, partner, socketPath, sends } = task;
  const deadlineMs = 20_000;
  const link = await connectRunnerLink({ socketPath, token: TOKEN, sessionId: "s", party: partner, deadlineMs });
  const binding = {
    consentHash: new Uint8Array(32),
    job: "job",
    task: "task",
    attempt: 1,
    componentVersion: "1.0.0",
    protocol: "benchmark",
    suite: "international",
  };
  const common = { self, party: partner, binding, meter: createMeter(), deadlineMs };
  if (sends) {
    const peer = await openPeer(link, messages, { ...common, role: "sender", peerRole: "receiver" });
    return { result: null, round: (round) => timed(round, sendTo(peer)) };
  }
  const peer = await openPeer(link, messages, { ...common, role: "receiver", peerRole: "sender" });
  return {
    result: null,
    round(round) {
      void receive(peer, round);
      return null;
    },
  };
}

interface Sender {
  bulk(bytes: number): Promise<void>;
  roundTrip(): Promise<void>;
}

async function timed({ kind, count }: Round, sender: Sender): Promise<number> {
  const started = performance.now();
  if (kind === "bulk") await sender.bulk(count);
  else for (let i = 0; i < count; i++) await sender.roundTrip();
  return (performance.now() - started) / 1000;
}

function* chunks(bytes: number): Iterable<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; at < bytes; at += CHUNK_BYTES) yield chunk;
}

function sendTo(peer: Peer<typeof messages, "sender">): Sender {
  return {
    async bulk(bytes) {
      await peer.sendEach("bulk", chunks(bytes));
      await peer.receive("done");
    },
    async roundTrip() {
      await peer.send("ping", new Uint8Array(8));
      await peer.receive("pong");
    },
  };
}

async function receive(peer: Peer<typeof messages, "receiver">, { kind, count }: Round): Promise<void> {
  if (kind === "round-trips") {
    for (let i = 0; i < count; i++) await peer.send("pong", await peer.receive("ping"));
    return;
  }
  let received = 0;
  for await (const chunk of peer.receiveEach("bulk")) received += chunk.length;
  if (received !== count) throw new Error(`${received} bytes came in place of ${count}`);
  await peer.send("done", undefined);
}

async function bareServer({ certificate }: Extract<Task, { kind: "bare-server" }>): Promise<Started> {
  const server = createSecureServer({
    ...certificate,
    minVersion: "TLSv1.3",
    settings: SETTINGS,
    maxSessionMemory: 256,
  });
  server.on("connection", (socket) => socket.setNoDelay(true));
  server.on("session", (session) => session.setLocalWindowSize(32 * 2 ** 20));
  let left = 0;
  server.on("stream", (remote: ServerHttp2Stream) => {
    remote.respond({ ":status": 200 });
    remote.on("data", (chunk: Buffer) => {
      if (left === 0) remote.write(chunk);
      else {
        left -= chunk.length;
        if (left === 0) remote.write("done");
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    result: (server.address() as AddressInfo).port,
    round({ kind, count }) {
      left = kind === "bulk" ? count : 0;
      return null;
    },
  };
}

async function bareClient({ certificate, port }: Extract<Task, { kind: "bare-client" }>): Promise<Started> {
  const session = connect(`https://localhost:${port}`, {
    ca: certificate.cert,
    settings: SETTINGS,
    maxSessionMemory: 256,
  });
  await once(session, "connect");
  session.setLocalWindowSize(32 * 2 ** 20);
  const remote: ClientHttp2Stream = session.request({ ":method": "POST" });
  await once(remote, "response");
  const sender: Sender = {
    async bulk(bytes) {
      const done = once(remote, "data");
      for (const chunk of chunks(bytes)) if (!remote.write(chunk)) await once(remote, "drain");
      await done;
    },
    async roundTrip() {
      const back = once(remote, "data");
      remote.write(new Uint8Array(8));
      await back;
    },
  };
  return { result: null, round: (round) => timed(round, sender) };
}

function start(task: Task): Promise<Started> {
  if (task.kind === "node") return node(task);
  if (task.kind === "runner") return runner(task);
  return task.kind === "bare-server" ? bareServer(task) : bareClient(task);
}

let started: Started | undefined;

async function obey(order: Order): Promise<unknown> {
  if (order.kind === "cpu-seconds") {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  if ("count" in order) return started!.round(order);
  started = await start(order);
  return started.result;
}

process.on("message", async (order: Order) => {
  process.send!({ result: await obey(order) });
});
process.on("disconnect", () => process.exit());
