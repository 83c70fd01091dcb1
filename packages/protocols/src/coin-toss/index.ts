export { hub } from "./hub.ts";
export { leaf } from "./leaf.ts";
export { commitment, messages, opening, type Placed, placedList } from "./messages.ts";
export * from "./steps.ts";
