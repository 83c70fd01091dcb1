/** Fine bins of one column, fixed on its own rows, and those rows' and later ones' places in them. */
import { type Column, columnLength, TomboloError } from "@tombolo/base";
import {
  type Binned,
  FINE_BINS_MAX,
  FINE_ROWS_MIN,
  FINE_SHARE_MIN,
  type FineColumn,
  type FineOptions,
  SPECIAL_MAX,
  type Unforeseen,
} from "./fine.ts";
import { binNumbers, codeNumbers } from "./numbers.ts";
import { binText, codeText } from "./text.ts";

/** Exact, linear in rows. Throws `input.rows` for too few, `input.columns` for edges or special values of the other kind. */
export function binColumn(column: Column, options: FineOptions): Binned {
  const rowCount = columnLength(column);
  const minimumRows = fineMinimum(rowCount, options.minimumRows);
  if (rowCount < minimumRows)
    throw new TomboloError("input.rows", `binning takes at least ${minimumRows} rows`, {
      remedy: "Match more rows.",
      detail: { rows: rowCount },
    });
  checkKinds(column, options);
  return column.kind === "number"
    ? binNumbers(column, { ...options, minimumRows })
    : binText(column, { ...options, minimumRows });
}

export const fineMinimum = (rowCount: number, minimumRows: number): number =>
  Math.max(FINE_ROWS_MIN, minimumRows, Math.ceil(rowCount * FINE_SHARE_MIN));

function checkKinds(column: Column, { edges, special }: FineOptions): void {
  const refuse = (what: string, remedy: string): never => {
    throw new TomboloError("input.columns", what, { remedy, detail: { column: column.name } });
  };
  if (edges !== null && column.kind === "text")
    refuse(
      "edges are given for a column of text",
      "Cast the column to numbers first, or leave its categories as bins.",
    );
  if (
    edges !== null &&
    !(
      edges.every((edge, i) => i === 0 || edges[i - 1]! < edge) &&
      edges.every(Number.isFinite) &&
      edges.length < FINE_BINS_MAX
    )
  )
    refuse(`edges are not finite numbers in ascending order, fewer than ${FINE_BINS_MAX}`, "Give each edge once.");
  const kind = column.kind === "number" ? "number" : "string";
  if (special.length > SPECIAL_MAX || new Set(special).size < special.length)
    refuse(`special values are repeated, or more than ${SPECIAL_MAX}`, "List each once.");
  if (special.some((value) => typeof value !== kind || Number.isNaN(value)))
    refuse("a special value is text for a column of numbers, or a number for text", "Give it as the column has it.");
}

/** Bins of other rows, `NO_BIN` where there is none. Throws `input.columns` for a column of the other kind. */
export function codesOf(column: Column, fine: FineColumn): { codes: Uint8Array; unforeseen: Unforeseen } {
  if (column.kind === "number" && fine.kind === "number") return codeNumbers(column.values, fine);
  if (column.kind === "text" && fine.kind === "text") return codeText(column, fine);
  throw new TomboloError("input.columns", "a column is of another kind than when its bins were fixed", {
    remedy: "Cast it to the kind it had, or bin it anew.",
    detail: { column: fine.name, kind: fine.kind },
  });
}
