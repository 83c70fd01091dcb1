export { silentOtMessages } from "./messages.ts";
export { batchBytes, DEPTH_MAX, DEPTH_MIN, setUpBytes, transfersOf } from "./parameters.ts";
export { type SilentReceiverPeer, silentOtReceiver } from "./receiver.ts";
export { type SilentSenderPeer, silentOtSender } from "./sender.ts";
export type { SilentOptions } from "./steps.ts";
