export { type Correlation, type CorrelationOptions, correlate, DECIMALS_MAX } from "./correlate.ts";
export type { CorrelationPeer } from "./cross-products.ts";
export { COLUMNS_MAX, correlationMessages } from "./messages.ts";
