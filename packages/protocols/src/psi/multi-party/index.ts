export { guest } from "./guest.ts";
export { host, type Others } from "./host.ts";
export { CHUNK_BYTES, guestMessages, hostMessages, messages } from "./messages.ts";
export type { MultiPartyOptions } from "./options.ts";
export { asksOf, guestTraffic, hostTraffic, PARTIES_MAX } from "./steps.ts";
