import { TomboloError } from "./errors.ts";

// Control characters, bidirectional overrides and isolates, zero-width marks, the BOM, line/paragraph separators.
const FORBIDDEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u;

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

/** A spreadsheet would run a cell that starts like a formula; reports for people prefix it with an apostrophe. */
export const neutraliseFormula = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
