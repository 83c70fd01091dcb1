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
}

const iteration = z.strictObject({
  iteration: z.int(),
  gradient: z.number(),
  lossChange: z.number(),
  weights: z.number(),
});
const stored = z.strictObject({
  run: z.string().regex(/^[0-9a-f]{32}$/),
  iterations: z.array(iteration).min(1),
  weights: z.string().regex(/^([0-9a-f]{16})*$/),
});

export const encodeCheckpoint = ({ run, iterations, weights }: Checkpoint): unknown => ({
  run,
  iterations,
  weights: toHex(new Uint8Array(weights.slice().buffer)),
});

/** Throws `input.checkpoint` for anything `encodeCheckpoint` did not make. */
export function decodeCheckpoint(value: unknown): Checkpoint {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh." });
  return { ...parsed.data, weights: new BigUint64Array(fromHex(parsed.data.weights).slice().buffer) };
}
