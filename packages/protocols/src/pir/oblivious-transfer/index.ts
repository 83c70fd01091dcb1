export { type ChooseOptions, guest } from "./guest.ts";
export { host } from "./host.ts";
export { messages, ROWS_MAX, TABLE_BYTES_MAX } from "./messages.ts";
