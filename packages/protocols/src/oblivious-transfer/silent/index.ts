export { silentOtMessages } from "./messages.ts";
export { batchBytes, batchTraffic, DEPTH_MAX, DEPTH_MIN, Plan, setUpBytes, transfersOf } from "./parameters.ts";
export { type SilentReceiverPeer, silentOtReceiver } from "./receiver.ts";
export { type SilentSenderPeer, silentOtSender } from "./sender.ts";
export type { SilentOptions } from "./steps.ts";
