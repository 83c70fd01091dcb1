export { guest, type TwoServerOptions } from "./guest.ts";
export { host, type OwnerOptions, sendCopy } from "./host.ts";
export { keeper, receiveCopy } from "./keeper.ts";
export { messages } from "./messages.ts";
