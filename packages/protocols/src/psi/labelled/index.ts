/**
 * Labelled PSI: the receiver also gets columns of the sender's matched rows. It is VOLE-PSI with labels; goal, papers,
 * who learns what and the adversary are in ../vole/receiver.ts.
 */
export {
  asksOf,
  LABEL_BYTES_MAX,
  type Labels,
  labelledReceiver as receiver,
  labelledSender as sender,
  messages,
  messagesOf,
  type Received,
  trafficBytes,
  type VolePsiOptions,
} from "../vole/index.ts";
