export { type Database, type Description, makeDatabase, makeTable, type Table } from "./database.ts";
export { guest, Prepared, type Retrieve, receiveSetup, type Setup, type Source } from "./guest.ts";
export { HintProducts, hintlessMessages, WithoutHint } from "./hintless.ts";
export { host, sendSetup } from "./host.ts";
export {
  digestsOf,
  entryBytes,
  groupOf,
  type Layout,
  layoutFor,
  positionsOf,
  rowsOf,
  valueIn,
} from "./layout.ts";
export { DESCRIPTION_BYTES_MAX, description, messages, setupMessages } from "./messages.ts";
export { COLUMNS_MAX, COUNT_MAX, DIMENSION, KEY_BYTES, ROWS_MAX, SEED_BYTES, VALUE_BYTES_MAX } from "./parameters.ts";
