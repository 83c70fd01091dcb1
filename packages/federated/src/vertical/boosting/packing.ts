/** How gradients of one tree share plaintexts; both sides derive it from public figures. */
import { GradientPacking, type HePublicKey } from "@tombolo/crypto";
import { gradientBounds } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";

/** `sampled` is the number of rows whose gradients count in the tree. */
export function planPacking(parameters: BoostingParameters, sampled: number, key: HePublicKey): GradientPacking {
  const bounds = gradientBounds(parameters, sampled);
  return GradientPacking.plan({
    rowCountMax: sampled,
    gBound: bounds.g,
    hBound: bounds.h,
    fractionBits: 0,
    plaintextBits: key.plaintextBits,
  });
}
