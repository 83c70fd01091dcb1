export { type ArbiterInput, arbitrate } from "./arbiter.ts";
export { type ArbiterCheckpoint, decodeArbiterCheckpoint, encodeArbiterCheckpoint } from "./checkpoint.ts";
export { type ArbiterGuestInput, trainWithArbiterGuest } from "./guest.ts";
export { trainWithArbiterHost } from "./host.ts";
export { arbiterMessages } from "./messages.ts";
export type { ArbiterOwnerInput, ArbiterTrained } from "./owner.ts";
export * from "./parameters.ts";
export type { ArbiterGuestPeer, ArbiterHostPeer, ToArbiterPeer, ToOwnerPeer } from "./peers.ts";
export { type ArbiterTwin, type ArbiterTwinInput, trainArbiterTwin } from "./twin.ts";
