/**
 * What two runners' links say to each other over a pipe that their nodes only pump. Integers little-endian.
 *
 *   length (u24), kind (u8), sequence (u32), then `length` bytes
 *
 *   data    sequence counts data and fin frames per direction from 1
 *   ack     sequence: highest received in order; 4 bytes: highest taken by the protocol above
 *   hello   first on every new pipe: magic, nonce of this link (16), highest received (u32), window in bytes (u32)
 *   abort   the public reason; ends the link at once, past anything still queued
 *   fin     no more data; in sequence
 */
import { concat, fromUtf8, TomboloError, utf8 } from "@tombolo/base";
import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES, REASON_BYTES_MAX } from "@tombolo/channel";
import { countYoungBytes } from "./young-memory.ts";

export const HEADER_BYTES = 8;
export const KIND = { data: 1, ack: 2, hello: 3, abort: 4, fin: 5 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** One frame of the channel above. */
export const DATA_BYTES_MAX = FRAME_BYTES_MAX + FRAME_HEADER_BYTES;
/** Book-keeping of a frame in flight, counted against windows so that tiny frames are bounded too. */
export const FRAME_OVERHEAD_BYTES = 64;

const MAGIC = "TML1";
const NONCE_BYTES = 16;
const LENGTH_MAX: Readonly<Record<Kind, number>> = {
  [KIND.data]: DATA_BYTES_MAX,
  [KIND.ack]: 4,
  [KIND.hello]: MAGIC.length + NONCE_BYTES + 8,
  [KIND.abort]: REASON_BYTES_MAX,
  [KIND.fin]: 0,
};
const KINDS: ReadonlySet<number> = new Set(Object.values(KIND));

export interface WireFrame {
  readonly kind: Kind;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export interface LinkHello {
  readonly nonce: Uint8Array;
  readonly received: number;
  readonly windowBytes: number;
}

const malformed = (): TomboloError => new TomboloError("protocol.link", "the partner's link sent a malformed frame");

export function encodeHeader(kind: Kind, sequence: number, length: number): Uint8Array {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(length | (kind << 24), 0);
  header.writeUInt32LE(sequence, 4);
  return header;
}

export function encodeAck(received: number, taken: number): Uint8Array {
  const out = Buffer.allocUnsafe(HEADER_BYTES + 4);
  out.set(encodeHeader(KIND.ack, received, 4));
  out.writeUInt32LE(taken, HEADER_BYTES);
  return out;
}

export function decodeAck(frame: WireFrame): { readonly received: number; readonly taken: number } {
  if (frame.payload.length !== 4) throw malformed();
  const taken = Buffer.from(frame.payload.buffer, frame.payload.byteOffset, 4).readUInt32LE(0);
  return { received: frame.sequence, taken };
}

export function encodeLinkHello(hello: LinkHello): Uint8Array {
  const numbers = Buffer.allocUnsafe(8);
  numbers.writeUInt32LE(hello.received, 0);
  numbers.writeUInt32LE(hello.windowBytes, 4);
  const payload = concat(utf8(MAGIC), hello.nonce, numbers);
  return concat(encodeHeader(KIND.hello, 0, payload.length), payload);
}

export function decodeLinkHello(payload: Uint8Array): LinkHello {
  const start = MAGIC.length + NONCE_BYTES;
  if (payload.length !== start + 8 || fromUtf8(payload.subarray(0, MAGIC.length)) !== MAGIC) throw malformed();
  const numbers = Buffer.from(payload.buffer, payload.byteOffset + start, 8);
  return {
    nonce: payload.slice(MAGIC.length, start),
    received: numbers.readUInt32LE(0),
    windowBytes: numbers.readUInt32LE(4),
  };
}

const STAGING_BYTES = 64 * 1024;
/** A rest smaller than this is staged, so that one read also brings the headers that follow. */
const DIRECT_BYTES_MIN = 16 * 1024;

/**
 * Cuts a byte stream into frames. The reader owns the memory that the socket reads into: big payloads are read
 * straight to where they stay, the rest goes through one staging buffer.
 */
export class FrameReader {
  readonly #onFrame: (frame: WireFrame) => void;
  readonly #staging = Buffer.allocUnsafeSlow(STAGING_BYTES);
  /** Staged bytes not yet understood: fewer than a header. */
  #staged = 0;
  #payload: Buffer | undefined;
  #filled = 0;
  #kind: Kind = KIND.data;
  #sequence = 0;
  #direct = false;

  constructor(onFrame: (frame: WireFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** Where the next read shall go. */
  target(): Uint8Array {
    this.#direct = this.#payload !== undefined && this.#payload.length - this.#filled >= DIRECT_BYTES_MIN;
    return this.#direct ? this.#payload!.subarray(this.#filled) : this.#staging.subarray(this.#staged);
  }

  /** `count` bytes were read into the last target. Throws on a malformed frame. */
  advance(count: number): void {
    if (this.#direct) {
      this.#filled += count;
      this.#finishPayload();
      return;
    }
    this.#parse(this.#staging.subarray(0, this.#staged + count));
  }

  /** Bytes that came by another way than `target`. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const target = this.target();
      const count = Math.min(target.length, chunk.length - at);
      target.set(chunk.subarray(at, at + count));
      this.advance(count);
      at += count;
    }
  }

  #parse(bytes: Buffer): void {
    let at = 0;
    for (;;) {
      if (this.#payload !== undefined) {
        const count = Math.min(this.#payload.length - this.#filled, bytes.length - at);
        this.#payload.set(bytes.subarray(at, at + count), this.#filled);
        this.#filled += count;
        at += count;
        if (!this.#finishPayload()) break;
      }
      if (bytes.length - at < HEADER_BYTES) break;
      this.#begin(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
      at += HEADER_BYTES;
    }
    this.#staged = bytes.length - at;
    if (this.#staged > 0 && at > 0) this.#staging.copyWithin(0, at, bytes.length);
  }

  #begin(word: number, sequence: number): void {
    const kind = word >>> 24;
    const length = word & 0xffffff;
    if (!KINDS.has(kind) || length > LENGTH_MAX[kind as Kind]) throw malformed();
    this.#kind = kind as Kind;
    this.#sequence = sequence;
    countYoungBytes(length);
    this.#payload = Buffer.allocUnsafeSlow(length);
    this.#filled = 0;
  }

  #finishPayload(): boolean {
    if (this.#payload === undefined || this.#filled < this.#payload.length) return false;
    const payload = this.#payload;
    this.#payload = undefined;
    this.#onFrame({ kind: this.#kind, sequence: this.#sequence, payload });
    return true;
  }
}
