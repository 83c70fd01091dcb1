import { FRAME_HEADER_BYTES, type MessageTable, messageNameAt } from "@tombolo/channel";
import type { SentFrame, Tamper } from "./memory-network.ts";

export type TamperAction = "flip" | "replace" | "drop" | "duplicate" | "reorder";

export interface TamperTarget {
  readonly table: MessageTable;
  readonly name: string;
  /** Party ids; needed only where pairs of a world use different tables. */
  readonly from?: string;
  readonly to?: string;
  /** Which frame of that message, from 0. */
  readonly occurrence?: number;
  readonly action: TamperAction;
  /** For `flip`: the payload byte, counted from its start (taken modulo its length). Default: the middle. */
  readonly byte?: number;
  /** For `replace`: the payload that arrives instead. Default: none, or one zero byte in place of none. */
  readonly payload?: Uint8Array;
}

/** A hook that meddles with one frame; `hit()` tells whether it came by. */
export interface TamperHook {
  readonly tamper: Tamper;
  hit(): boolean;
}

export function tamperFrame(target: TamperTarget): TamperHook {
  let seen = 0;
  let hit = false;
  let held: SentFrame | undefined;
  const tamper: Tamper = (sent) => {
    if (held !== undefined && held.from === sent.from && held.to === sent.to) {
      const late = held.frame;
      held = undefined;
      return [sent.frame, late];
    }
    if (!isTarget(sent, target) || seen++ !== (target.occurrence ?? 0)) return [sent.frame];
    hit = true;
    if (target.action !== "reorder") return meddle(sent.frame, target);
    held = sent;
    return [];
  };
  return { tamper, hit: () => hit };
}

function isTarget({ from, to, index, frame }: SentFrame, target: TamperTarget): boolean {
  if (target.from !== undefined && target.from !== from) return false;
  if (target.to !== undefined && target.to !== to) return false;
  return index > 0 && messageNameAt(target.table, nameIndex(frame)) === target.name;
}

function meddle(frame: Uint8Array, target: TamperTarget): readonly Uint8Array[] {
  switch (target.action) {
    case "drop":
      return [];
    case "duplicate":
      return [frame, frame];
    case "replace":
      return [withPayload(frame, target.payload ?? new Uint8Array(frame.length === FRAME_HEADER_BYTES ? 1 : 0))];
    default:
      return [flipped(frame, target.byte)];
  }
}

const nameIndex = (frame: Uint8Array): number => frame[2]! | (frame[3]! << 8);

function withPayload(frame: Uint8Array, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  out.set(frame.subarray(0, FRAME_HEADER_BYTES));
  out.set(payload, FRAME_HEADER_BYTES);
  return out;
}

/** An empty payload grows by one byte: that too is another message than the one sent. */
function flipped(frame: Uint8Array, byte?: number): Uint8Array {
  const length = frame.length - FRAME_HEADER_BYTES;
  if (length === 0) return withPayload(frame, new Uint8Array(1));
  const out = frame.slice();
  const at = FRAME_HEADER_BYTES + ((byte ?? length >> 1) % length);
  out[at] = out[at]! ^ 1;
  return out;
}
