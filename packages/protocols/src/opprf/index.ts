export { CHUNK_BYTES, hintMessages, oprfMessages } from "./messages.ts";
export { type HintReceiverPeer, type OprfReceiverPeer, oprfReceiver, receiveHints } from "./receiver.ts";
export { type HintSenderPeer, type OprfSenderPeer, oprfSender, sendHints } from "./sender.ts";
export {
  addBlocks,
  collect,
  cut,
  evaluateTable,
  forDecoding,
  hintBytes,
  ITEMS_MAX,
  type OprfOptions,
  oprfBytes,
} from "./steps.ts";
