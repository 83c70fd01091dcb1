export { chosenPads, DIGIT_TRANSFERS, keyWords, maskedDigits, tablePads } from "./steps.ts";
