export { guest, type Host, type Retrieve } from "./guest.ts";
export { host } from "./host.ts";
export { messages } from "./messages.ts";
