export { BASE_COUNT, baseOtMessages } from "./messages.ts";
export { type BaseOtOptions, type BaseOtReceiverPeer, baseOtReceiver } from "./receiver.ts";
export { type BaseOtSenderPeer, baseOtSender } from "./sender.ts";
export { KEY_BYTES } from "./steps.ts";
