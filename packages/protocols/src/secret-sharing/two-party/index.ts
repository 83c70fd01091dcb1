export { type Counts, difference, type ProductSource, type Squares, type Triples } from "./correlations.ts";
export { type Cost, type DryRun, dryTwoParty, type MessageCost } from "./dry.ts";
export { messages } from "./messages.ts";
export { sharesOf, wordsOfShares } from "./shares.ts";
export type { Link } from "./transfers.ts";
export { TwoParty, type TwoPartyOptions, twoParty } from "./two-party.ts";
export type { Role, TwoPartyPeer, Wire } from "./wire.ts";
