export { type CategoryCounts, type GuestOptions, type GuestPeer, guest } from "./guest.ts";
export { type HostOptions, type HostPeer, host } from "./host.ts";
export type { CategoryColumn } from "./layout.ts";
export { COLUMNS_MAX, messages, ROWS_MAX, SUMS_MAX } from "./messages.ts";
