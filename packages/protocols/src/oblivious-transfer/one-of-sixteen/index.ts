export {
  correctionBytes,
  plant,
  prune,
  SEED_TRANSFERS,
  type SixteenReceiver,
  type SixteenSender,
  TREES_BYTES,
} from "./extension.ts";
export { chosenPads, DIGIT_TRANSFERS, keyWords, maskedDigits, tablePads } from "./steps.ts";
