/** How much noise which figure gets, so that all of them together keep to one epsilon. */
import { type Secrets, TomboloError } from "@tombolo/base";
import { discreteGaussian, discreteLaplace, type Fraction } from "./sample.ts";

export type NoiseKind = "none" | "laplace" | "gaussian";

export interface NoiseSource {
  /** Samples are within ±bound. */
  readonly bound: bigint;
  draw(secrets: Secrets): bigint;
}

/** Of "gaussian", beside what the cut at the bound adds. */
export const GAUSSIAN_DELTA = 2 ** -30;
export const EPSILON_MILLI_MAX = 100_000;
const SENSITIVITY_MAX = 2n ** 64n;
/** The cut's probability is 2^-TAIL_BITS for each sample at most. */
const TAIL_BITS = 41;
const VARIANCE_UNITS = 1_000_000;

/** `sensitivities[i]`: the most that one row changes figure i. */
export function planNoise(kind: NoiseKind, epsilonMilli: number, sensitivities: readonly bigint[]): NoiseSource[] {
  if (kind === "none") return sensitivities.map(() => ({ bound: 0n, draw: () => 0n }));
  if (!Number.isInteger(epsilonMilli) || epsilonMilli < 1 || epsilonMilli > EPSILON_MILLI_MAX)
    throw new TomboloError("input.epsilon", `epsilon is 0.001 to ${EPSILON_MILLI_MAX / 1000}, in steps of 0.001`);
  if (sensitivities.some((sensitivity) => sensitivity < 1n || sensitivity > SENSITIVITY_MAX))
    throw new TomboloError("input.sensitivity", "a figure's bound is zero or too large for noise");
  const figures = sensitivities.length;
  return sensitivities.map((sensitivity) =>
    kind === "laplace" ? laplace(sensitivity, epsilonMilli, figures) : gaussian(sensitivity, epsilonMilli, figures),
  );
}

function laplace(sensitivity: bigint, epsilonMilli: number, figures: number): NoiseSource {
  // scale = sensitivity / (epsilon / figures)
  const scale = { numerator: sensitivity * 1000n * BigInt(figures), denominator: BigInt(epsilonMilli) };
  // P(|x| > bound) < exp(-bound / scale); ln 2 < 0.694
  const bound = (scale.numerator * BigInt(TAIL_BITS) * 694n) / (scale.denominator * 1000n) + 1n;
  return { bound, draw: (secrets) => cut(discreteLaplace(scale, secrets), bound) };
}

/** Discrete Gaussian noise is sensitivity^2 / (2·variance)-zCDP (theorem 4), which is (epsilon, delta)-private (lemma 3.5). */
function gaussian(sensitivity: bigint, epsilonMilli: number, figures: number): NoiseSource {
  const tail = Math.log(1 / GAUSSIAN_DELTA);
  const rho = (Math.sqrt(tail + epsilonMilli / 1000) - Math.sqrt(tail)) ** 2 / figures;
  const units = BigInt(Math.ceil((VARIANCE_UNITS / (2 * rho)) * (1 + 2 ** -40)));
  const variance: Fraction = { numerator: sensitivity * sensitivity * units, denominator: BigInt(VARIANCE_UNITS) };
  // P(|x| > k·sigma) < 2·exp(-k^2 / 2): k = 8 gives 2^-45
  const deviation = BigInt(Math.ceil(Math.sqrt(Number(units) / VARIANCE_UNITS) * 1000)) * sensitivity;
  const bound = (8n * deviation) / 1000n + 1n;
  return { bound, draw: (secrets) => cut(discreteGaussian(variance, secrets), bound) };
}

function cut(value: bigint, bound: bigint): bigint {
  if (value > bound) return bound;
  return value < -bound ? -bound : value;
}
