/**
 * From a partner's address to an authenticated HTTP/2 session: name, address check, proxy, TCP, TLS 1.3, pinned
 * certificate. Each step fails with its own code, which `probe` turns into what to open.
 */
import { type ClientHttp2Session, connect as http2Connect } from "node:http2";
import { isIP, type Socket, connect as tcpConnect } from "node:net";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import { TomboloError } from "@tombolo/base";
import { type AddressPolicy, guardAddress, resolveGuarded } from "./address-guard.ts";
import { derFingerprint } from "./certificate.ts";
import { SESSION_SETTINGS, widenWindow } from "./http2-settings.ts";
import { rememberSocket } from "./sever.ts";
import type { PartnerAddress, ProxyAddress, TlsIdentity } from "./types.ts";

export interface DialOptions {
  readonly tls: TlsIdentity;
  readonly addressPolicy: AddressPolicy;
  readonly headerBytesMax: number;
}

export type DialTarget = Omit<PartnerAddress, "partyId">;
export type DialStep = "address" | "proxy" | "tcp" | "tls" | "certificate";

const STEP_MS_MAX = 10_000;
const PROXY_ANSWER_BYTES_MAX = 8192;
/** Time to keep an idle TCP connection alive through NAT and firewalls. */
const KEEP_ALIVE_MS = 15_000;

const shownBy = new WeakMap<ClientHttp2Session, string>();

/** Of the certificate that a dialled partner showed. */
export const shownFingerprint = (session: ClientHttp2Session): string => shownBy.get(session) ?? "";

/** `onStep` hears of each step that succeeded. */
export async function dial(
  target: DialTarget,
  options: DialOptions,
  onStep: (step: DialStep) => void = () => {},
): Promise<ClientHttp2Session> {
  const socket = await reach(target, options.addressPolicy, onStep);
  try {
    const secure = await secured(socket, target, options.tls);
    onStep("tls");
    const shown = checkCertificate(secure, target);
    onStep("certificate");
    const session = openSession(secure, target, options);
    shownBy.set(session, shown);
    return session;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function reach(target: DialTarget, policy: AddressPolicy, onStep: (step: DialStep) => void): Promise<Socket> {
  if (target.proxy !== undefined) return throughProxy(target, target.proxy, policy, onStep);
  const address = await resolveGuarded(target.host, policy);
  onStep("address");
  const partner = `${target.host}:${target.port}`;
  const remedy = `Open outbound TCP to ${partner} here and inbound on the partner's side; check that its node runs.`;
  const socket = await tcp(address, target.port, partner, remedy);
  onStep("tcp");
  return socket;
}

async function tcp(host: string, port: number, shown: string, remedy: string): Promise<Socket> {
  const socket = tcpConnect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  await within(socket, "connect", `${shown} does not answer`, "transport.tcp", { remedy });
  return socket;
}

/** The proxy resolves the name, so only a literal address can be checked here; the pinned certificate still decides. */
async function throughProxy(
  { host, port }: DialTarget,
  proxy: ProxyAddress,
  policy: AddressPolicy,
  onStep: (step: DialStep) => void,
): Promise<Socket> {
  if (isIP(host) !== 0) guardAddress(host, policy);
  onStep("address");
  const remedy = `Check that the proxy runs, that partner.proxy names it, and that outbound TCP to ${proxy.host}:${proxy.port} is open.`;
  const socket = await tcp(proxy.host, proxy.port, `proxy ${proxy.host}:${proxy.port}`, remedy);
  onStep("tcp");
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const authorization = proxy.authorization === undefined ? "" : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  try {
    await proxyAnswer(socket, authority);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  onStep("proxy");
  return socket;
}

function proxyAnswer(socket: Socket, authority: string): Promise<void> {
  const refused = (why: string): TomboloError =>
    new TomboloError("transport.proxy", `the proxy did not connect to ${authority}: ${why}`, {
      remedy: `Allow CONNECT to ${authority} on the proxy, and check its credentials here.`,
    });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(refused("no answer")), STEP_MS_MAX);
    let answer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf("\r\n\r\n");
      if (end < 0 && answer.length < PROXY_ANSWER_BYTES_MAX) return;
      done();
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString("latin1"))?.[1];
      socket.unshift(answer.subarray(end + 4));
      if (status === "200") resolve();
      else reject(refused(`status ${status ?? "unreadable"}`));
    };
    const onClose = (): void => {
      done();
      reject(refused("connection closed"));
    };
    const done = (): void => {
      clearTimeout(late);
      socket.off("data", onData).off("close", onClose);
      socket.pause();
    };
    socket.on("data", onData).on("close", onClose);
  });
}

async function secured(socket: Socket, target: DialTarget, tls: TlsIdentity): Promise<TLSSocket> {
  const secure = tlsConnect({
    socket,
    key: tls.key,
    cert: tls.cert,
    minVersion: "TLSv1.3",
    ALPNProtocols: ["h2"],
    // Certificates are self-signed; the pinned fingerprint below is the check, and it is stricter than a chain.
    rejectUnauthorized: false,
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
  });
  await within(secure, "secureConnect", "no TLS 1.3 connection came about", "transport.tls", {
    remedy:
      "Either this is not a node's partner port: check the port with the partner. Or something between the parties intercepts TLS: the path must be plain TCP to the partner's node.",
  });
  return secure;
}

/** Answers the fingerprint that was shown. */
function checkCertificate(secure: TLSSocket, target: DialTarget): string {
  const der = secure.getPeerX509Certificate()?.raw;
  const shown = der === undefined ? undefined : derFingerprint(der);
  if (shown === undefined || ![target.fingerprint, target.nextFingerprint].includes(shown))
    throw new TomboloError("transport.certificate", "the partner shows another certificate than the contract names", {
      remedy: "Compare fingerprints with the partner by telephone. Never go on before they agree.",
      detail: { expected: target.fingerprint, shown: shown ?? null },
    });
  if (secure.alpnProtocol !== "h2") throw new TomboloError("transport.tls", "the partner does not speak HTTP/2");
  return shown;
}

function openSession(secure: TLSSocket, target: DialTarget, options: DialOptions): ClientHttp2Session {
  const session = http2Connect(`https://${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`, {
    createConnection: () => secure,
    ...SESSION_SETTINGS,
    maxHeaderListPairs: 64,
    settings: { ...SESSION_SETTINGS.settings, maxHeaderListSize: options.headerBytesMax, enablePush: false },
  });
  rememberSocket(session, secure);
  widenWindow(session);
  return session;
}

/** Waits for `event`, an error or the time to run out; on failure the socket is destroyed. */
function within(
  socket: Socket,
  event: "connect" | "secureConnect",
  what: string,
  code: "transport.tcp" | "transport.tls",
  options: { readonly remedy: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(late);
      socket.destroy();
      reject(new TomboloError(code, `${what}: ${why}`, { ...options, cause }));
    };
    const onError = (error: Error): void => fail("code" in error ? String(error.code) : error.message, error);
    const onClose = (): void => fail("connection closed");
    const late = setTimeout(() => fail(`no answer in ${STEP_MS_MAX / 1000} s`), STEP_MS_MAX);
    socket.once("error", onError).once("close", onClose);
    socket.once(event, () => {
      clearTimeout(late);
      socket.off("close", onClose);
      // From here on errors show as the end of whatever runs over the socket.
      socket.off("error", onError).on("error", () => {});
      resolve();
    });
  });
}
