/** A host's columns in bins whose weights stay with the guest: what each side takes from its part of the binning. */
import { TomboloError } from "@tombolo/base";
import { type BinningPart, binNames, mergedCounts, storedBinning } from "@tombolo/federated/binning";
import type { BinWeights, HostBins } from "@tombolo/federated/vertical/regression";
import { fittedBins } from "../bin/transform.ts";
import type { TableFile } from "../component.ts";
import { requireUnchanged } from "../pipeline/unchanged.ts";
import { hostsOf } from "../tables.ts";
import type { Context } from "./input.ts";

/** The guest's; undefined where weights are their owners'. Throws `input.model`. */
export async function binWeightsOf(context: Context): Promise<readonly BinWeights[] | undefined> {
  if (!context.parameters.sharedBins) return undefined;
  const { partners } = await sharedBinning(context);
  const [host] = hostsOf(context).map(({ party }) => party);
  const columns = partners.find(({ party }) => party === host)?.columns ?? [];
  return columns.map(({ id, name, groups, woe, ...counts }) => ({
    ...{ id, name, woe },
    rows: mergedCounts(counts, groups).rows,
  }));
}

/** The host's, of the columns named, in their order. Throws `input.model`, `input.columns`, `input.pipeline`. */
export async function hostBinsOf(
  context: Context,
  data: TableFile,
  names: readonly string[],
): Promise<readonly HostBins[] | undefined> {
  if (!context.parameters.sharedBins) return undefined;
  const part = await sharedBinning(context);
  const { pipeline = [] } = data;
  const { digest } = fittedBins(part);
  const at = pipeline.findLastIndex((fitted) => fitted.digest === digest);
  if (at < 0)
    throw new TomboloError("input.pipeline", "the rows are not in the bins of this binning", {
      remedy: "Train on the table that the bin task left, or that bin-apply made with this version of it.",
    });
  requireUnchanged(pipeline.slice(at + 1), names);
  return names.map((column) => {
    const own = part.columns.find(({ fine }) => fine.name === column);
    if (own === undefined)
      throw new TomboloError("input.columns", "a column is not in the bins of this binning", {
        remedy: "Train on columns that the bin task put in bins alone.",
        detail: { column },
      });
    const { id, fine, groups } = own;
    const { rows } = mergedCounts({ rows: fine.rows, ones: fine.rows.map(() => 0) }, groups);
    return { id, column, names: binNames(fine, groups), rows };
  });
}

async function sharedBinning({ inputs }: Context): Promise<BinningPart> {
  if (!inputs.has("binning"))
    throw new TomboloError("input.model", "shared bins take the model of the bin task", {
      remedy: "Connect it to the input binning.",
    });
  const part = storedBinning(await inputs.model("binning"));
  if (part.mode === "shared") return part;
  throw new TomboloError("input.model", "the weights of this binning are with the columns' owners", {
    remedy: "Set sharedBins to false, or bin in the mode shared.",
  });
}
