/**
 * Rows to the byte strings that PSI compares. A row's key is one or several columns; its encoding is the UTF-8 of
 *
 *     <length of field 1> ":" <field 1> <length of field 2> ":" <field 2> ...
 *
 * with decimal lengths in UTF-16 units, so that ("ab", "c") gives 2:ab1:c and ("a", "bc") gives 1:a2:bc. Each row that
 * cannot take part is found here, before anything leaves.
 */
import { type Column, columnLength, concat, TomboloError, utf8 } from "@tombolo/base";
import { checkIdRules, type IdRules, normaliseId } from "./normalise.ts";

/** One id column: plain strings, or a column of a table (numbers must be whole). */
export type IdColumn = readonly string[] | Column;

export interface IdKey {
  readonly column: IdColumn;
  readonly rules: IdRules;
}

export interface IdPolicy {
  /** "remove" keeps the first row of each id; "keep" all rows, so that ids are not distinct. */
  readonly duplicates: "refuse" | "remove" | "keep";
  /** A row is empty when any of its key fields is missing, blank or unusable after normalisation. */
  readonly empty: "refuse" | "remove";
}

export const strictIdPolicy: IdPolicy = { duplicates: "refuse", empty: "refuse" };

/** Distinct ids, unless repeats are kept: id i is `messages[offsets[i] .. offsets[i + 1]]` and stands in row `rows[i]` of the input. */
export interface EncodedIds {
  readonly messages: Uint8Array;
  readonly offsets: Uint32Array;
  readonly rows: Uint32Array;
  readonly removed: { readonly empty: number; readonly duplicates: number };
}

const KEYS_MAX = 16;
const IDS_AT_ONCE = 2 ** 14;
const ROW_NUMBERS_SHOWN = 100;

export function encodeIds(keys: readonly IdKey[], policy: IdPolicy): EncodedIds {
  if (keys.length === 0 || keys.length > KEYS_MAX)
    throw new TomboloError("input.id-columns", `matching needs 1 to ${KEYS_MAX} id columns`);
  for (const key of keys) checkIdRules(key.rules);
  const rowCount = lengthOf(keys[0]!.column);
  if (keys.some((key) => lengthOf(key.column) !== rowCount))
    throw new TomboloError("input.id-columns", "id columns differ in length");
  const fields = keys.map(fieldReader);
  const sorted = sortOut(fields, rowCount, policy.duplicates === "keep");
  if (policy.empty === "refuse") refuse("input.empty-id", "some rows have no usable id", sorted.empty);
  if (policy.duplicates === "refuse") refuse("input.duplicate-id", "some ids stand in several rows", sorted.duplicates);
  return {
    ...pack(sorted.ids),
    rows: Uint32Array.from(sorted.rows),
    removed: { empty: sorted.empty.length, duplicates: sorted.duplicates.length },
  };
}

interface SortedOut {
  readonly ids: string[];
  readonly rows: number[];
  readonly empty: number[];
  readonly duplicates: number[];
}

function sortOut(fields: readonly ((row: number) => string)[], rowCount: number, repeats: boolean): SortedOut {
  const out: SortedOut = { ids: [], rows: [], empty: [], duplicates: [] };
  const seen = new Set<string>();
  for (let row = 0; row < rowCount; row++) {
    const id = combine(fields, row);
    if (id === "") out.empty.push(row);
    else if (!repeats && seen.has(id)) out.duplicates.push(row);
    else {
      seen.add(id);
      out.ids.push(id);
      out.rows.push(row);
    }
  }
  return out;
}

/** "" when a field is empty: no encoding is. */
function combine(fields: readonly ((row: number) => string)[], row: number): string {
  let id = "";
  for (const field of fields) {
    const text = field(row);
    if (text === "") return "";
    id += `${text.length}:${text}`;
  }
  return id;
}

/** Dictionary columns are normalised once per category. */
function fieldReader({ column, rules }: IdKey): (row: number) => string {
  if (!("kind" in column)) return (row) => normaliseId(column[row]!, rules);
  if (column.kind === "number") return (row) => normaliseId(wholeNumber(column.values[row]!), rules);
  const categories = column.categories.map((category) => normaliseId(category, rules));
  return (row) => (column.codes[row]! < 0 ? "" : categories[column.codes[row]!]!);
}

function wholeNumber(value: number): string {
  if (Number.isNaN(value)) return "";
  if (!Number.isSafeInteger(value))
    throw new TomboloError("input.id-number", "an id column of numbers holds one that is not whole", {
      remedy: "Import the id column as text.",
    });
  return String(value);
}

/** Many ids at a time: one call of the encoder for each would cost more than all else here. */
function pack(ids: readonly string[]): { messages: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(ids.length + 1);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const group = ids.slice(from, from + IDS_AT_ONCE);
    parts.push(utf8(group.join("")));
    group.forEach((id, i) => {
      offsets[from + i + 1] = offsets[from + i]! + utf8Length(id);
    });
  }
  // Positions have 32 bits: beyond them ids would silently run into one another.
  if (parts.reduce((sum, part) => sum + part.length, 0) >= 2 ** 32)
    throw new TomboloError("input.rows", "the ids are longer than 4 GiB in all", {
      remedy: "Match fewer rows at a time.",
    });
  return { messages: concat(...parts), offsets };
}

/** Of well-formed text: a surrogate is half of four bytes. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) length += 2;
    else if (unit >= 0x80) length += 1;
  }
  return length;
}

function refuse(code: "input.empty-id" | "input.duplicate-id", message: string, rows: readonly number[]): void {
  if (rows.length > 0) throw refusedRows(code, message, rows.slice(0, ROW_NUMBERS_SHOWN), rows.length);
}

/** The message is public and so the same for any data; the rows, counted from 0, are in the owner's detail. */
export const refusedRows = (
  code: "input.empty-id" | "input.duplicate-id",
  message: string,
  firstRows: readonly number[],
  rowCount: number,
): TomboloError =>
  new TomboloError(code, message, {
    remedy: "Mend these rows, or set the match to remove them.",
    detail: { rowNumbers: firstRows.map((row) => row + 1), rowCount },
  });

const lengthOf = (column: IdColumn): number => ("kind" in column ? columnLength(column) : column.length);
