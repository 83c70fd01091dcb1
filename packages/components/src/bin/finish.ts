import type { BinningPart } from "@tombolo/federated/binning";
import type { TableFile } from "../component.ts";
import { digestsOf, through } from "../pipeline/pipeline.ts";
import { binnedTable, type Context } from "./own.ts";
import { binningReport, strongest } from "./report.ts";
import { fittedBins } from "./transform.ts";

interface Finished {
  readonly file: TableFile;
  readonly part: BinningPart;
  /** What counts as 1 where the label is not 0 and 1 itself. */
  readonly positive: string | null;
  /** Fine bin of each row, by column. */
  readonly codes: ReadonlyMap<string, Uint8Array>;
}

export async function finish(context: Context, { file, part: made, positive, codes }: Finished): Promise<void> {
  const part: BinningPart = { ...made, after: digestsOf(file) };
  const pipeline = through(file, fittedBins(part));
  await context.outputs.table("data", { ...(await binnedTable(context, file, part.columns, codes)), pipeline });
  await context.outputs.report("report", binningReport(part, { positive }));
  await context.outputs.model("model", part, binningSummary(part));
}

/** As the list of models shows it. */
export const binningSummary = (part: BinningPart) => ({
  kind: "binning",
  objective: "binary",
  metrics: {
    columns: part.columns.length + part.partners.reduce((sum, { columns }) => sum + columns.length, 0),
    ...strongest(part),
  },
});
