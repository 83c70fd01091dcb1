export { generateHeKey, type HeKeyOptions } from "./private-key.ts";
export { hePublicKeyFromBytes } from "./public-key.ts";
export type { HeKeyBits, HePrivateKey, HePublicKey, HeScheme } from "./types.ts";
export { sumOfAll, timesNumbers, WEIGHT_BITS, weightedSums } from "./weighted-sums.ts";
