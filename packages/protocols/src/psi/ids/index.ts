export * from "./encode.ts";
export * from "./normalise.ts";
