import { TomboloError } from "./errors.ts";

// Control characters, bidirectional overrides and isolates, zero-width marks, the BOM, line/paragraph separators.
const FORBIDDEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u;

/** The same, but line breaks and tabs, which text of several lines may hold. */
const UNSHOWABLE = /(?![\n\t])[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u;
const EVERY_UNSHOWABLE = new RegExp(UNSHOWABLE.source, "gu");

/** Whether a screen or a terminal could be led astray by it. */
export const isShowable = (text: string): boolean => !UNSHOWABLE.test(text);

/** With every character that could lead a screen or a terminal astray replaced by U+FFFD. */
export const showable = (text: string): string => text.replace(EVERY_UNSHOWABLE, "\ufffd");

/** A name that a partner gives to something, on one line: NFC, other characters than a screen may show replaced. */
export const nameOnScreen = (name: string): string => showable(name.normalize("NFC")).replace(/[\n\t]/g, " ");

/**
 * A string from a partner or a user, as NFC, within `lengthMax` characters and free of control, bidi and ANSI
 * characters (SECURITY.md rule 18). Throws `input.text`.
 */
export function safeText(value: string, what: string, lengthMax: number): string {
  const text = value.normalize("NFC");
  if (text.length > lengthMax) throw new TomboloError("input.text", `${what} is longer than ${lengthMax} characters`);
  if (FORBIDDEN.test(text)) throw new TomboloError("input.text", `${what} holds control or direction characters`);
  return text;
}
