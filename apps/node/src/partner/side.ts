/** What the partner side, grants, consent and jobs share: the node's context and the ways to partners and runners. */
import type { NodeContext } from "../context.ts";
import type { JobDriver } from "../jobs/driver.ts";
import type { Outbox } from "./outbox.ts";

export interface WireRequest {
  readonly method: "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WireResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface Connection {
  readonly state: "up" | "dialling" | "down";
  readonly since: Date;
  readonly rttMs: number | null;
  readonly lastError: string | null;
}

export interface Answered {
  readonly partner: string;
  readonly path: string;
  readonly requests: number;
}

export interface DialTarget {
  readonly address: string;
  /** SHA-256 of the certificate that must answer, hex. */
  readonly certificate: string;
  readonly proxy: string | null;
}

/** The network as this side uses it: requests to partners by id, whoever dialled. */
export interface Wire {
  request(party: string, request: WireRequest): Promise<WireResponse>;
  /** Dials a party there is no contract with yet; only to apply for one. */
  requestAt(party: string, target: DialTarget, request: WireRequest): Promise<WireResponse>;
  /** Contracts changed: whom to dial and whom to let in. */
  refresh(): Promise<void>;
  /** Ends what is held open here under a partner's former certificate (SHA-256, hex). */
  dropCertificate(certificate: string): void;
  connection(party: string): Connection | null;
  /** Requests of partners that were taken since the start, refused ones too. */
  answered(): readonly Answered[];
}

export interface Side extends NodeContext {
  readonly wire: Wire;
  readonly outbox: Outbox;
  readonly driver: JobDriver;
}
