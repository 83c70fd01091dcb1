/** Checks that several families share. */
import { TomboloError } from "@tombolo/base";

/** Of a linear predictor that is not in units of the label. */
export const OFFSET_MAX = 64;

export function requireFinite(labels: Float64Array): void {
  if (labels.some((label) => !Number.isFinite(label)))
    throw new TomboloError("input.label", "a label is missing or infinite", {
      remedy: "Leave out rows without a label, or choose another label or family.",
    });
}

export function requireOffsets(offsets: Float64Array | null): void {
  if (offsets?.some((offset) => !Number.isFinite(offset) || Math.abs(offset) > OFFSET_MAX) === true)
    throw new TomboloError("input.offset", `an offset is missing or larger than ${OFFSET_MAX}`, {
      remedy: "Give offsets on the scale of the linear predictor.",
    });
}
