/** What the guest has for each row: its label, a weight and an offset. Checked and scaled by it alone, then shared without a message. */
import { TomboloError } from "@tombolo/base";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import type { Family, RegressionParameters } from "./parameters.ts";
import { partRows } from "./parts.ts";
import { ROW_WEIGHT_MAX, type RowValues } from "./residuals.ts";
import type { Part } from "./shared-space.ts";

export interface PreparedRows {
  readonly labels: Float64Array;
  readonly weights: Float64Array | null;
  readonly offsets: Float64Array | null;
  /** The label in its own units is scale · label + centre. */
  readonly scale: number;
  readonly centre: number;
}

export interface GuestRows {
  readonly labels: Float64Array;
  readonly weights?: Float64Array | null;
  readonly offsets?: Float64Array | null;
}

export const OFFSET_MAX = 64;

/** Throws `input.label`, `input.weight`, `input.offset`. */
export function prepareRows(rows: GuestRows, { family, intercept }: RegressionParameters): PreparedRows {
  const weights = rows.weights == null ? null : rowWeights(rows.weights);
  const offsets = rows.offsets ?? null;
  if (
    offsets?.some((offset) => !Number.isFinite(offset) || Math.abs(offset) > OFFSET_MAX) === true &&
    family !== "linear"
  )
    throw new TomboloError("input.offset", `an offset is missing or larger than ${OFFSET_MAX}`, {
      remedy: "Give offsets on the scale of the linear predictor.",
    });
  checkLabels(family, rows.labels);
  if (family !== "linear") return { labels: rows.labels, weights, offsets, scale: 1, centre: 0 };
  // Of a linear predictor an offset is the label's own business.
  const labels = offsets === null ? rows.labels : rows.labels.map((label, i) => label - offsets[i]!);
  if (labels.some((label) => !Number.isFinite(label)))
    throw new TomboloError("input.offset", "an offset is missing or infinite");
  const centre = intercept ? labels.reduce((sum, label) => sum + label, 0) / labels.length : 0;
  const scale = Math.sqrt(labels.reduce((sum, label) => sum + (label - centre) ** 2, 0) / labels.length);
  if (!(scale > 1e-12 * Math.abs(centre)) || scale === 0)
    throw new TomboloError("input.label", "the label has one value in all rows", { remedy: "Choose another label." });
  return { labels: labels.map((label) => (label - centre) / scale), weights, offsets: null, scale, centre };
}

function checkLabels(family: Family, labels: Float64Array): void {
  const remedy = "Leave out rows without a label, or choose another label or family.";
  if (labels.some((label) => !Number.isFinite(label)))
    throw new TomboloError("input.label", "a label is missing or infinite", { remedy });
  if (family !== "logistic") return;
  if (labels.some((label) => label !== 0 && label !== 1))
    throw new TomboloError("input.label", "a label is neither 0 nor 1", { remedy });
  if (labels.every((label) => label === labels[0]))
    throw new TomboloError("input.label", "all rows have the same label", {
      remedy: "Train on rows of both kinds.",
    });
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
  readonly rowCount: number;
  readonly batchRows: number;
  readonly parts: readonly Part[];
  readonly weighted: boolean;
  readonly offset: boolean;
}

export type PartRows = ReadonlyMap<Part, { readonly count: number; readonly values: RowValues }>;

/** `own` at the guest; the host has nothing to give. */
export async function sharedRows(me: Engine, own: PreparedRows | null, options: SharedRowsOptions): Promise<PartRows> {
  const labelMax = Math.sqrt(options.rowCount);
  const out = new Map<Part, { readonly count: number; readonly values: RowValues }>();
  for (const part of options.parts) {
    const rows = part === "all" ? null : partRows(options.rowCount, options.batchRows, part);
    const count = rows?.length ?? options.rowCount;
    const share = (values: Float64Array | undefined, bound: number): Promise<Fixed> =>
      me.fixed(
        "first",
        { shape: [count], bound },
        values === undefined || rows === null ? values : Float64Array.from(rows, (row) => values[row]!),
      );
    const values: RowValues = {
      labels: await share(own?.labels, labelMax),
      weights: options.weighted ? await share(own?.weights ?? undefined, ROW_WEIGHT_MAX) : null,
      offsets: options.offset ? await share(own?.offsets ?? undefined, OFFSET_MAX) : null,
    };
    out.set(part, { count, values });
  }
  return out;
}
