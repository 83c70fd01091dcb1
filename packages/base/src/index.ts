export * from "./attempts.ts";
export * from "./bytes.ts";
export * from "./canonical-json.ts";
export * from "./columns.ts";
export * from "./csv.ts";
export * from "./errors.ts";
export * from "./randomness.ts";
export * from "./text.ts";
