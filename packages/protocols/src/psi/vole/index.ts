export { CHUNK_BYTES, LABEL_BYTES_MAX, psiMessages, type Terms } from "./messages.ts";
export type { ReceiveVole, SendVole, VolePsiOptions } from "./options.ts";
export { type Received, type ReceiverPeer, receive } from "./receiver.ts";
export { labelledReceiver, labelledSender, messages, messagesOf, receiver, sender } from "./run.ts";
export { type Labels, type SenderPeer, send } from "./sender.ts";
export {
  asksOf,
  ROWS_MAX,
  receiverRowsBound,
  SETTINGS,
  type SettingName,
  type Sizes,
  shapeOf,
  tagBytes,
  trafficBytes,
} from "./steps.ts";
