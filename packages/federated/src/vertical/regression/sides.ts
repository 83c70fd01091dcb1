/** What every party of a training does for itself, whatever its part. */
import { TomboloError } from "@tombolo/base";
import type { TransformStore } from "@tombolo/protocols/matrix-product";
import { isWhitened } from "./bounds.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Columns, type Design, designOf, type OwnCoefficients } from "./design.ts";
import { heldOut } from "./early-stopping.ts";
import { familyOf } from "./families/index.ts";
import { noErrors } from "./inference/standard-errors.ts";
import { entriesOf } from "./matrices.ts";
import type { OwnSide } from "./opening.ts";
import { checkParameters, type GivenParameters, type RegressionParameters, settled } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import type { Side } from "./products.ts";
import type { HostBins } from "./shared-bins/bins.ts";
import type { EarlierModel } from "./warm-start.ts";

export interface TrainHooks {
  /** Of an earlier attempt: the newest last. */
  readonly resumeFrom?: readonly Checkpoint[] | undefined;
  /**
   * Goes on after so many steps. Those kept beyond must be dropped before it resolves: the partner may keep them anew, whose shares do not fit
   * the old ones.
   */
  readonly onResume?: ((steps: number) => Promise<void>) | undefined;
  /** After each step; the next one waits for it. */
  readonly onStep?: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HostInput extends TrainHooks {
  /** Read once, before anything is sent. */
  readonly columns: Columns;
  readonly rowCount: number;
  readonly parameters: GivenParameters;
  /** Of the host's columns, where parameters say that the guest has their weights. */
  readonly bins?: readonly HostBins[] | undefined;
  /** For transforms of the own matrix that memory has no room for; they are made anew each time without it. */
  readonly store?: TransformStore | undefined;
  /** Own part of an earlier model to start from. */
  readonly earlier?: EarlierModel | undefined;
}

export interface TrainedPart extends OwnCoefficients {
  /** Random, the same at all. */
  readonly run: string;
  readonly design: Pick<Design<unknown>, "terms">;
  /**
   * Own part of each training row's linear predictor, of several classes all rows of the first class first; empty where the guest has the
   * weights (shared-bins/).
   */
  readonly contributions: Float64Array;
}

/** With what was left open in the parameters. */
export type Settled<I extends Pick<HostInput, "parameters" | "rowCount">> = Omit<I, "parameters"> & {
  readonly parameters: RegressionParameters;
};

/** Throws `input.parameters`. */
export function settledInput<I extends Pick<HostInput, "parameters" | "rowCount">>(input: I): Settled<I> {
  const parameters = settled(input.parameters, input.rowCount);
  checkParameters(parameters);
  return { ...input, parameters };
}

type OwnInput = Settled<Pick<HostInput, "columns" | "rowCount" | "parameters" | "resumeFrom" | "earlier">>;

/** For products on shares. */
export const checkedDesign = (input: OwnInput, side: Side): Promise<Design> =>
  checkedMatrix(input, side, entriesOf(input.parameters));

/** `keep`: as of `designOf`. */
export async function checkedMatrix<Values>(
  { parameters, columns, rowCount }: OwnInput,
  side: Side,
  keep: (values: Float64Array) => Values,
): Promise<Design<Values>> {
  if (parameters.inference && (!isWhitened(parameters) || familyOf(parameters).curvature === null)) throw noErrors();
  requireHeldOut(parameters, rowCount);
  if (rowCount < 2) throw new TomboloError("input.rows", "there are fewer than two rows to train on");
  const intercept = side === "guest" && parameters.intercept;
  const { missing, minimumRows } = parameters;
  const options = { intercept, whiten: isWhitened(parameters), missing, minimumRows };
  return designOf(columns, rowCount, options, keep);
}

/** What is told of rows kept out is told of as many at least as of any group. */
function requireHeldOut({ earlyStopping, batchRows, minimumRows }: RegressionParameters, rows: number): void {
  const parts = partsOf(rows, batchRows);
  const held = heldOut(parts, earlyStopping);
  if (held > 0 && held * Math.floor(rows / parts) < minimumRows)
    throw new TomboloError("input.rows", `early stopping keeps out fewer than ${minimumRows} rows`, {
      remedy: "Match more rows, keep out a larger part of them, or train without early stopping.",
    });
}

/** `count`: of the columns that weights are of, where the matrix has others. */
export const ownSide = (
  { parameters, rowCount, resumeFrom, earlier }: OwnInput,
  { columns }: Pick<Design, "columns">,
  count = columns.length,
): OwnSide => ({
  parameters,
  earlier: earlier?.modelId ?? null,
  rowCount,
  columns: count,
  kept: resumeFrom ?? [],
});
