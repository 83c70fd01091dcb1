export { type ClientOptions, type ClientResult, client } from "./client.ts";
export { INPUTS_MAX, messages } from "./messages.ts";
export { type ServerOptions, server } from "./server.ts";
export * from "./steps.ts";
