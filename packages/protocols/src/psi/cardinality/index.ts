export { type GuestCount, guest } from "./guest.ts";
export { type HostCount, host } from "./host.ts";
export { messages } from "./messages.ts";
export { type CountOptions, type CountProgress, ID_DIGEST_BYTES, ROWS_MAX } from "./options.ts";
export { dummyPlan, trafficBytes } from "./steps.ts";
