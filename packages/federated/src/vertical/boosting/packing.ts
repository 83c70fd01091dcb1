/** How gradients of one tree share plaintexts; both sides derive it from public figures. */
import { GradientPacking, type HePublicKey } from "@tombolo/crypto";
import { fractionBits } from "./objective.ts";
import type { Objective } from "./parameters.ts";

/**
 * Bounds of the quantised integers: |g| <= 1 or a regression's scaled residual, h <= 1/4 or exactly 1. `sampled` is the
 * number of rows whose gradients count in the tree.
 */
export function planPacking(objective: Objective, sampled: number, key: HePublicKey): GradientPacking {
  const bits = fractionBits(objective, sampled);
  return GradientPacking.plan({
    rowCountMax: sampled,
    gBound: 2 ** bits,
    hBound: objective === "binary" ? 2 ** (bits - 2) : 1,
    fractionBits: 0,
    plaintextBits: key.plaintextBits,
  });
}
