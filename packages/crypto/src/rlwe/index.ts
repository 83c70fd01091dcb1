export * from "./ciphertexts.ts";
export { type GaloisKey, type RlwePublicKey, RlweSecretKey } from "./keys.ts";
export * from "./noise.ts";
export * from "./packing.ts";
export { ERROR_MAX, type RlweName, type RlweParameters, requireSecure, rlweParameters } from "./parameters.ts";
export * from "./public.ts";
export * from "./releasing.ts";
export { type Rlwe, rlwe } from "./ring.ts";
export {
  answerSlots,
  type Shares,
  SLOT_PLACES,
  SLOT_PRIMES,
  SLOTS,
  SLOTS_LEVEL,
  SLOTS_PRODUCT,
  slotsFloodBits,
  slotsRing,
} from "./slots.ts";
export * from "./sums.ts";
export * from "./wire.ts";
