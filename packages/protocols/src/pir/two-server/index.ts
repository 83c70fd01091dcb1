export { guest, type Host, type Retrieve } from "./guest.ts";
export { answerTo, host } from "./host.ts";
export { messages } from "./messages.ts";
