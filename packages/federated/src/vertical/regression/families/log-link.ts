/**
 * Counts and amounts: mean m = e^z, variance in proportion to m^power. Power 1: Poisson, 2: Gamma, between them: Tweedie, which is
 * a sum of a Poisson number of Gamma amounts.
 *
 * Residuals are m^(2-power) - y·m^(1-power), up to a factor of the power's and the units'. The guest divides labels by their mean
 * first, so that 0 is the fit of the intercept alone. All of them are made of e^x alone:
 *   Poisson  e^z - y
 *   Gamma    1 - e^(l - z)                     l = ln y: the guest's own to take
 *   Tweedie  e^((2-p)·z) - e^(l + (1-p)·z)     l far below 0 where y is 0
 *
 * An exponent beyond EXPONENT_MAX counts as that. So residuals are bounded row by row, and what is minimised stays convex: its
 * loss goes on straight from there. Training ends by name if any row is there at the end, since the fit would be another one.
 */
import { TomboloError } from "@tombolo/base";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { exp } from "@tombolo/protocols/secret-sharing/functions";
import {
  type ClearRows,
  type Curvature,
  EXPONENT_MAX,
  type FamilyRules,
  type PreparedRows,
  rowByRow,
  type ScalarRules,
} from "./family.ts";
import { requireFinite, requireOffsets } from "./labels.ts";

/** Of a count over the mean. */
const COUNT_MAX = 4096;
/** What a label of 0 has for its logarithm: e^(l + (1-p)·z) is 0 for any z that is not out of range. */
const NONE = -128;
/** Logarithms of labels, of their mean and of offsets together. */
const LOGARITHM_MAX = 512;
const AMOUNT_MAX = 1e40;
const CURVE_STEP_MAX = 2;
/** e^EXPONENT_MAX and the rounding of e^x. */
const POWER_MAX = Math.exp(EXPONENT_MAX) + 1;

type Exponents = Pick<FamilyRules, "exponents" | "plainExponents">;
/** How residuals follow from powers of e, and what is shared for a label y over its mean. */
interface Kind extends Exponents {
  readonly power: number;
  readonly zeros: boolean;
  readonly labelMax: number;
  label(y: number): number;
  combine(me: Engine, powers: readonly Fixed[], labels: Fixed): Fixed;
  combinePlain(powers: readonly number[], label: number): number;
}

const POISSON: Kind = {
  power: 1,
  zeros: true,
  labelMax: COUNT_MAX,
  label: (y) => y,
  exponents: async (_, z) => [z],
  plainExponents: (z) => [z],
  combine: (me, [mean], labels) => me.sub(mean!, labels),
  combinePlain: ([mean], label) => mean! - label,
};

const GAMMA: Kind = {
  power: 2,
  zeros: false,
  labelMax: LOGARITHM_MAX,
  label: Math.log,
  exponents: async (me, z, labels) => [me.sub(labels, z)],
  plainExponents: (z, label) => [label - z],
  combine: (me, [ratio]) => me.add(me.neg(ratio!), 1),
  combinePlain: ([ratio]) => 1 - ratio!,
};

const tweedieOf = (power: number): Kind => ({
  power,
  zeros: true,
  labelMax: LOGARITHM_MAX,
  label: (y) => (y === 0 ? NONE : Math.log(y)),
  exponents: async (me, z, labels) => [await me.mul(z, 2 - power), me.add(await me.mul(z, 1 - power), labels)],
  plainExponents: (z, label) => [(2 - power) * z, (1 - power) * z + label],
  combine: (me, [first, second]) => me.sub(first!, second!),
  combinePlain: ([first, second]) => first! - second!,
});

const powerOf = (exponent: number): number => Math.exp(Math.min(EXPONENT_MAX, exponent));

const plainResidualOf =
  (kind: Kind) =>
  (z: number, label: number): number =>
    kind.combinePlain(kind.plainExponents(z, label).map(powerOf), label);

function rulesOf(kind: Kind): ScalarRules {
  return {
    outputs: 1,
    curvature: curvatureOf(kind),
    scaled: false,
    firstStep: 0.5,
    stepMax: CURVE_STEP_MAX,
    mean: Math.exp,
    predictor: (mean) => (mean <= 0 ? -Infinity : Math.log(mean)),
    prepare: (rows, { intercept }) => prepared(kind, rows, intercept),
    labelMax: () => kind.labelMax,
    // A mean of 1 of counts up to the largest: the root of their mean square is at most the root of that.
    residualBounds: () =>
      kind === POISSON
        ? { each: POWER_MAX + COUNT_MAX, rms: POWER_MAX + Math.sqrt(COUNT_MAX) }
        : { each: POWER_MAX, rms: POWER_MAX },
    async residuals(me, predictors, labels) {
      const exponents = await kind.exponents(me, predictors, labels);
      const powers = await exp(me, me.concat(exponents), { most: EXPONENT_MAX });
      const rows = predictors.words.length;
      const each = exponents.map((_, i) =>
        me.pick(
          powers,
          Uint32Array.from({ length: rows }, (_, row) => i * rows + row),
        ),
      );
      return kind.combine(me, each, labels);
    },
    plainResiduals: rowByRow(plainResidualOf(kind)),
    exponents: kind.exponents,
    plainExponents: kind.plainExponents,
  };
}

