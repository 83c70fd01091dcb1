export { guest, type HiddenOptions, IDS_MAX_HIDDEN } from "./guest.ts";
export { type HiddenAnswerOptions, host } from "./host.ts";
export { messages } from "./messages.ts";
export { entriesDatabase, keysOf } from "./steps.ts";
