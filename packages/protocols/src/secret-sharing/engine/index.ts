export type { Backend } from "../backend.ts";
export { dryRun } from "./dry-run.ts";
export { Engine, type EngineOptions, type InputOptions } from "./engine.ts";
export { type Largest, largest } from "./largest.ts";
export type { Public } from "./local.ts";
export { type GroupSums, groupSum, type Sorted, shuffle, sort } from "./sorting.ts";
export type { Fixed, Flags, Integers, NumberKind, Numbers, Shape } from "./values.ts";
