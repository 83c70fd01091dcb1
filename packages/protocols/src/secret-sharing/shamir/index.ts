export { messages } from "./messages.ts";
export { PARTIES_MAX, reconstruct, type Shares, type Sharing, signed } from "./polynomials.ts";
export {
  type DealtSum,
  dealSum,
  type OpenedSum,
  openSum,
  type SumInput,
  type SumParties,
  type SumPeer,
} from "./sum.ts";
export {
  addedCommitments,
  addedShares,
  type Commitments,
  type Dealt,
  deal,
  dealZeros,
  type Form,
  type VerifiableShares,
  verify,
} from "./verifiable.ts";
