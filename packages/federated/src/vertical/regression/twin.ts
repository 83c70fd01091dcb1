/** The same training on the joined table in plain numbers: what shares are compared with. */
import type { Column } from "@tombolo/base";
import { isWhitened } from "./bounds.ts";
import { classPlaces, ownColumnsOf } from "./class-places.ts";
import { designOf, type OwnCoefficients, ownCoefficients, type Term } from "./design.ts";
import { familyOf } from "./families/index.ts";
import { type GivenParameters, settled } from "./parameters.ts";
import { PlainSpace } from "./plain-space.ts";
import type { Iteration } from "./quasi-newton.ts";
import { type GuestRows, prepareRows } from "./rows.ts";
import { solve } from "./solve.ts";

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
  const columns = designs.flatMap((design) => design.columns);
  const sizes = { rows: rowCount, columns: columns.length, weighted: rows.weights !== null };
  const solved = await solve(new PlainSpace(parameters, rows, columns), { ...parameters, ...sizes }, {}, []);
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
