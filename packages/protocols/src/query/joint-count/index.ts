export { type CountOptions, guest, type Host } from "./guest.ts";
export { host, type ListOptions } from "./host.ts";
export { HOSTS_MAX, messages } from "./messages.ts";
export { HOSTS_MAX_THRESHOLD, idPrefix, trafficBytes } from "./steps.ts";
