/** The same training on the joined table in plain numbers: what shares are compared with. */
import type { Column } from "@tombolo/base";
import { isWhitened } from "./bounds.ts";
import { classPlaces, ownColumnsOf } from "./class-places.ts";
import { type Design, designOf, type OwnCoefficients, ownCoefficients, type Term } from "./design.ts";
import { EXPONENT_MAX, type FamilyRules, familyOf, hasExponents, type PreparedRows } from "./families/index.ts";
import { outOfRange } from "./lengths.ts";
import { dot } from "./linear-algebra.ts";
import { type GivenParameters, type RegressionParameters, settled } from "./parameters.ts";
import { partRows } from "./parts.ts";
import type { Iteration } from "./quasi-newton.ts";
import { type GuestRows, prepareRows } from "./rows.ts";
import { solve } from "./solve.ts";
import type { Adapted, AdaptOptions, Combined, Moments, Space, Vector } from "./space.ts";
import { FLOOR_BITS, SQUARE_DECAY } from "./steps.ts";

export interface TwinInput {
  /** By party, the guest first. */
  readonly columns: readonly (readonly Column[])[];
  readonly rows: GuestRows;
  readonly parameters: GivenParameters;
}

export interface Twin {
  readonly parties: readonly (OwnCoefficients & { readonly terms: readonly Term[] })[];
  readonly converged: boolean;
  /** The iteration whose weights they are. */
  readonly chosen: number;
  readonly iterations: readonly Iteration[];
}

export async function trainTwin(input: TwinInput): Promise<Twin> {
  const parameters = settled(input.parameters, input.rows.labels.length);
  const rows = prepareRows(input.rows, parameters);
  const rowCount = input.rows.labels.length;
  const { outputs } = familyOf(parameters);
  const { missing, minimumRows } = parameters;
  const designs = await Promise.all(
    input.columns.map((columns, i) => {
      const intercept = i === 0 && parameters.intercept;
      const options = { intercept, whiten: isWhitened(parameters), missing, minimumRows };
      return designOf(columns, rowCount, options, (values) => values);
    }),
  );
  const columns = designs.reduce((sum, design) => sum + design.columns.length, 0);
  const sizes = { rows: rowCount, columns, weighted: rows.weights !== null };
  const solved = await solve(new PlainSpace(parameters, rows, designs), { ...parameters, ...sizes }, {}, []);
  const places = ownColumnsOf(
    outputs,
    designs.map((design) => design.columns.length),
  ).map(classPlaces);
  const parties = designs.map((design, i) => {
    const own = Float64Array.from(places[i]!, (place) => rows.scale * solved.weights[place]!);
    if (i === 0 && rows.centre !== 0) own[0]! += rows.centre;
    return { terms: design.terms, ...ownCoefficients(design, own, outputs) };
  });
  return { parties, converged: solved.converged, chosen: solved.chosen, iterations: solved.iterations };
}

export class PlainSpace implements Space<Float64Array> {
  readonly #parameters: RegressionParameters;
  readonly #rows: PreparedRows;
  readonly #columns: readonly Float64Array[];
  readonly #family: FamilyRules;

  constructor(parameters: RegressionParameters, rows: PreparedRows, designs: readonly Design<Float64Array>[]) {
    this.#parameters = parameters;
    this.#rows = rows;
    this.#family = familyOf(parameters);
    this.#columns = designs.flatMap(({ columns }) => columns);
  }

  async start() {
    return { weights: new Float64Array(this.#family.outputs * this.#columns.length), norm: 0, memory: [] };
  }

  async gradient(weights: Float64Array, part: number | "all"): Promise<Float64Array> {
    const { batchRows, l2, intercept } = this.#parameters;
    const { labels, weights: rowWeights } = this.#rows;
    const { outputs } = this.#family;
    const [count, width] = [labels.length / outputs, this.#columns.length];
    const rows = part === "all" ? Array.from({ length: count }, (_, row) => row) : partRows(count, batchRows, part);
    const residuals = rows.map((row) => {
      const own = Array.from({ length: outputs }, (_, output) => labels[output * count + row]!);
      const each = this.#family.plainResiduals(this.#predictors(weights, row), own);
      return each.map((residual) => (rowWeights?.[row] ?? 1) * residual);
    });
    const penalty = (l2 * rows.length) / count;
    return Float64Array.from(weights, (weight, place) => {
      const [output, column] = [Math.floor(place / width), this.#columns[place % width]!];
      const sum = rows.reduce((all, row, i) => all + column[row]! * residuals[i]![output]!, 0);
      const own = intercept && place % width === 0 ? 0 : penalty * weight;
      return (sum + own) / 2 ** Math.ceil(Math.log2(rows.length));
    });
  }

  /** One for each output. */
  #predictors(weights: Float64Array, row: number): number[] {
    const [offset, width] = [this.#rows.offsets?.[row] ?? 0, this.#columns.length];
    return Array.from({ length: this.#family.outputs }, (_, output) =>
      this.#columns.reduce((sum, column, j) => sum + column[row]! * weights[output * width + j]!, offset),
    );
  }

  async requireRange(weights: Float64Array): Promise<void> {
    if (!hasExponents(this.#family)) return;
    const beyond = (label: number, row: number): boolean =>
      this.#family
        .plainExponents(this.#predictors(weights, row)[0]!, label)
        .some((exponent) => exponent > EXPONENT_MAX);
    if (this.#rows.labels.some(beyond)) throw outOfRange();
  }

  async combine(terms: readonly Combined<Float64Array>[]): Promise<Float64Array> {
    const out = new Float64Array(this.#family.outputs * this.#columns.length);
    for (const { factor, value } of terms) for (let i = 0; i < out.length; i++) out[i]! += factor * value[i]!;
    return out;
  }

  async shrink(weights: Float64Array, by: number): Promise<Float64Array> {
    const spared = this.#parameters.intercept ? 1 : 0;
    const width = this.#columns.length;
    return weights.map((weight, i) =>
      i % width < spared ? weight : Math.sign(weight) * Math.max(0, Math.abs(weight) - by),
    );
  }

  async adapt(
    before: Moments<Float64Array> | null,
    gradient: Float64Array,
    { meanDecay, seen, bits }: AdaptOptions,
  ): Promise<Adapted<Float64Array>> {
    const { mean: oldMean, square: oldSquare } = before ?? {
      mean: gradient.map(() => 0),
      square: gradient.map(() => 0),
    };
    const mean = gradient.map((g, i) => meanDecay * oldMean[i]! + (1 - meanDecay) * g);
    const square = gradient.map((g, i) => SQUARE_DECAY * oldSquare[i]! + (1 - SQUARE_DECAY) * g ** 2);
    const floor = seen * 2 ** (2 * (FLOOR_BITS - bits));
    return { moments: { mean, square }, quotient: mean.map((m, i) => m / Math.sqrt(square[i]! + floor)) };
  }

  subtract(a: Float64Array, b: Float64Array): Float64Array {
    return a.map((value, i) => value - b[i]!);
  }

  async products(one: Vector<Float64Array>, others: readonly Vector<Float64Array>[]): Promise<Float64Array> {
    return Float64Array.from(others, ({ value }) => dot(one.value, value));
  }
}
