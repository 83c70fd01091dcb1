export * from "./ciphertexts.ts";
export { type GaloisKey, type RlwePublicKey, RlweSecretKey } from "./keys.ts";
export * from "./noise.ts";
export * from "./packing.ts";
export { ERROR_MAX, type RlweName, type RlweParameters, requireSecure, rlweParameters } from "./parameters.ts";
export * from "./public.ts";
export * from "./releasing.ts";
export { type Rlwe, rlwe } from "./ring.ts";
export * from "./wire.ts";
