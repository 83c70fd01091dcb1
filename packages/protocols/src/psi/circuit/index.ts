export { NO_ROW } from "./cuckoo.ts";
export { messages } from "./messages.ts";
export {
  type ReceiverPeer,
  type ReceiverShares,
  type ReceiverTable,
  receiver,
  receiverTable,
  tableReceiver,
} from "./receiver.ts";
export { type SenderPeer, type SenderShares, sender } from "./sender.ts";
export { type CircuitOptions, ROWS_MAX, shapeOf, trafficBytes, WORDS_MAX } from "./steps.ts";
