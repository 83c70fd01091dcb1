export { askByRetrieval, guest, type HiddenOptions, IDS_MAX_HIDDEN } from "./guest.ts";
export { answerByTable, type HiddenAnswerOptions, host } from "./host.ts";
export { accompaniedMessages, handOutMessages, messages, serviceMessages, sessionMessages } from "./messages.ts";
export { entriesDatabase, entriesTable, keysOf } from "./steps.ts";
