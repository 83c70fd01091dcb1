export * from "./form.ts";
export { type GuestServePeer, type HostAnswer, ServingHost } from "./guest.ts";
export { type HostServeInput, type HostServePeer, type ServedRows, serveHost } from "./host.ts";
export { BATCH_ROWS_MAX, ID_BYTES, type ServingTable, servingTable } from "./messages.ts";
export { AWAY, idWords, KNOWN, ServingStore, STALE, UNKNOWN } from "./store.ts";
