/** Two nodes with a TCP proxy between them that a test can cut, delay and watch; runners in the same process. */
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import type { Link } from "@tombolo/channel";
import { onTestFinished } from "vitest";
import {
  createPartyCertificate,
  createPtpTransport,
  type EastWestRequest,
  type EastWestResponse,
  type PartyCertificate,
  type PtpLimits,
  type PtpTransport,
  type RunnerLinkOptions,
  refuseRunner,
  serveRunnerSocket,
} from "../index.ts";
import { connectRunnerLink } from "../runner-link.ts";

export const SESSION = "job-1.task-1.1";
export const SESSION_TOKEN = "session-token";

/** Forwards TCP to a port; `cut` breaks every connection at once. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #delayMs: number;
  #target: number;
  blocked = false;
  /** Breaks everything each time this many more bytes have passed. */
  cutEveryBytes = Number.POSITIVE_INFINITY;
  cuts = 0;
  #sinceCutBytes = 0;

  private constructor(target: number, delayMs: number) {
    this.#target = target;
    this.#delayMs = delayMs;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  static async start(target: number, delayMs = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, delayMs);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  retarget(port: number): void {
    this.#target = port;
  }

  cut(): void {
    this.cuts += 1;
    this.#sinceCutBytes = 0;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.blocked) return void socket.destroy();
    const onward = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on("end", () => to.end());
      from.on("data", (chunk: Buffer) => this.#forward(from, to, chunk));
    }
  }

  #forward(from: Socket, to: Socket, chunk: Buffer): void {
    this.#sinceCutBytes += chunk.length;
    if (this.#sinceCutBytes > this.cutEveryBytes) {
      this.cut();
      return;
    }
    const write = (): void => {
      // Several late chunks may find it full: one of them waits for it.
      if (to.destroyed || to.write(chunk) || from.isPaused()) return;
      from.pause();
      to.once("drain", () => from.resume());
    };
    if (this.#delayMs > 0) setTimeout(write, this.#delayMs);
    else write();
  }
}

export interface TestNode {
  readonly id: string;
  readonly certificate: PartyCertificate;
  readonly transport: PtpTransport;
  readonly socketPath: string;
  readonly warnings: { message: string; fields: Readonly<Record<string, unknown>> }[];
  readonly requests: EastWestRequest[];
  port: number;
  link(options?: Partial<RunnerLinkOptions>): Promise<Link>;
  close(): Promise<void>;
}

export interface TestNodeOptions {
  readonly certificate?: PartyCertificate;
  /** Fingerprints by party that this node lets in. */
  readonly known: () => Readonly<Record<string, string>>;
  readonly listen?: boolean;
  readonly limits?: PtpLimits;
  readonly answer?: (request: EastWestRequest) => Promise<EastWestResponse>;
}

const RUNNER_TOKEN = "runner-token";

export async function startNode(id: string, partner: string, options: TestNodeOptions): Promise<TestNode> {
  const folder = await mkdtemp(join(tmpdir(), "tombolo-ptp-"));
  const socketPath = join(folder, "runners.sock");
  const certificate = options.certificate ?? (await createPartyCertificate(id, ["localhost"]));
  const warnings: TestNode["warnings"] = [];
  const requests: EastWestRequest[] = [];
  const echo = async ({ body }: EastWestRequest): Promise<EastWestResponse> => ({ status: 200, body });
  const transport = createPtpTransport({
    self: id,
    tls: certificate,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    logger: { info: () => {}, warn: (fields, message) => warnings.push({ fields, message }) },
    authorise: (fingerprint, source) => (options.known()[source] === fingerprint ? { partyId: source } : null),
    onRequest: (request) => {
      requests.push(request);
      return (options.answer ?? echo)(request);
    },
    sessionAllowed: (party, session, token) =>
      party === partner && session.startsWith("job-") && token === SESSION_TOKEN,
    ...(options.listen === false ? {} : { listen: { host: "127.0.0.1", port: 0 } }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const runners = await serveRunnerSocket(socketPath, ({ token, sessionId, party }, local) => {
    if (token === RUNNER_TOKEN) transport.attachSession(party, sessionId, SESSION_TOKEN, local);
    else refuseRunner(local, new TomboloError("auth.token", "this runner's capability is not valid"));
  });
  return {
    id,
    certificate,
    transport,
    socketPath,
    warnings,
    requests,
    port: options.listen === false ? 0 : (await transport.listen()).port,
    link: (overrides = {}) =>
      connectRunnerLink({
        socketPath,
        token: RUNNER_TOKEN,
        sessionId: SESSION,
        party: partner,
        deadlineMs: 20_000,
        ...overrides,
      }),
    async close() {
      await transport.close();
      await runners.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TwoNodes {
  readonly bank: TestNode;
  readonly telco: TestNode;
  readonly proxy: TcpProxy;
}

/** bank dials telco through the proxy; telco cannot dial. Closed when the test is over. */
export async function twoNodes(options: { delayMs?: number; limits?: PtpLimits } = {}): Promise<TwoNodes> {
  const known: Record<string, string> = {};
  const limits = options.limits === undefined ? {} : { limits: options.limits };
  const bank = await startNode("bank", "telco", { known: () => known, listen: false, ...limits });
  const telco = await startNode("telco", "bank", { known: () => known, ...limits });
  known.bank = bank.certificate.fingerprint;
  known.telco = telco.certificate.fingerprint;
  const proxy = await TcpProxy.start(telco.port, options.delayMs);
  bank.transport.connect({
    partyId: "telco",
    host: "127.0.0.1",
    port: proxy.port,
    fingerprint: telco.certificate.fingerprint,
  });
  onTestFinished(async () => {
    await bank.close();
    await telco.close();
    await proxy.close();
  });
  return { bank, telco, proxy };
}
