export * from "./plan.ts";
export * from "./sample.ts";
