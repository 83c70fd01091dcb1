export { ATTRIBUTES_MAX, type AttributeBounds, Figures, sensitivityOf } from "./figures.ts";
export { type GuestSums, guest } from "./guest.ts";
export { type HostSum, host } from "./host.ts";
export { messages } from "./messages.ts";
export { planSum, ROWS_MAX, type SumOptions } from "./options.ts";
export { trafficBytes } from "./steps.ts";
