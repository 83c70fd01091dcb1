import { TomboloError } from "@tombolo/base";
import type { HePrivateKey } from "@tombolo/crypto";
import { planNoise } from "../../noise/index.ts";
import type { CountOptions } from "../cardinality/options.ts";
import { type AttributeBounds, Figures, sensitivityOf } from "./figures.ts";

/** The guest keeps a ciphertext of each of the host's rows until all are there. */
export const ROWS_MAX = 2 ** 20;
export const CHUNK_ROWS_MAX = 2048;
const CHUNK_ROWS = 512;
/** Bits by which a mask is longer than what it hides, beside one for each doubling of the host's rows. */
const MASK_BITS = 40;

/** The same at both parties, as for cardinality. */
export interface SumOptions extends CountOptions {
  readonly attributes: readonly AttributeBounds[];
  /** Whether the guest also gets the count; without it there are no averages. */
  readonly revealCount: boolean;
  /** Own Paillier key, made for this run alone; the partner's has as many bits. */
  readonly key: HePrivateKey;
}

export const sumChunkRows = ({ chunkRows = CHUNK_ROWS }: SumOptions): number => Math.min(chunkRows, CHUNK_ROWS_MAX);

export interface SumPlan {
  readonly figures: Figures;
  /** Of the count; without effect where it is not revealed. */
  readonly countNoise: ReturnType<typeof planNoise>[number];
  /** A mask is uniform below 2^maskBits. */
  readonly maskBits: number;
  /** No sum of masked rows reaches 2^totalBits. */
  readonly totalBits: number;
}

/** Rows include dummies. Throws `input.attributes` when all of it does not fit a plaintext. */
export function planSum(options: SumOptions, guestRows: number, hostRows: number): SumPlan {
  const { attributes, revealCount, noise, key } = options;
  const sensitivities = [...(revealCount ? [1n] : []), ...attributes.map(sensitivityOf)];
  const sources = planNoise(noise.kind, noise.epsilonMilli, sensitivities);
  const matchedMax = Math.max(1, Math.min(guestRows, hostRows));
  const figures = new Figures(attributes, revealCount ? sources.slice(1) : sources, matchedMax);
  const maskBits = figures.bits + MASK_BITS + Math.ceil(Math.log2(Math.max(1, hostRows)));
  const totalBits = maskBits + 1 + Math.ceil(Math.log2(matchedMax));
  if (totalBits >= key.publicKey.plaintextBits)
    throw new TomboloError("input.attributes", "so many attributes do not fit one ciphertext", {
      remedy: "Sum fewer attributes, or with closer bounds, or with a longer key.",
    });
  return { figures, countNoise: revealCount ? sources[0]! : { bound: 0n, draw: () => 0n }, maskBits, totalBits };
}
