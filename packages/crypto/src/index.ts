export * from "./blocks.ts";
export * from "./commitments.ts";
export * from "./groups.ts";
export * from "./hashing.ts";
export * from "./he/index.ts";
export * from "./ids.ts";
export * from "./okvs/index.ts";
export * from "./packing.ts";
