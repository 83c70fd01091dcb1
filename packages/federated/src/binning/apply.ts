/** Columns in the form that a model takes: the weight of each row's bin, or where weights are not known here the bin by name. */
import { type Column, type ColumnTable, TomboloError } from "@tombolo/base";
import { codesOf } from "./bin-column.ts";
import { type FineColumn, NO_BIN, shapeOf, type Unforeseen } from "./fine.ts";
import type { WeighedColumn } from "./model.ts";

export interface BinNote {
  readonly column: string;
  readonly what: keyof Unforeseen;
  readonly rows: number;
}

/**
 * Binned columns in their places, others as they are; `tell` of rows that the bins were not fixed on. A row alone becomes what
 * it is among others. Throws `input.columns` for a column that is gone or of another kind.
 */
export function applyBins(
  table: ColumnTable,
  columns: readonly WeighedColumn[],
  tell: (note: BinNote) => void,
): ColumnTable {
  const byName = new Map(columns.map((column) => [column.fine.name, column]));
  for (const { name } of table.columns) byName.delete(name);
  const gone = [...byName.keys()][0];
  if (gone !== undefined)
    throw new TomboloError("input.columns", "a binned column is not in the table", {
      remedy: "Read the column, or give it the name it had when its bins were fixed; ids and label take no part.",
      detail: { column: gone },
    });
  const bins = new Map(columns.map((column) => [column.fine.name, column]));
  return {
    ...table,
    columns: table.columns.map((column) => {
      const own = bins.get(column.name);
      return own === undefined ? column : applied(column, own, tell);
    }),
  };
}

/** One column; see `applyBins`. */
export function applied(column: Column, own: WeighedColumn, tell: (note: BinNote) => void): Column {
  const { fine } = own;
  const { codes, unforeseen } = codesOf(column, fine);
  for (const what of ["missing", "unseen", "outside"] as const)
    if (unforeseen[what] > 0) tell({ column: fine.name, what, rows: unforeseen[what] });
  return ofCodes(codes, own);
}

/** `codes`: the fine bin of each row. A row of none has weight 0, that of all rows, or no name. */
export function ofCodes(codes: Uint8Array, { fine, groups, woe }: WeighedColumn): Column {
  if (woe === null) {
    const groupOf = Int32Array.from({ length: NO_BIN + 1 }, (_, code) => groups[code] ?? -1);
    return {
      kind: "text",
      name: fine.name,
      codes: Int32Array.from(codes, (code) => groupOf[code]!),
      categories: binNames(fine, groups),
    };
  }
  const weights = Float64Array.from({ length: NO_BIN + 1 }, (_, code) =>
    groups[code] === undefined ? 0 : woe[groups[code]]!,
  );
  return { kind: "number", name: fine.name, values: Float64Array.from(codes, (code) => weights[code]!) };
}

/** Of merged bins, for people and as categories: ranges of numbers with their upper end left out, lists of categories. */
export function binNames(fine: FineColumn, groups: readonly number[]): string[] {
  const fineNames = fineBinNames(fine);
  const { ordinary } = shapeOf(fine);
  return Array.from({ length: Math.max(-1, ...groups) + 1 }, (_, group) => {
    const bins = groups.flatMap((each, bin) => (each === group ? [bin] : []));
    const inner = bins.filter((bin) => bin < ordinary);
    const range = fine.kind === "number" && inner.length > 0 ? [rangeName(fine.edges, inner[0]!, inner.at(-1)!)] : [];
    const rest = fine.kind === "number" ? bins.filter((bin) => bin >= ordinary) : bins;
    return [...range, ...rest.map((bin) => fineNames[bin]!)].join(" | ");
  });
}

const MISSING = "∅";
const OTHER = "*";

/** ∅: what is missing; *: all other categories. */
export function fineBinNames(fine: FineColumn): string[] {
  const { ordinary, missing } = shapeOf(fine);
  const own =
    fine.kind === "number"
      ? Array.from({ length: ordinary }, (_, bin) => rangeName(fine.edges, bin, bin))
      : [...fine.categories, ...(fine.other === null ? [] : [OTHER])];
  return [...own, ...fine.special.map((value) => `= ${value}`), ...(missing ? [MISSING] : [])];
}

function rangeName(edges: readonly number[], first: number, last: number): string {
  const [from, to] = [first === 0 ? undefined : edges[first - 1], edges[last]];
  return `${from === undefined ? "(-∞" : `[${short(from)}`}, ${to === undefined ? "∞)" : `${short(to)})`}`;
}

/** Names tell bins apart, so no digit is left out. */
const short = (value: number): string => String(value);