/** Beyond it a Pearson residual counts as that, where the mean is e^(-2·4/(2-p)) of the others' or less. */
const PEARSON_MAX = 4;

/** m^(2-power), which residuals take too, and is 1 of Gamma. */
function curvatureOf(kind: Kind): Curvature {
  const common = { counted: kind === POISSON, wide: kind !== GAMMA };
  const plainResidual = plainResidualOf(kind);
  const residuals = async (me: Engine, predictors: Fixed, labels: Fixed): Promise<Fixed> => {
    const powers = await Promise.all(
      (await kind.exponents(me, predictors, labels)).map((each) => exp(me, each, { most: EXPONENT_MAX })),
    );
    return kind.combine(me, powers, labels);
  };
  if (kind === GAMMA)
    return {
      ...common,
      most: 1,
      rows: async () => null,
      plainRow: () => 1,
      dispersion: { inUnits: false, unitPower: 0, most: null, residuals, plainResidual },
    };
  const power = (me: Engine, z: Fixed): Promise<Fixed> | Fixed => (kind === POISSON ? z : me.mul(z, 2 - kind.power));
  return {
    ...common,
    most: 2 ** Math.ceil(Math.log2(POWER_MAX)),
    rows: async (me, predictors) => exp(me, await power(me, predictors), { most: EXPONENT_MAX }),
    plainRow: (z) => powerOf((2 - kind.power) * z),
    dispersion:
      kind === POISSON
        ? null
        : {
            inUnits: false,
            unitPower: 2 - kind.power,
            most: null,
            // (y - m) / m^(p/2) is the residual over the root of m^(2-p).
            async residuals(me, predictors, labels) {
              const root = await exp(me, await me.mul(predictors, (kind.power - 2) / 2), { most: PEARSON_MAX });
              return me.mul(await residuals(me, predictors, labels), root);
            },
            plainResidual: (z, label) =>
              plainResidual(z, label) * Math.exp(Math.min(PEARSON_MAX, ((kind.power - 2) / 2) * z)),
          },
  };
}

export const poisson = rulesOf(POISSON);
export const gamma = rulesOf(GAMMA);
export const tweedie = (power: number): ScalarRules => rulesOf(tweedieOf(power));

/** Labels over their mean, offsets with 0 for the logarithm of their mean. */
function prepared(kind: Kind, { labels, weights, offsets: given }: ClearRows, intercept: boolean): PreparedRows {
  requireOffsets(given);
  checkLabels(kind, labels);
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  const mean = (value: (row: number) => number): number =>
    labels.reduce((sum, _, row) => sum + (weightOf(row) === 0 ? 0 : weightOf(row) * value(row)), 0) / labels.length;
  const shift = given === null ? 0 : Math.log(mean((row) => Math.exp(given[row]!)));
  const offset = (row: number): number => (given === null ? 0 : given[row]! - shift);
  const { power } = kind;
  const unit =
    mean((row) => labels[row]! * Math.exp((1 - power) * offset(row))) /
    mean((row) => Math.exp((2 - power) * offset(row)));
  if (!(unit > 0 && Number.isFinite(unit)))
    throw new TomboloError("input.label", "no label is above 0 in the rows that count", {
      remedy: "Choose another label.",
    });
  // Without an intercept nothing takes up the unit but the offset.
  const beside = intercept ? 0 : shift - Math.log(unit);
  const offsets = given === null && intercept ? null : labels.map((_, row) => offset(row) + beside);
  const own = labels.map((label) => kind.label(label / unit));
  if (own.some((label) => Math.abs(label) > kind.labelMax))
    throw new TomboloError("input.label", `a label is more than ${COUNT_MAX} times the mean`, {
      remedy: "Cap the label, or leave those rows out.",
    });
  return { labels: own, weights, offsets, scale: 1, centre: intercept ? Math.log(unit) - shift : 0, unit };
}

function checkLabels({ zeros }: Kind, labels: Float64Array): void {
  requireFinite(labels);
  if (labels.some((label) => label < 0 || label > AMOUNT_MAX))
    throw new TomboloError("input.label", "a label is negative, or out of every range", {
      remedy: "Leave those rows out, or choose another label or family.",
    });
  if (!zeros && labels.some((label) => label < 1 / AMOUNT_MAX))
    throw new TomboloError("input.label", "a label is not above 0", {
      remedy: "Leave those rows out, or choose a family that has room for 0.",
    });
}
