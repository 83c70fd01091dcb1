/** What a later attempt goes on from: own shares of the weights after a step, which say nothing alone. */
import { fromHex, TomboloError, toHex } from "@tombolo/base";
import * as z from "zod";
import type { Iteration } from "./quasi-newton.ts";

export interface Checkpoint {
  /** Random, of the training. */
  readonly run: string;
  readonly iterations: readonly Iteration[];
  /** Own shares. */
  readonly weights: BigUint64Array;
  /** What the solver goes on with beside them (sgd.ts): own shares of vectors of as many words. Checkpoints of earlier versions have none. */
  readonly memory: readonly KeptVector[];
}

export interface KeptVector {
  readonly shares: BigUint64Array;
  readonly fraction: number;
}

/** Vectors: of the best epoch, and Adam's two. */
const MEMORY_MAX = 3;

const iteration = z.strictObject({
  iteration: z.int(),
  gradient: z.number(),
  lossChange: z.number(),
  weights: z.number(),
  validation: z.number().optional(),
});
const words = z.string().regex(/^([0-9a-f]{16})*$/);
const stored = z.strictObject({
  run: z.string().regex(/^[0-9a-f]{32}$/),
  iterations: z.array(iteration).min(1),
  weights: words,
  memory: z
    .array(z.strictObject({ shares: words, fraction: z.int().min(0).max(61) }))
    .max(MEMORY_MAX)
    .default([]),
});

export const encodeCheckpoint = ({ run, iterations, weights, memory }: Checkpoint): unknown => ({
  run,
  iterations,
  weights: hexOf(weights),
  memory: memory.map(({ shares, fraction }) => ({ shares: hexOf(shares), fraction })),
});

/** Throws `input.checkpoint` for anything `encodeCheckpoint` did not make. */
export function decodeCheckpoint(value: unknown): Checkpoint {
  const parsed = stored.safeParse(value);
  if (!parsed.success || parsed.data.memory.some(({ shares }) => shares.length !== parsed.data.weights.length))
    throw new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh." });
  const { memory, weights, ...rest } = parsed.data;
  const kept = memory.map(({ shares, fraction }) => ({ shares: sharesIn(shares), fraction }));
  return { ...rest, weights: sharesIn(weights), memory: kept };
}

const hexOf = (words: BigUint64Array): string => toHex(new Uint8Array(words.slice().buffer));
const sharesIn = (hex: string): BigUint64Array => new BigUint64Array(fromHex(hex).slice().buffer);
