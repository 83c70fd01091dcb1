/**
 * The wire form of a session's frames. All integers little-endian.
 *
 *   hello   "TMB1", SHA-256 of the session binding                                       36 bytes, first in each direction
 *   data    kind 1 (u8), flags (u8), message index (u16), sequence (u32), payload        8 bytes and the payload
 *
 * The index is the message's place among the table's sorted names; the sequence counts data frames per direction
 * from 0. Flag MORE: the message goes on in the next frame. Flag END: the stream of that name is over, no payload.
 */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { FRAME_BYTES_MAX } from "./limits.ts";
import type { MessageTable } from "./message.ts";

export const FRAME_HEADER_BYTES = 8;
export const FLAG_MORE = 1;
export const FLAG_END = 2;

const DATA = 1;
const HELLO = utf8("TMB1");
const HELLO_BYTES = HELLO.length + 32;
/** Of a session, in each direction. */
export const FRAMES_MAX = 2 ** 32;
const SEQUENCE_MAX = FRAMES_MAX - 1;

export interface FrameHeader {
  readonly index: number;
  readonly flags: number;
  readonly sequence: number;
}

export interface Frame extends FrameHeader {
  readonly payload: Uint8Array;
}

/** The names of a table in the order of their wire index. */
export const messageNames = (table: MessageTable): readonly string[] => Object.keys(table).sort();

export const encodeHello = (hash: Uint8Array): Uint8Array => concat(HELLO, hash);

export function decodeHello(frame: Uint8Array): Uint8Array {
  const wellFormed = frame.length === HELLO_BYTES && HELLO.every((byte, i) => frame[i] === byte);
  if (!wellFormed) throw new TomboloError("protocol.hello", "the first frame is not a session binding");
  return frame.subarray(HELLO.length);
}

/** Copies the payload: the caller may reuse its buffer once this returns. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array, allocate = newBytes): Uint8Array {
  if (header.sequence > SEQUENCE_MAX) throw new TomboloError("protocol.sequence", "too many frames in one session");
  const frame = allocate(FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer, frame.byteOffset, FRAME_HEADER_BYTES);
  view.setUint8(0, DATA);
  view.setUint8(1, header.flags);
  view.setUint16(2, header.index, true);
  view.setUint32(4, header.sequence, true);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

const newBytes = (length: number): Uint8Array => new Uint8Array(length);

/** The payload is a view into `frame`. */
export function decodeFrame(frame: Uint8Array): Frame {
  if (frame.length < FRAME_HEADER_BYTES) throw new TomboloError("protocol.frame", "a frame is too short");
  if (frame.length > FRAME_HEADER_BYTES + FRAME_BYTES_MAX)
    throw new TomboloError("protocol.frame", `a frame exceeds ${FRAME_BYTES_MAX} bytes`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = view.getUint8(1);
  if (view.getUint8(0) !== DATA || flags > FLAG_END) throw new TomboloError("protocol.frame", "unknown kind of frame");
  // Plain bytes, of which slice() is a copy: that of a Buffer, as frames come from sockets, is a view.
  const payload = new Uint8Array(
    frame.buffer,
    frame.byteOffset + FRAME_HEADER_BYTES,
    frame.length - FRAME_HEADER_BYTES,
  );
  if ((flags === FLAG_END && payload.length > 0) || (flags === FLAG_MORE && payload.length === 0))
    throw new TomboloError("protocol.frame", "a frame's flags and payload do not fit");
  return { flags, index: view.getUint16(2, true), sequence: view.getUint32(4, true), payload };
}
