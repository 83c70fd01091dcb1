/** Lengths of vectors from their squares, which were opened or follow from what was. */
import { TomboloError } from "@tombolo/base";

/** Of squares that are about 1: what rounding may leave below 0. */
const ROUNDING = 2 ** -20;

/**
 * `about`: how large the numbers are that the square is a sum of. Throws `input.separable` for a square that is negative beyond
 * rounding, or no number: a word left its range.
 */
export function lengthOf(square: number, about = 1): number {
  if (square >= -ROUNDING * Math.max(1, about)) return Math.sqrt(Math.max(0, square));
  throw ranOff();
}

export const ranOff = (): TomboloError =>
  new TomboloError("input.separable", "the coefficients run off without an end", {
    remedy:
      "Some columns together tell all labels, or nearly: leave out what was known only afterwards, give an L2 penalty, or with SGD a smaller learning rate.",
  });

export const outOfRange = (): TomboloError =>
  new TomboloError(
    "input.range",
    "the fit of some rows is out of range: a mean or a label far over what the others have",
    {
      remedy: "Cap the label, leave out rows or columns with extreme values, or give a penalty.",
    },
  );
