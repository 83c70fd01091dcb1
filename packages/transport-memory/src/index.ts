export * from "./memory-network.ts";
export * from "./tamper-frame.ts";
