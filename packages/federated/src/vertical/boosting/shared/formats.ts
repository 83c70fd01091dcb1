/**
 * How numbers lie in words of 64 bits at level `shared`: from rows and parameters alone, the same at both parties and in the twin.
 *
 * Margins, gradients, second derivatives and lambda are whole multiples of 2^-16, and sums of them exact. A sum of gradients G is cut to
 * 30 bits, its square to 40. Of H + lambda, W bits wide, the score of a node is
 *
 *   C = floor(floor(G^2)·(1/v) / 2^20)·factor,  (H + lambda)·factor = v·2^W          about G^2·2^W / (H + lambda)
 *
 * with 1/v rounded down (`flooredInverse`): within 2^-17 of the exact value, and 2^-40 of the largest square that so many rows can have. It says whether a split gains enough.
 *
 * Which of a node's splits gains most is told without any reciprocal. With A = H_l + lambda, B = H_r + lambda, S = A + B, what a split adds to G^2 / S is
 *
 *   G_l^2 / A + G_r^2 / B - G^2 / S = (G_l·S - G·A)^2 / (A·B·S)
 *
 * one fraction in place of three that nearly cancel, and S is the same for all: so (G_l·S - G·A)^2 / (A·B) is compared, by cross products. A and S are brought to
 * 28 bits by the factor of S's leading bit, the square is cut to 37 and A·B to 24: off by 2^-37 of the largest square that so many rows can have, and by 2^-24·S^2 / (4·A·B) of itself.
 *
 * That is what "enough bits" is here: fractions compared exactly want some 180 bits, words have 64, and float32, in which XGBoost compares gains, is off by 2^-23 of each of
 * three terms. What differs by less than this counts as the twin counts it, digit for digit, ties included.
 */
import { TomboloError } from "@tombolo/base";
import type { FlooredRange } from "@tombolo/protocols/secret-sharing/functions";
import type { BoostingParameters } from "../parameters.ts";
import type { SharedObjective } from "./parameters.ts";

export const UNIT_BITS = 16;
export const UNIT = 2 ** UNIT_BITS;
/** Margins before the first tree are cut off here: probabilities of 10^-7. */
export const BASE_MOST = 16;
/** Of a leaf before the learning rate; of numbers in the scale in which no label is further than 1 from the base. */
export const STEP_MOST = { binary: 16, regression: 2 } as const;
/** Rows of a node are counted in the same word as their second derivatives, from this bit on. */
export const COUNT_SHIFT = 40;
const SUM_BITS = 30;
const SQUARE_BITS = 40;
const FACTOR_BITS = 18;
/** Of H + 2·lambda where gains are compared, and of both sides of their fractions. */
const NODE_BITS = 28;
const NUMERATOR_BITS = 37;
const DENOMINATOR_BITS = 24;
/** Of cross products, with their sign. */
export const CROSS_BITS = NUMERATOR_BITS + DENOMINATOR_BITS + 2;
/** Scores and what is added to them are below 2 to it. */
export const SCORE_BITS = 60;
const GAIN_BITS = SCORE_BITS - 2;
/** XGBoost's kRtEps: a gain below is noise. */
const GAIN_LEAST = 1e-6;

export interface Formats {
  readonly objective: SharedObjective;
  readonly rows: number;
  /** All rows have the same second derivative, 1. */
  readonly alike: boolean;
  /** Bits of a margin with its sign. */
  readonly marginBits: number;
  /** Low bits cut from sums of gradients, and from squares of what is left. */
  readonly gCut: number;
  readonly squareCut: number;
  /** Of H + lambda. */
  readonly range: FlooredRange;
  readonly lambda: bigint;
  /** H + 2·lambda: its range; of it times the factor of its leading bit the low bits that are cut, and those that are left. */
  readonly node: { readonly range: FlooredRange; readonly cut: number; readonly bits: number };
  /** Low bits cut from both sides of a gain. */
  readonly gainCuts: { readonly numerator: number; readonly denominator: number };
  /** Least rows, and least sum of second derivatives, of a child. */
  readonly rowsLeast: bigint;
  readonly hLeast: bigint;
  /** Bits, with their sign, of what they are compared with less them. */
  readonly rowBits: number;
  readonly hBits: number;
  /** A gain of 1 in units of scores. */
  readonly gainUnit: number;
  /** Steps of leaves: units of 1, and the learning rate with 16 fraction bits. */
  readonly stepBits: number;
  readonly stepMost: bigint;
  readonly rate: bigint;
}

