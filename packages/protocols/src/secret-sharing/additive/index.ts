export { Additive, additive, PARTIES_MAX, type Parties } from "./additive.ts";
export { type DryRun, dryAdditive, type PairCost } from "./dry.ts";
export { messages } from "./messages.ts";
export type { AdditivePeer } from "./pairs.ts";
