/**
 * A host's columns in bins whose weights the guest alone has: what each side knows of them, and the host's matrix.
 *
 * A row's value in such a column is the weight of its bin, a look-up that neither can make: the host has the bin, the guest the weights.
 * The host's matrix is one-hot: for each column and bin whether a row is in it; products.ts brings weights in.
 *
 * Columns are standardised by the guest, which knows how many rows each bin had when bins were fixed. Rows that are trained on may be some
 * of those (after `split`); the host sees to it that no bin has a share of them more than MEAN_SQUARE_MOST times what it had then, so
 * that the mean square of no standardised column is above that: bounds of formats.ts count each column so often.
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { Columns } from "../design.ts";
import { partPlaces } from "../matrices.ts";
import type { BinsTold } from "../messages.ts";
import type { RegressionParameters } from "../parameters.ts";

/** Of a standardised column over the rows that are trained on. */
export const MEAN_SQUARE_MOST = 2;
/** Of the one-hot matrix: a gigabyte. */
const ENTRIES_MAX = 2 ** 28;

/** What a host has of one column. */
export interface HostBins {
  /** What the guest knows it by. */
  readonly id: number;
  readonly column: string;
  /** Of each bin, as the text column has them. A row without any is in no bin: its weight is 0. */
  readonly names: readonly string[];
  /** Rows of each bin when bins were fixed. */
  readonly rows: readonly number[];
}

/** What the guest has of a host's column. */
export interface BinWeights {
  readonly id: number;
  /** null: its owner does not show it. */
  readonly name: string | null;
  /** Of each bin: weight of evidence, and rows when bins were fixed. */
  readonly woe: readonly number[];
  readonly rows: readonly number[];
}

/** With what it is standardised by. */
export interface WeighedBins extends BinWeights {
  readonly mean: number;
  readonly scale: number;
}

export interface BinnedMatrix {
  readonly told: BinsTold;
  /** For each column and bin whether a row is in it, in the order of parts. */
  readonly columns: readonly Int32Array[];
}

/** The host's. Throws `input.columns`, `input.constant`, `input.nearly-constant`, `input.bins` with the column in its detail. */
export async function binnedMatrix(
  columns: Columns,
  bins: readonly HostBins[],
  rows: number,
  parameters: RegressionParameters,
): Promise<BinnedMatrix> {
  const told: { id: number; bins: number }[] = [];
  const oneHot: Int32Array[] = [];
  const places = partPlaces(parameters, rows);
  for await (const column of columns) {
    const own = bins.find((each) => each.column === column.name);
    if (own === undefined) throw notBinned(column.name);
    const codes = binsOfRows(column, own.names);
    requireUsable(own, codes, parameters);
    told.push({ id: own.id, bins: own.names.length });
    if (rows * (oneHot.length + own.names.length) > ENTRIES_MAX) throw tooMany();
    const made = own.names.map(() => new Int32Array(rows));
    codes.forEach((bin, row) => {
      if (bin >= 0) made[bin]![places[row]!] = 1;
    });
    oneHot.push(...made);
  }
  return { told, columns: oneHot };
}

/** Of each row its bin, -1 for none. Throws `input.columns` where the column holds something else. */
export function binsOfRows(column: Column, names: readonly string[]): Int32Array {
  if (column.kind === "number") throw notBinned(column.name);
  const binOf = column.categories.map((category) => names.indexOf(category));
  return Int32Array.from(column.codes, (code) => {
    const bin = code < 0 ? -1 : binOf[code];
    if (bin === undefined || (code >= 0 && bin < 0)) throw notBinned(column.name);
    return bin;
  });
}

/** The guest's, of what the host tells. Throws `protocol.agreement` for other bins than it knows, `input.constant`. */
export function weighedBins(told: BinsTold, known: readonly BinWeights[], columns: number, party: string) {
  const distinct = new Set(told.map(({ id }) => id)).size === told.length;
  const own = told.map(({ id, bins }) => known.find((each) => each.id === id && each.woe.length === bins));
  if (!distinct || told.length !== columns || own.includes(undefined))
    throw new TomboloError("protocol.agreement", "guest and host have parts of different binnings", {
      blame: party,
      remedy: "Give both the same version of the binning, and the table that came out of it.",
    });
  return own.map((each) => standardised(each!));
}

function standardised(column: BinWeights): WeighedBins {
  const { woe, rows } = column;
  // Of weights that are all alike, rounding would leave a spread.
  if (woe.some((weight) => weight !== woe[0])) {
    const all = rows.reduce((sum, count) => sum + count);
    const mean = woe.reduce((sum, weight, bin) => sum + weight * rows[bin]!, 0) / all;
    const square = woe.reduce((sum, weight, bin) => sum + rows[bin]! * (weight - mean) ** 2, 0) / all;
    return { ...column, mean, scale: Math.sqrt(square) };
  }
  throw new TomboloError("input.constant", "all bins of a host's column have the same weight", {
    remedy: "Leave the column out at the host.",
    detail: { column: column.name ?? `column ${column.id}` },
  });
}

function requireUsable({ column, names, rows }: HostBins, codes: Int32Array, { minimumRows }: RegressionParameters) {
  if (names.length < 2)
    throw new TomboloError("input.constant", "a column has one bin", {
      remedy: "Leave the column out.",
      detail: { column },
    });
  const counts = new Array<number>(names.length + 1).fill(0);
  for (const bin of codes) counts[bin < 0 ? names.length : bin]!++;
  if (codes.length - Math.max(...counts) < minimumRows)
    throw new TomboloError(
      "input.nearly-constant",
      `fewer than ${minimumRows} rows are in another bin than the commonest`,
      { remedy: "Leave the column out: its coefficient would tell about those rows.", detail: { column } },
    );
  const fixed = rows.reduce((sum, count) => sum + count);
  const alike = (bin: number): boolean => counts[bin]! * fixed <= MEAN_SQUARE_MOST * rows[bin]! * codes.length;
  const none = counts[names.length]!;
  if (none === 0 && names.every((_, bin) => alike(bin))) return;
  throw new TomboloError("input.bins", "rows lie in a column's bins otherwise than when these were fixed", {
    remedy:
      none > 0
        ? "Train on rows that the bins were fixed on: some of these are in no bin."
        : "Bin the rows that are trained on: sample first, bin then.",
    detail: { column },
  });
}

export const notBinned = (column: string): TomboloError =>
  new TomboloError("input.columns", "a column is not in the bins of this binning", {
    remedy: "Train on the table that the bin task left, with those of its columns alone.",
    detail: { column },
  });

const tooMany = (): TomboloError =>
  new TomboloError("input.columns", `rows times bins of all columns are more than ${ENTRIES_MAX}`, {
    remedy: "Choose fewer columns or rows, or merge bins.",
  });

/** Of all columns. */
export const binsIn = (told: BinsTold): number => told.reduce((sum, { bins }) => sum + bins, 0);
