/** Which encoding a text file is in, and its bytes as checked UTF-8. */
import { isUtf8 } from "node:buffer";
import { csvError } from "../failures.ts";

export type Encoding = "utf-8" | "gb18030" | "utf-16le" | "utf-16be";

/** By byte-order mark, else UTF-8 where the sample is, else GB18030 where the sample is. Null: neither. */
export function sniffEncoding(sample: Uint8Array, whole: boolean): Encoding | null {
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  const complete = whole ? sample : sample.subarray(0, completeLength(sample));
  if (isUtf8(complete)) return "utf-8";
  try {
    // Streaming: the sample may end within a character.
    new TextDecoder("gb18030", { fatal: true }).decode(sample, { stream: !whole });
    return "gb18030";
  } catch {
    return null;
  }
}

/** Turns chunks of any size into chunks of checked UTF-8 without a byte-order mark. */
export class Utf8Source {
  readonly #encoding: Encoding;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  readonly #encoder = new TextEncoder();
  #rest: Uint8Array = new Uint8Array(0);
  #first = true;
  #line = 1;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding, { fatal: true });
  }

  push(chunk: Uint8Array, last: boolean): Uint8Array {
    return this.#encoding === "utf-8" ? this.#check(chunk, last) : this.#convert(chunk, last);
  }

  #convert(chunk: Uint8Array, last: boolean): Uint8Array {
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: !last });
    } catch {
      throw csvError(`the file is not valid ${this.#encoding}, after line ${this.#line}`, "Save the file as UTF-8.");
    }
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#line++;
    return this.#encoder.encode(text);
  }

  #check(chunk: Uint8Array, last: boolean): Uint8Array {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const length = last ? bytes.length : completeLength(bytes);
    let complete = bytes.subarray(0, length);
    this.#rest = bytes.slice(length);
    if (!isUtf8(complete)) throw this.#invalid(complete);
    for (let at = complete.indexOf(10); at >= 0; at = complete.indexOf(10, at + 1)) this.#line++;
    if (this.#first && complete.length > 0) {
      this.#first = false;
      if (complete[0] === 0xef && complete[1] === 0xbb && complete[2] === 0xbf) complete = complete.subarray(3);
    }
    return complete;
  }

  #invalid(bytes: Uint8Array): Error {
    let line = this.#line;
    for (let at = 0; at < bytes.length; ) {
      const next = bytes.indexOf(10, at);
      const end = next < 0 ? bytes.length : next + 1;
      if (!isUtf8(bytes.subarray(at, end))) break;
      line++;
      at = end;
    }
    return csvError(
      `line ${line} is not valid UTF-8`,
      'Save the file as UTF-8, or import it with the encoding "gb18030" if it is a Chinese one (iconv -f gb18030 -t utf-8).',
    );
  }
}

/** Length without a character cut off at the end. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return width > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
