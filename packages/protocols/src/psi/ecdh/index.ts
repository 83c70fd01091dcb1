export { guest, type HostPeer } from "./guest.ts";
export { type GuestPeer, host } from "./host.ts";
export { messages, pairMessages } from "./messages.ts";
export type { PsiOptions, PsiProgress, PsiResult } from "./options.ts";
export { type PairOptions, pairTrafficBytes, type ReceiverLink, type SenderLink } from "./pair.ts";
export { receiver } from "./receiver.ts";
export { sender } from "./sender.ts";
export { ROWS_MAX, tagBytes, trafficBytes } from "./steps.ts";
export { SUITE_NAMES, type SuiteName } from "./suites.ts";
