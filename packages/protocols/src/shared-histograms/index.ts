export { CellOwner, type HistogramMessages } from "./cell-owner.ts";
export { histogramMessages } from "./messages.ts";
export { SeedOwner } from "./seed-owner.ts";
export type { HistogramSizes } from "./sizes.ts";