const bitsOf = (value: number): number => Math.ceil(Math.log2(value + 1));

/** `weightBits`: of the largest weight of a row, null where all count alike. Throws `input.parameter` where children may be so light that scores leave the words. */
export function formatsOf(
  parameters: BoostingParameters & { readonly objective: SharedObjective },
  rows: number,
  weightBits: number | null,
): Formats {
  const { objective, trees, learningRate, lambda, minChildWeight, minimumRows } = parameters;
  const stepMost = STEP_MOST[objective];
  const marginMost = (objective === "binary" ? BASE_MOST : 0) + trees * (learningRate * stepMost + 2 / UNIT);
  const gradientMost = objective === "binary" ? 1 : 1 + marginMost;
  const alike = objective === "regression" && weightBits === null;
  const weighed = rows * 2 ** (weightBits ?? 0);
  const gBits = bitsOf(weighed * gradientMost * UNIT);
  const gCut = Math.max(0, gBits - SUM_BITS);
  const squareCut = Math.max(0, 2 * (gBits - gCut) - SQUARE_BITS);
  const least = alike ? Math.max(minChildWeight, minimumRows) : minChildWeight;
  const hMost = weighed * (objective === "binary" ? 1 / 4 : 1);
  const range = rangeOf((hMost + lambda) * UNIT, (least + lambda) * UNIT);
  const stepBits = range.width - gCut;
  const node = nodeOf((hMost + 2 * lambda) * UNIT, range);
  const gainCuts = {
    numerator: Math.max(0, 2 * (gBits - gCut) - NUMERATOR_BITS),
    denominator: Math.max(0, 2 * node.bits - 2 - DENOMINATOR_BITS),
  };
  return {
    objective,
    rows,
    alike,
    marginBits: bitsOf(marginMost * UNIT) + 2,
    gCut,
    squareCut,
    range,
    lambda: BigInt(Math.round(lambda * UNIT)),
    node,
    gainCuts,
    rowsLeast: BigInt(minimumRows),
    hLeast: BigInt(Math.ceil(minChildWeight * UNIT)),
    rowBits: bitsOf(Math.max(rows, minimumRows)) + 2,
    hBits: Math.max(range.width, bitsOf(minChildWeight * UNIT)) + 2,
    gainUnit: 2 ** (range.width + UNIT_BITS - squareCut - 2 * gCut),
    stepBits,
    stepMost: BigInt(stepMost) << BigInt(stepBits),
    rate: BigInt(Math.max(1, Math.round(learningRate * UNIT))),
  };
}

function nodeOf(most: number, { lowest }: FlooredRange): Formats["node"] {
  const width = bitsOf(most);
  const bits = Math.min(NODE_BITS, width);
  return { range: { width, lowest: Math.min(lowest, width - 1) }, cut: width - bits, bits };
}

function rangeOf(most: number, least: number): FlooredRange {
  const width = bitsOf(most);
  const lowest = Math.min(width - 1, Math.floor(Math.log2(Math.max(least, 1))));
  const needed = 2 ** (width - 1 - FACTOR_BITS);
  if (least >= 1 && width <= COUNT_SHIFT && lowest >= width - 1 - FACTOR_BITS) return { width, lowest };
  throw new TomboloError("input.parameter", "children of so many rows may be too light for level shared", {
    remedy:
      width > COUNT_SHIFT
        ? "Train on fewer rows, or with a smaller lambda or weights of rows."
        : `Set minChildWeight so that it is, with lambda, ${Number((Math.max(needed, 1) / UNIT).toPrecision(6))} or more.`,
  });
}

/** What a split has to gain, in units of scores; `scale`: of labels. At the guest. */
export const gainLeast = ({ gainUnit }: Formats, gamma: number, scale: number): bigint =>
  BigInt(Math.round(Math.min(2 ** GAIN_BITS, Math.max(1, gainUnit * Math.max(GAIN_LEAST, gamma / scale / scale)))));
