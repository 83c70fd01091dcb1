import type { PublicError } from "@tombolo/base";

/**
 * An ordered, reliable, flow-controlled duplex of frames between two parties of one session. What carries it
 * (memory, HTTP/2, a reconnecting stream) is the transport's business.
 */
export interface Link {
  /**
   * Memory of this length for a frame about to be sent, with any content; `send` gives it back to the link. Links
   * that keep no memory do without.
   */
  allocate?(length: number): Uint8Array;
  /** The frame is the link's from now on. Resolves when there is room for another. Rejects once the link has ended. */
  send(frame: Uint8Array): Promise<void>;
  /** The next frame; rejects with the public reason once the link has ended; `undefined` after an orderly close. */
  receive(): Promise<Uint8Array | undefined>;
  /** Everything sent so far is delivered and the link closed in order. */
  close(): Promise<void>;
  /** Ends both sides with this public reason. Idempotent. */
  abort(reason: PublicError): void;
  readonly signal: AbortSignal;
}

/** What the first frame of each direction proves (SECURITY.md rule 5), and what every hash of the session starts with. */
export interface SessionBinding {
  readonly consentHash: Uint8Array;
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
  readonly componentVersion: string;
  readonly protocol: string;
  readonly suite: string;
  /** Hash of which outputs of earlier tasks go in. Absent: none. */
  readonly inputs?: string;
  /** Of a session's lanes beside its first: 1, 2... in the order in which they were opened. */
  readonly lane?: number;
}
