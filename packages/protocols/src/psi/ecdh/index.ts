export { guest, type HostPeer } from "./guest.ts";
export { type GuestPeer, host } from "./host.ts";
export { messages } from "./messages.ts";
export type { PsiOptions, PsiProgress, PsiResult } from "./options.ts";
export { ROWS_MAX, tagBytes, trafficBytes } from "./steps.ts";
