/** Columns in bins: fine ones fixed once, merged by counts alone, weighed by a label of 0 and 1. */
export { applied, applyBins, type BinNote, binNames, fineBinNames, ofCodes } from "./apply.ts";
export { binColumn, codesOf, fineMinimum } from "./bin-column.ts";
export {
  type Binned,
  binCountOf,
  FINE_BINS_MAX,
  FINE_ROWS_MIN,
  type FineColumn,
  type FineOptions,
  type FineShape,
  fineColumn,
  NO_BIN,
  SPECIAL_MAX,
  shapeOf,
} from "./fine.ts";
export { BINS_MAX, checkMerge, EVENTS_MIN, type MergeSpec, mergeBins, mergeSpec } from "./merge.ts";
export {
  type BinnedColumn,
  type BinningMode,
  type BinningPart,
  binnedColumns,
  binningPart,
  COLUMNS_MAX,
  MODES,
  type OwnColumn,
  type PartnerColumn,
  roundedWoe,
  storedBinning,
  storedColumns,
  type WeighedColumn,
} from "./model.ts";
export { TRENDS } from "./optimal.ts";
export { cellsOf, requireTellable, requireWhole } from "./tellable.ts";
export { type BinCounts, countBins, type Evidence, evidence, mergedCounts } from "./woe.ts";
