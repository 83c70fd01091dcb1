/** What a party sees of a binning: the guest all columns with rates and weights, a host its own with what it was told. */
import {
  type BinnedColumn,
  type BinningPart,
  binNames,
  binnedColumns,
  fineBinNames,
  type OwnColumn,
  shapeOf,
} from "@tombolo/federated/binning";
import type { ReportValue } from "../component.ts";

/** A column for people and for the editor of merges, which takes fine bins alone. */
interface ReportedColumn {
  readonly party: string;
  readonly id: number;
  readonly name: string | null;
  readonly ordered: boolean;
  /** Of fine bins that are ordinary: the others are special or missing. */
  readonly ordinary: number;
  /** Whether the last fine bin is of missing values alone. */
  readonly missing: boolean;
  /** Names of fine and of merged bins; null: another party's. */
  readonly fineNames: readonly string[] | null;
  readonly names: readonly string[] | null;
  readonly rows: readonly number[];
  /** Of fine bins; null: the label is another party's. */
  readonly ones: readonly number[] | null;
  readonly groups: readonly number[];
  /** Of merged bins; null: not told here. */
  readonly woe: readonly number[] | null;
  readonly figures: { readonly iv: number; readonly ks: number; readonly gini: number } | null;
}

/** Of columns with most information first; without information in their own order. */
export function binningReport(part: BinningPart, { positive }: { readonly positive: string | null }): ReportValue {
  const own = part.columns.map((column) => ownReported(part, column));
  const seen = binnedColumns(part);
  const columns =
    seen.length === 0
      ? own
      : seen.map((column) => seenReported(part, column)).sort((a, b) => b.figures.iv - a.figures.iv);
  return {
    kind: "binning",
    title: { en: "Binning", zh: "分箱" },
    data: {
      mode: part.mode,
      smoothing: part.smoothing,
      minimumEvents: part.minimumEvents,
      positive,
      columns,
    },
  };
}

function ownReported({ party }: BinningPart, { id, fine, groups, ones, woe }: OwnColumn): ReportedColumn {
  const { ordered, ordinary, missing } = shapeOf(fine);
  return {
    ...{ party, id, name: fine.name, ordered, ordinary, missing },
    ...{ fineNames: fineBinNames(fine), names: binNames(fine, groups) },
    ...{ rows: fine.rows, ones, groups, woe, figures: null },
  };
}

function seenReported(part: BinningPart, { party, id, name, shape, counts, groups, evidence }: BinnedColumn) {
  const own = party === part.party ? part.columns.find((column) => column.id === id) : undefined;
  const names =
    own === undefined
      ? { fineNames: null, names: null }
      : { fineNames: fineBinNames(own.fine), names: binNames(own.fine, groups) };
  return {
    ...{ party, id, name, ordered: shape.ordered, ordinary: shape.ordinary, missing: shape.missing, ...names },
    ...{ rows: counts.rows, ones: counts.ones, groups, woe: evidence.woe },
    figures: { iv: evidence.iv, ks: evidence.ks, gini: evidence.gini },
  };
}

/** The greatest information value; nothing at a host, which has no counts of labels. */
export function strongest(part: BinningPart): { readonly iv?: number } {
  const values = binnedColumns(part).map(({ evidence }) => evidence.iv);
  return values.length === 0 ? {} : { iv: Math.max(...values) };
}
