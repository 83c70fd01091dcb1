/** What the guest has for each row: its label, a weight and an offset. Checked and scaled by it alone, then shared without a message. */
import { TomboloError } from "@tombolo/base";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { familyOf, type PreparedRows, type RowValues } from "./families/index.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partRows } from "./parts.ts";
import { ROW_WEIGHT_MAX } from "./residuals.ts";
import type { Part } from "./shared-space.ts";

export interface GuestRows {
  readonly labels: Float64Array;
  readonly weights?: Float64Array | null;
  readonly offsets?: Float64Array | null;
}

/** What is shared of an offset: beside that of the table, units of labels. */
const OFFSET_MAX = 512;

/** Throws `input.label`, `input.weight`, `input.offset`. */
export function prepareRows(rows: GuestRows, parameters: RegressionParameters): PreparedRows {
  const weights = rows.weights == null ? null : rowWeights(rows.weights);
  const { labels, offsets = null } = rows;
  return familyOf(parameters).prepare({ labels, weights, offsets }, parameters);
}

function rowWeights(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const most = ROW_WEIGHT_MAX * mean;
  if (!(mean > 0 && Number.isFinite(mean)) || weights.some((weight) => !(weight >= 0 && weight <= most)))
    throw new TomboloError(
      "input.weight",
      `a row's weight is missing, negative or over ${ROW_WEIGHT_MAX} times the mean`,
      {
        remedy: "Cap the weights, or leave those rows out.",
      },
    );
  return weights.map((weight) => weight / mean);
}

export interface SharedRowsOptions {
  /** Of a prepared label. */
  readonly labelMax: number;
  /** Linear predictors of a row: a label and a weight for each. */
  readonly outputs: number;
  readonly rowCount: number;
  readonly batchRows: number;
  readonly parts: readonly Part[];
  readonly weighted: boolean;
  readonly offset: boolean;
}

export type PartRows = ReadonlyMap<Part, { readonly count: number; readonly values: RowValues }>;

/** `own` at the guest; the host has nothing to give. */
export async function sharedRows(me: Engine, own: PreparedRows | null, options: SharedRowsOptions): Promise<PartRows> {
  const out = new Map<Part, { readonly count: number; readonly values: RowValues }>();
  for (const part of options.parts) {
    const { outputs, rowCount } = options;
    const rows = part === "all" ? null : partRows(rowCount, options.batchRows, part);
    const count = rows?.length ?? rowCount;
    /** Of one value for each row all outputs have the same. */
    const share = (values: Float64Array | undefined, bound: number): Promise<Fixed> =>
      me.fixed(
        "first",
        { shape: [outputs * count], bound },
        values &&
          Float64Array.from(
            { length: outputs * count },
            (_, i) => values[(Math.floor(i / count) * rowCount + (rows?.[i % count] ?? i % count)) % values.length]!,
          ),
      );
    const values: RowValues = {
      labels: await share(own?.labels, options.labelMax),
      weights: options.weighted ? await share(own?.weights ?? undefined, ROW_WEIGHT_MAX) : null,
      offsets: options.offset ? await share(own?.offsets ?? undefined, OFFSET_MAX) : null,
    };
    out.set(part, { count, values });
  }
  return out;
}
