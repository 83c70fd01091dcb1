export { type Cost, type DryRun, dryReplicated } from "./dry.ts";
export { messages } from "./messages.ts";
export { Replicated, replicated } from "./replicated.ts";
export type { Ring, Role } from "./wire.ts";
