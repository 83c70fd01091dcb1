/** How far predictions are from labels as a distribution measures it whose variance goes with a power of the mean. */
import { TomboloError } from "@tombolo/base";
import { checkPairs, mean } from "./checks.ts";

export interface DevianceFigures {
  /** 1: Poisson, 2: Gamma, between them Tweedie. */
  readonly power: number;
  /** Of a row, at least 0. */
  readonly mean: number;
  /** D²: 1 - deviance / that of the mean label for all rows, at most 1; null when all labels are equal. */
  readonly explained: number | null;
}

/** `power` 1 to 2. Throws `input.label`, `input.score` for labels or predictions out of the distribution's range. */
export function devianceFigures(actual: Float64Array, predicted: Float64Array, power: number): DevianceFigures {
  checkPairs(actual, predicted);
  if (actual.some((label) => label < 0 || (power === 2 && label === 0)))
    throw new TomboloError("input.label", "a label is out of the distribution's range", {
      remedy: "Evaluate without this distribution, or leave those rows out.",
    });
  if (predicted.some((value) => !(value > 0)))
    throw new TomboloError("input.score", "a prediction is not above 0", {
      remedy: "Evaluate predictions of a model with a log link.",
    });
  const meanOf = (at: (row: number) => number): number =>
    actual.reduce((sum, label, row) => sum + rowDeviance(label, at(row), power), 0) / actual.length;
  const centre = mean(actual);
  const own = meanOf((row) => predicted[row]!);
  const constant = centre > 0 ? meanOf(() => centre) : 0;
  const equal = actual.every((label) => label === actual[0]);
  return { power, mean: own, explained: equal ? null : 1 - own / constant };
}

/** Jørgensen, "The Theory of Dispersion Models", 1997. */
function rowDeviance(y: number, m: number, power: number): number {
  if (power === 1) return 2 * ((y === 0 ? 0 : y * Math.log(y / m)) - y + m);
  if (power === 2) return 2 * (Math.log(m / y) + y / m - 1);
  const [first, second] = [1 - power, 2 - power];
  return 2 * (y ** second / (first * second) - (y * m ** first) / first + m ** second / second);
}
