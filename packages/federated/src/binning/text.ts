/** Fine bins of text: one for each category of enough rows, commonest first where there are too many; all others share one. */
import type { TextColumn } from "@tombolo/base";
import { type Binned, type FineOptions, type FineText, NO_BIN, type Unforeseen } from "./fine.ts";
import { settleMissing } from "./missing.ts";

export function binText(column: TextColumn, { bins, minimumRows, special: given }: FineOptions): Binned {
  const { name, codes } = column;
  const counts = new Float64Array(column.categories.length);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) counts[codes[row]!]!++;
  const rowsOf = sumsByName(column.categories, counts);
  const special = given.filter((value) => typeof value === "string");
  const kept = special.filter((value) => (rowsOf.get(value) ?? 0) >= minimumRows);
  const pooled = special.filter((value) => !kept.includes(value));
  const plain = [...rowsOf].filter(([category, rows]) => rows > 0 && !special.includes(category));
  const total = (names: readonly string[]): number => names.reduce((sum, each) => sum + (rowsOf.get(each) ?? 0), 0);
  const { categories, others } = parted(plain, bins, minimumRows);
  const ordinary = codes.length - total(kept) - missingRows(codes) - total(pooled);
  const missing = codes.length - ordinary - total(kept);
  const draft = { name, categories, other: others > 0 ? categories.length : null, special: kept, pooled };
  return counted(column, placed(draft, { ordinary, missing, minimumRows }));
}

/** A table may list a category twice. */
function sumsByName(categories: readonly string[], counts: Float64Array): Map<string, number> {
  const sums = new Map<string, number>();
  categories.forEach((name, code) => {
    sums.set(name, (sums.get(name) ?? 0) + counts[code]!);
  });
  return sums;
}

/** Those with bins of their own, in order of text, and the rows of all others, which are none or enough. */
function parted(
  plain: readonly (readonly [string, number])[],
  bins: number,
  minimumRows: number,
): { readonly categories: string[]; readonly others: number } {
  const byRows = plain.toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const most = byRows.length <= bins ? bins : bins - 1;
  let kept = byRows.findIndex(([, rows], i) => i >= most || rows < minimumRows);
  if (kept < 0) kept = byRows.length;
  let others = byRows.slice(kept).reduce((sum, [, rows]) => sum + rows, 0);
  while (others > 0 && others < minimumRows && kept > 0) others += byRows[--kept]![1];
  const categories = byRows.slice(0, kept).map(([category]) => category);
  return { categories: categories.sort((a, b) => (a < b ? -1 : 1)), others };
}

interface Sizes {
  readonly ordinary: number;
  readonly missing: number;
  readonly minimumRows: number;
}

/** Says where missing values go, as of numbers: a bin of their own, or the others' or the fullest where they are too few. */
function placed(draft: Omit<FineText, "kind" | "missing" | "rows">, { ordinary, missing, minimumRows }: Sizes) {
  const few = ordinary > 0 && ordinary < minimumRows;
  if (few && ordinary + missing < minimumRows)
    return { ...draft, categories: [], other: 0, special: [], pooled: [], joins: 0, own: false };
  const joins = few ? 0 : (draft.other ?? "fullest");
  return { ...draft, joins: missing === 0 ? null : joins, own: missing >= minimumRows && !few } as const;
}

function counted(column: TextColumn, draft: ReturnType<typeof placed>): Binned {
  const { joins, own, ...rest } = draft;
  const last = rest.categories.length + Number(rest.other !== null) + rest.special.length;
  const open: FineText = { kind: "text", ...rest, categories: [...rest.categories], missing: last, rows: [] };
  const { codes } = codeText(column, open);
  const settled = settleMissing(codes, last, joins !== null && own ? last : joins);
  return { fine: { ...open, ...settled }, codes };
}

export function codeText(column: TextColumn, fine: FineText): { codes: Uint8Array; unforeseen: Unforeseen } {
  const { categories, other, special, pooled } = fine;
  const none = fine.missing ?? NO_BIN;
  const first = categories.length + Number(other !== null);
  const places = new Map([
    ...categories.map((category, i) => [category, i] as const),
    ...special.map((value, i) => [value, first + i] as const),
    ...pooled.map((value) => [value, none] as const),
  ]);
  const of = Int16Array.from(column.categories, (category) => places.get(category) ?? -1);
  const codes = new Uint8Array(column.codes.length);
  let [missing, unseen] = [0, 0];
  for (let row = 0; row < codes.length; row++) {
    const code = column.codes[row]!;
    const place = code < 0 ? none : of[code]!;
    codes[row] = place < 0 ? (other ?? NO_BIN) : place;
    if (code < 0) missing += Number(none === NO_BIN);
    else unseen += Number(place < 0);
  }
  return { codes, unforeseen: { missing, unseen, outside: 0 } };
}

function missingRows(codes: Int32Array): number {
  let rows = 0;
  for (let row = 0; row < codes.length; row++) if (codes[row]! < 0) rows++;
  return rows;
}
