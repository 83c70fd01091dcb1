export { voleMessages } from "./messages.ts";
export { COUNT_MAX, DIRECT_MAX, type Parameters, parametersOf, voleBytes } from "./parameters.ts";
export { type VoleReceived, type VoleReceiverPeer, voleReceiver } from "./receiver.ts";
export { type VoleSenderPeer, type VoleSent, voleSender } from "./sender.ts";
export type { VoleOptions } from "./steps.ts";
