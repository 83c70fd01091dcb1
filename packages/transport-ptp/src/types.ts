/** The public shape of the transport: what a node holds, and what its runners hold. */
import type { Duplex } from "node:stream";
import type { ErrorCode, TomboloError } from "@tombolo/base";
import type { AddressPolicy } from "./address-guard.ts";

export interface TransportLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface TlsIdentity {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  /** Value of the Proxy-Authorization header. */
  readonly authorization?: string;
}

/** Where a partner is dialled. The fingerprint is the SHA-256 of its certificate's DER, hex. */
export interface PartnerAddress {
  readonly partyId: string;
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
  /** Of the certificate that follows: either is taken. */
  readonly nextFingerprint?: string;
  readonly proxy?: ProxyAddress;
}

export type Headers = Readonly<Record<string, string>>;

export interface EastWestRequest {
  /** null: a TLS client that is under no contract; only `openPaths` reach here that way. */
  readonly partyId: string | null;
  /** SHA-256 of the certificate the TLS peer proved, hex. */
  readonly fingerprint: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface EastWestResponse {
  readonly status: number;
  readonly headers?: Headers;
  readonly body: Uint8Array;
}

export interface RequestOptions {
  readonly method: string;
  readonly path: string;
  readonly headers?: Headers;
  readonly body?: Uint8Array;
  /** From the call to the whole answer, waiting for a connection included. */
  readonly timeoutMs: number;
}

export interface PtpLimits {
  /** Body of one request or answer. Default 8 MiB. */
  readonly bodyBytesMax?: number;
  /** All headers of one request. Default 16 KiB. */
  readonly headerBytesMax?: number;
  /** Streams a partner may hold open at once. Default 128. */
  readonly streamsMax?: number;
  /** Connections to the listener at once. Default 256. */
  readonly connectionsMax?: number;
  /** How long a connection may stay without one authorised request. Default 10 s. */
  readonly unauthorisedMs?: number;
  /** How long a session's stream waits for the task of this side. Default 30 s. */
  readonly sessionWaitMs?: number;
  /** Pause between pings on a connection; four without a sign of life end it. Default 1 s. */
  readonly pingMs?: number;
}

export interface PtpOptions {
  readonly self: string;
  readonly tls: TlsIdentity;
  readonly listen?: { readonly host: string; readonly port: number };
  readonly techProviderCode: string;
  readonly addressPolicy: AddressPolicy;
  readonly limits?: PtpLimits;
  readonly logger?: TransportLogger;
  /** Paths a TLS client under no contract may call. Default: contract/apply alone. */
  readonly openPaths?: readonly string[];
  /** Whose certificate this is by the contracts in force; null refuses. */
  readonly authorise: (fingerprint: string, sourceNodeId: string) => { readonly partyId: string } | null;
  readonly onRequest: (request: EastWestRequest) => Promise<EastWestResponse>;
  /** Whether this partner may open the stream of this session. */
  readonly sessionAllowed: (partyId: string, sessionId: string, token: string) => boolean;
}

export interface PartnerStatus {
  readonly state: "up" | "dialling" | "down";
  readonly since: Date;
  readonly lastError: TomboloError | null;
  readonly rttMs: number | null;
  /** Who dialled the connection in use; null without one. */
  readonly direction: "outbound" | "inbound" | null;
}

export interface ProbeStep {
  readonly step: "address" | "proxy" | "tcp" | "tls" | "certificate" | "application" | "reverse";
  readonly ok: boolean;
  readonly message: string;
  /** What to open or change; null when the step is fine. */
  readonly remedy: string | null;
}

export interface PtpTransport {
  /** Starts to accept partners; only with `listen`. */
  listen(): Promise<{ readonly port: number }>;
  /** Dials and keeps the connection alive until `disconnect`. */
  connect(partner: PartnerAddress): void;
  disconnect(partyId: string): void;
  /** Ends what partners hold open under a certificate that counts no more. */
  dropCertificate(fingerprint: string): void;
  status(partyId: string): PartnerStatus;
  /** Works whoever dials: to a partner that only dials out it travels over the stream that partner keeps open. */
  request(partyId: string, request: RequestOptions): Promise<EastWestResponse>;
  /** One request outside any contract, to the address and fingerprint of an invite. */
  requestUnknown(target: Omit<PartnerAddress, "partyId">, request: RequestOptions): Promise<EastWestResponse>;
  /**
   * Joins a runner's socket with the partner's stream of that session. `token` is the session's, known to both nodes.
   * When either side breaks, both are dropped and the runner comes again: its link resumes end to end.
   */
  attachSession(partyId: string, sessionId: string, token: string, local: Duplex): void;
  /** Drops the session and refuses what still comes for it. */
  detachSession(partyId: string, sessionId: string): void;
  /** Tests the path to a partner step by step, then asks the partner to test the way back. */
  probe(partner: PartnerAddress): Promise<readonly ProbeStep[]>;
  close(): Promise<void>;
}

/** What a runner says first on the node's socket. */
export interface RunnerHello {
  /** The task's capability, checked by the node. */
  readonly token: string;
  readonly sessionId: string;
  readonly party: string;
}

/** What the node answers, one JSON object a line, before bytes flow. */
export type RunnerStatus =
  | { readonly state: "waiting"; readonly message: string }
  | { readonly state: "connected" }
  | { readonly state: "refused"; readonly code: ErrorCode; readonly message: string };

export interface RunnerLinkOptions {
  readonly socketPath: string;
  readonly token: string;
  readonly sessionId: string;
  /** The partner. */
  readonly party: string;
  /** Longest absence of the partner before `transport.peer-lost`. */
  readonly deadlineMs: number;
  /** Bytes sent and not yet taken by the partner's protocol; also bounds the retransmit buffer. Default 16 MiB. */
  readonly windowBytes?: number;
}
