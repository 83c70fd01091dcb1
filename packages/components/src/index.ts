export * from "./component.ts";
