/** What every party of a training does for itself, whatever its part. */
import { TomboloError } from "@tombolo/base";
import type { TransformStore } from "@tombolo/protocols/matrix-product";
import type { Checkpoint } from "./checkpoint.ts";
import { type Columns, type Design, designOf, type OwnCoefficients } from "./design.ts";
import { familyOf } from "./families/index.ts";
import { type Formats, formatsOf } from "./formats.ts";
import { noErrors } from "./inference/standard-errors.ts";
import { entriesOf } from "./matrices.ts";
import type { OwnSide } from "./opening.ts";
import { checkParameters, type RegressionParameters } from "./parameters.ts";
import type { Side } from "./products.ts";
import { residualMax } from "./residuals.ts";
import { isWhitened, weightsMaxOf } from "./solve.ts";
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
  readonly parameters: RegressionParameters;
  /** For transforms of the own matrix that memory has no room for; they are made anew each time without it. */
  readonly store?: TransformStore | undefined;
  /** Own part of an earlier model to start from; of two parties only. */
  readonly earlier?: EarlierModel | undefined;
}

export interface TrainedPart extends OwnCoefficients {
  /** Random, the same at all. */
  readonly run: string;
  readonly design: Pick<Design, "terms">;
  /** Own part of each training row's linear predictor, of several classes all rows of the first class first. */
  readonly contributions: Float64Array;
}

type OwnInput = Pick<HostInput, "columns" | "rowCount" | "parameters" | "resumeFrom" | "earlier">;

export async function checkedDesign({ parameters, columns, rowCount, earlier }: OwnInput, side: Side): Promise<Design> {
  checkParameters(parameters);
  if (parameters.inference && (!isWhitened(parameters) || familyOf(parameters).curvature === null)) throw noErrors();
  if (earlier !== undefined && familyOf(parameters).outputs > 1)
    throw new TomboloError("input.model", "training of several classes starts afresh", {
      remedy: "Leave the earlier model out.",
    });
  if (rowCount < 2) throw new TomboloError("input.rows", "there are fewer than two rows to train on");
  const intercept = side === "guest" && parameters.intercept;
  const { missing, minimumRows } = parameters;
  const options = { intercept, whiten: isWhitened(parameters), missing, minimumRows };
  return designOf(columns, rowCount, options, entriesOf(parameters));
}

export const ownSide = ({ parameters, rowCount, resumeFrom, earlier }: OwnInput, { columns }: Design): OwnSide => ({
  parameters,
  earlier: earlier?.modelId ?? null,
  rowCount,
  columns: columns.length,
  kept: resumeFrom ?? [],
});

export interface TrainingSizes {
  readonly parameters: RegressionParameters;
  readonly rowCount: number;
  /** Of each party. */
  readonly columns: readonly number[];
  readonly weighted: boolean;
}

export function trainingFormats({ parameters, rowCount, columns, weighted }: TrainingSizes): Formats {
  const sizes = {
    columns: columns.reduce((sum, count) => sum + count),
    parties: columns.length,
    whitened: isWhitened(parameters),
    weightsMax: weightsMaxOf(parameters),
  };
  return formatsOf({
    rows: rowCount,
    ...sizes,
    residualMax: residualMax({ family: familyOf(parameters), weighted, ...sizes }),
    penalty: parameters.l2 / rowCount,
  });
}
