export { type ChosenOptions, guest } from "./guest.ts";
export { host, type SmallTable } from "./host.ts";
export { IDS_MAX_CHOSEN, messages } from "./messages.ts";
export { idPrefix } from "./steps.ts";
