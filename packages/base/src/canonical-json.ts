import canonicalize from "canonicalize";
import { utf8 } from "./bytes.ts";

/** A value that has one canonical JSON text. Integers above 2^53 go as strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** RFC 8785 canonical JSON as UTF-8 bytes: what gets hashed and signed. Throws a TypeError on NaN or Infinity. */
export function canonicalJson(value: Json): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("value has no JSON text");
  return utf8(text);
}
