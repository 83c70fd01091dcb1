/** What the host says of its columns in the clear: message 1. */
import { TomboloError } from "@tombolo/base";
import { COLUMNS_MAX, ROWS_MAX, SUMS_MAX } from "./messages.ts";

export const STAGE = "category-sums";

/** A code below `bins` a row. */
export interface CategoryColumn {
  readonly codes: Uint8Array | Uint16Array;
  readonly bins: number;
}

/** Of each column the rows of each bin. */
export type Layout = readonly Uint32Array[];

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });

export const binsOf = (layout: Layout): Uint32Array => Uint32Array.from(layout, ({ length }) => length);

/** Column after column. */
export const limitsOf = (layout: Layout): Uint32Array => Uint32Array.from(layout.flatMap((rows) => [...rows]));

/** Rows, columns, then bins of each column, then rows of each bin. */
export const encodeLayout = (layout: Layout, rows: number): Uint32Array =>
  Uint32Array.of(rows, layout.length, ...binsOf(layout), ...limitsOf(layout));

/** What a partner sent, for that many own rows; refused where it cannot be or breaks the agreed minimum. */
export function decodeLayout(sent: Uint32Array, rows: number, minimumRows: number, party: string): Layout {
  const [told = 0, columns = 0] = sent;
  if (told !== rows) throw refused("rows", "the partner has another number of rows", party);
  if (columns > COLUMNS_MAX || sent.length < 2 + columns)
    throw refused("columns", "the partner sent an impossible list of columns", party);
  const layout: Uint32Array[] = [];
  let at = 2 + columns;
  for (const bins of sent.subarray(2, 2 + columns)) {
    const counts = sent.slice(at, at + bins);
    if (bins === 0 || counts.length !== bins)
      throw refused("columns", "the partner sent an impossible list of bins", party);
    if (counts.reduce((sum, count) => sum + count, 0) !== rows)
      throw refused("rows", "the rows of a partner's bins are not all rows", party);
    if (counts.some((count) => count > 0 && count < minimumRows))
      throw refused("minimum", "a partner's bin has fewer rows than agreed", party);
    layout.push(counts);
    at += bins;
  }
  if (at !== sent.length || at - 2 - columns > SUMS_MAX)
    throw refused("columns", "the partner sent an impossible list of bins", party);
  return layout;
}

/** Counts rows; the own columns are the caller's to make right, and `input.minimum-rows` its to mend. */
export function layoutOf(columns: readonly CategoryColumn[], rows: number, minimumRows: number): Layout {
  checkSize(rows, minimumRows);
  if (columns.length > COLUMNS_MAX || columns.reduce((sum, { bins }) => sum + bins, 0) > SUMS_MAX)
    throw new TomboloError("input.columns", `at most ${COLUMNS_MAX} columns and ${SUMS_MAX} bins at once`, {
      stage: STAGE,
      remedy: "Merge rare categories, or take fewer columns.",
    });
  return columns.map(({ codes, bins }, column) => {
    if (codes.length !== rows) throw new RangeError("a code for each row and column");
    const counts = countRows(codes, bins);
    const few = counts.findIndex((count) => count > 0 && count < minimumRows);
    if (few >= 0)
      throw new TomboloError("input.minimum-rows", `a bin has fewer rows than the minimum of ${minimumRows}`, {
        stage: STAGE,
        remedy: "Merge it with another one.",
        detail: { column, bin: few, rows: counts[few]! },
      });
    return counts;
  });
}

function countRows(codes: Uint8Array | Uint16Array, bins: number): Uint32Array {
  const counts = new Uint32Array(bins);
  for (const code of codes) {
    if (code >= bins) throw new RangeError("a code is below its column's number of bins");
    counts[code]!++;
  }
  return counts;
}

export function checkSize(rows: number, minimumRows: number): void {
  if (!Number.isInteger(minimumRows) || minimumRows < 1) throw new RangeError("the minimum is a positive integer");
  if (rows < 1 || rows > ROWS_MAX)
    throw new TomboloError("input.rows", `sums are of 1 to ${ROWS_MAX} rows`, { stage: STAGE });
}
