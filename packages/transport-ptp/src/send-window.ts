/**
 * What this side has sent and the partner has not yet taken. Frames are kept until the partner's link has received
 * them (they may have to be sent again over a new pipe) and count against the window until its protocol took them.
 */
import { TomboloError } from "@tombolo/base";
import { FRAME_OVERHEAD_BYTES, type KIND } from "./link-wire.ts";

export interface OutFrame {
  readonly kind: typeof KIND.data | typeof KIND.fin;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

interface Entry {
  readonly bytes: number;
  frame: OutFrame | undefined;
}

export class SendWindow {
  #windowBytes: number;
  readonly #recycle: (payload: Uint8Array) => void;
  readonly #entries: Entry[] = [];
  /** Entries before `#head` are taken; the array is cut now and then, so that taking is cheap. */
  #head = 0;
  #sent = 0;
  #received = 0;
  #taken = 0;
  #bytes = 0;

  /** `recycle` gets the memory of frames that are not needed any more. */
  constructor(windowBytes: number, recycle: (payload: Uint8Array) => void) {
    this.#windowBytes = windowBytes;
    this.#recycle = recycle;
  }

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  /** The smaller of both sides' windows holds. */
  limit(windowBytes: number): void {
    this.#windowBytes = Math.min(this.#windowBytes, windowBytes);
  }

  hasRoom(payloadBytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + payloadBytes + FRAME_OVERHEAD_BYTES <= this.#windowBytes;
  }

  add(kind: OutFrame["kind"], payload: Uint8Array): OutFrame {
    const frame: OutFrame = { kind, sequence: ++this.#sent, payload };
    const bytes = payload.length + FRAME_OVERHEAD_BYTES;
    this.#entries.push({ bytes, frame });
    this.#bytes += bytes;
    return frame;
  }

  /** The partner's counters; they never go back nor past what was sent. */
  acknowledge(received: number, taken: number): void {
    if (received > this.#sent || taken > received)
      throw new TomboloError("protocol.link", "impossible acknowledgement");
    for (let sequence = this.#received + 1; sequence <= received; sequence++) {
      const entry = this.#entry(sequence);
      this.#recycle(entry.frame!.payload);
      entry.frame = undefined;
    }
    this.#received = Math.max(this.#received, received);
    for (; this.#taken < taken; this.#taken++) this.#bytes -= this.#entries[this.#head++]!.bytes;
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** What the partner has not received, in order. */
  *unreceived(): Iterable<OutFrame> {
    for (let sequence = this.#received + 1; sequence <= this.#sent; sequence++) yield this.#entry(sequence).frame!;
  }

  #entry(sequence: number): Entry {
    return this.#entries[this.#head + sequence - this.#taken - 1]!;
  }
}
