export * from "./link.ts";
export * from "./message.ts";
export * from "./peer.ts";
