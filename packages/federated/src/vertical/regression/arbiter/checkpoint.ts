/** What a later attempt goes on from: own weights after an epoch. */
import { TomboloError } from "@tombolo/base";
import * as z from "zod";
import type { OwnState } from "./descent.ts";
import { EPOCHS_MAX } from "./parameters.ts";

export interface ArbiterCheckpoint {
  /** Random, of the training. */
  readonly run: string;
  readonly state: OwnState;
}

const numbers = z.array(z.number());
const stored = z.strictObject({
  run: z.string().regex(/^[0-9a-f]{32}$/),
  gradients: numbers.min(1).max(EPOCHS_MAX),
  weights: numbers,
  velocity: numbers,
  mean: numbers,
});

export const encodeArbiterCheckpoint = ({ run, state }: ArbiterCheckpoint): unknown => ({
  run,
  gradients: state.gradients,
  weights: [...state.weights],
  velocity: [...state.velocity],
  mean: [...state.mean],
});

/** Throws `input.checkpoint` for anything `encodeArbiterCheckpoint` did not make. */
export function decodeArbiterCheckpoint(value: unknown): ArbiterCheckpoint {
  const parsed = stored.safeParse(value);
  const lengths = parsed.success ? [parsed.data.weights, parsed.data.velocity, parsed.data.mean] : [];
  if (!parsed.success || new Set(lengths.map(({ length }) => length)).size !== 1)
    throw new TomboloError("input.checkpoint", "the checkpoint is damaged", { remedy: "Start the training afresh." });
  const { run, gradients, weights, velocity, mean } = parsed.data;
  const [own, last, average] = [weights, velocity, mean].map((each) => Float64Array.from(each));
  return { run, state: { weights: own!, velocity: last!, mean: average!, gradients } };
}
