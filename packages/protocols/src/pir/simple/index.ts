export { type Database, type Description, makeDatabase } from "./database.ts";
export { guest, Prepared, type Retrieve, receiveSetup, type Setup } from "./guest.ts";
export { host, sendSetup } from "./host.ts";
export { entryBytes, type Layout, layoutFor, rowsOf } from "./layout.ts";
export { messages, setupMessages } from "./messages.ts";
export { DIMENSION, KEY_BYTES, VALUE_BYTES_MAX } from "./parameters.ts";
