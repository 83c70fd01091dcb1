export * from "./component-info.ts";
export * from "./flow.ts";
export * from "./parse.ts";
export * from "./problem.ts";
