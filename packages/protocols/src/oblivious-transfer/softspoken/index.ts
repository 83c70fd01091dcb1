export { otMessages } from "./messages.ts";
export type { OtOptions } from "./options.ts";
export {
  type BulkReceived,
  type CorrelatedReceived,
  correlatedOtReceiver,
  type OtReceiver,
  type OtReceiverPeer,
  otReceiver,
  type RandomReceived,
  randomOtReceiver,
} from "./receiver.ts";
export {
  type CorrelatedSent,
  correlatedOtSender,
  type OtSender,
  type OtSenderPeer,
  otSender,
  type RandomSent,
  randomOtSender,
} from "./sender.ts";
export { BATCH_OTS, COUNT_MAX } from "./steps.ts";
