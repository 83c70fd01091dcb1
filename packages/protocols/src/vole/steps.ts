/** What both sides of VOLE compute alike. */
import { concat, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations, sha256 } from "@tombolo/crypto";
import type { Parameters } from "./parameters.ts";
import type { TreeKeys } from "./trees.ts";

export interface VoleOptions {
  readonly secrets: Secrets;
  /** Separates several runs in one session; must differ between them. */
  readonly label: string;
  readonly adversary: "semi-honest" | "malicious";
}

export const LABEL = {
  session: utf8("tombolo/vole/1/session\0"),
  code: utf8("tombolo/vole/1/code\0"),
  transfers: utf8("tombolo/vole/1/transfers\0"),
  weights: utf8("tombolo/vole/1/weights\0"),
  proof: utf8("tombolo/vole/1/proof\0"),
} as const;

/** Public keys of one run. */
export interface Session extends TreeKeys {
  readonly id: Uint8Array;
}

export async function sessionOf(binding: Uint8Array, label: string): Promise<Session> {
  const id = await sha256(concat(LABEL.session, binding, utf8(label)));
  const key = async (purpose: Uint8Array) => (await sha256(concat(purpose, id))).slice(0, BLOCK_BYTES);
  return { id, salt: await key(LABEL.code), hash: await key(LABEL.transfers) };
}

/** Base VOLE: 128 transfers with choices x_b make one element, sum of x_b·X^b. */
export const compose = (blocks: Uint8Array, { baseCount }: Parameters): Promise<Uint8Array> =>
  correlations.gf128Compose(blocks.subarray(0, 128 * BLOCK_BYTES * baseCount));

export const elementAt = (elements: Uint8Array, i: number): Uint8Array =>
  elements.subarray(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1));

/** Weights of the check, which nobody knows before the sender's sums are fixed. */
export const weightsOf = async ({ id }: Session, sums: Uint8Array): Promise<Uint8Array> =>
  (await sha256(concat(LABEL.weights, id, sums))).slice(0, BLOCK_BYTES);

export const proofOf = ({ id }: Session, sum: Uint8Array): Promise<Uint8Array> => sha256(concat(LABEL.proof, id, sum));

export const refused = (what: string, party: string): TomboloError =>
  new TomboloError("protocol.vole", what, { stage: "vole", blame: party });
