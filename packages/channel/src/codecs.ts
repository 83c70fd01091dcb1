/** General codecs. Protocols add their own where values have structure (points, ciphertexts) to check. */
import { type ErrorCode, fromUtf8, TomboloError, utf8 } from "@tombolo/base";
import type { Codec } from "./message.ts";

const malformed = (message: string, code: ErrorCode = "protocol.malformed"): TomboloError =>
  new TomboloError(code, message);

/** No content: the message itself is the news. */
export const empty: Codec<void> = {
  name: "empty",
  encode: () => new Uint8Array(0),
  decode(bytes) {
    if (bytes.length !== 0) throw malformed("an empty message holds bytes");
  },
};

/** Up to `lengthMax` bytes of any content. */
export function bytes(lengthMax: number): Codec<Uint8Array> {
  return {
    name: `bytes(${lengthMax})`,
    encode: (value) => value,
    decode(value) {
      if (value.length > lengthMax) throw malformed(`more than ${lengthMax} bytes`);
      return value;
    },
  };
}

/** Any number of values of `width` bytes each, side by side. */
export function fixedWidth(width: number): Codec<Uint8Array> {
  return {
    name: `fixedWidth(${width})`,
    encode: (value) => value,
    decode(value) {
      if (value.length % width !== 0) throw malformed(`length is not a multiple of ${width}`);
      return value;
    },
  };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

type Elements = Uint32Array | Float64Array;

/** Typed arrays travel as their memory, so both ends must be little-endian; every platform Node runs on is. */
function elements<T extends Elements>(
  name: string,
  make: (buffer: ArrayBuffer) => T,
  width: number,
  check: (values: T) => void,
): Codec<T> {
  if (!LITTLE_ENDIAN) throw new TomboloError("resource.platform", "big-endian machines are not supported");
  return {
    name,
    encode: (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
    decode(value) {
      if (value.length % width !== 0) throw malformed(`length is not a multiple of ${width}`);
      // A copy: the frame's payload is seldom aligned, and the caller may keep the values.
      const values = make(new Uint8Array(value).buffer);
      check(values);
      return values;
    },
  };
}

export const u32s: Codec<Uint32Array> = elements(
  "u32s",
  (buffer) => new Uint32Array(buffer),
  4,
  () => {},
);

/** Finite numbers and, where `missing` is allowed, NaN. Infinities are refused. */
export function f64s(options: { readonly missing: boolean }): Codec<Float64Array> {
  const check = (values: Float64Array): void => {
    for (const value of values)
      if (!(Number.isFinite(value) || (options.missing && Number.isNaN(value)))) throw malformed("not a finite number");
  };
  return elements(options.missing ? "f64s(missing)" : "f64s", (buffer) => new Float64Array(buffer), 8, check);
}

/** A whole number within [min, max], eight bytes. */
export function integer(range: { readonly min: number; readonly max: number }): Codec<number> {
  const inside = (value: number): boolean => Number.isSafeInteger(value) && value >= range.min && value <= range.max;
  return {
    name: `integer(${range.min},${range.max})`,
    encode(value) {
      if (!inside(value)) throw new TomboloError("state.range", `integer outside ${range.min}..${range.max}`);
      const out = new Uint8Array(8);
      new DataView(out.buffer).setFloat64(0, value, true);
      return out;
    },
    decode(value) {
      if (value.length !== 8) throw malformed("an integer takes eight bytes");
      const number = new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, true);
      if (!inside(number) || Object.is(number, -0)) throw malformed(`integer outside ${range.min}..${range.max}`);
      return number;
    },
  };
}

/** A list of texts, each behind its length (u32) in UTF-8 bytes. */
export function strings(limits: { readonly countMax: number; readonly bytesMax: number }): Codec<readonly string[]> {
  return {
    name: `strings(${limits.countMax},${limits.bytesMax})`,
    encode(values) {
      const parts = values.map(utf8);
      const out = new Uint8Array(parts.reduce((length, part) => length + 4 + part.length, 0));
      const view = new DataView(out.buffer);
      let at = 0;
      for (const part of parts) {
        view.setUint32(at, part.length, true);
        out.set(part, at + 4);
        at += 4 + part.length;
      }
      return out;
    },
    decode: (value) => decodeStrings(value, limits),
  };
}

function decodeStrings(value: Uint8Array, limits: { countMax: number; bytesMax: number }): readonly string[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const out: string[] = [];
  for (let at = 0; at < value.length; ) {
    if (at + 4 > value.length || out.length === limits.countMax) throw malformed("malformed list of texts");
    const length = view.getUint32(at, true);
    at += 4;
    if (length > limits.bytesMax || at + length > value.length) throw malformed("a text exceeds its limit");
    out.push(decodeText(value.subarray(at, at + length)));
    at += length;
  }
  return out;
}

function decodeText(value: Uint8Array): string {
  try {
    return fromUtf8(value);
  } catch (cause) {
    throw new TomboloError("protocol.malformed", "not UTF-8", { cause });
  }
}

/** Small structured values as JSON text. `check` sees what a hostile peer may have sent and returns it typed, or throws. */
export function json<T>(name: string, check: (value: unknown) => T): Codec<T> {
  return {
    name: `json(${name})`,
    encode: (value) => utf8(JSON.stringify(value)),
    decode(value) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(decodeText(value));
      } catch (cause) {
        throw new TomboloError("protocol.malformed", "not JSON", { cause });
      }
      return check(parsed);
    },
  };
}
