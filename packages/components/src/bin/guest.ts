/** Who has the label: counts of every column's fine bins, merges, weights. */
import { TomboloError } from "@tombolo/base";
import {
  type BinCounts,
  type BinningPart,
  binCountOf,
  countBins,
  evidence,
  type FineShape,
  type MergeSpec,
  mergeBins,
  mergedCounts,
  mergeSpec,
  type OwnColumn,
  type PartnerColumn,
  roundedWoe,
  shapeOf,
} from "@tombolo/federated/binning";
import { guest as countLabels } from "@tombolo/protocols/category-sums";
import { labelsOf } from "../labels.ts";
import { alignedFile, hostsOf, tableOf } from "../tables.ts";
import { finish } from "./finish.ts";
import { type Answer, binMessages, type ColumnShape } from "./messages.ts";
import { binOwn, type Context, checkMinimum, featureKinds, minimaOf, type OwnBins } from "./own.ts";
import type { Parameters } from "./parameters.ts";

export async function runGuest(context: Context): Promise<void> {
  checkMinimum(context);
  const file = await alignedFile(context, "data");
  const { values, positive } = labelsOf(
    await tableOf(context, file, file.label === null ? [] : [file.label]),
    "binary",
  );
  requireBoth(values);
  const given = { ...context.parameters, ...minimaOf(context, file) };
  const own = await binOwn(context, file);
  const labels = Uint8Array.from(values);
  const partners = await Promise.all(
    hostsOf(context).map(async ({ party }) => ({
      party,
      columns: await partnerColumns(context, given, labels, party),
    })),
  );
  const part: BinningPart = {
    ...{ kind: "binning", version: 1, party: context.self.party, mode: context.parameters.mode },
    smoothing: context.parameters.smoothing,
    minimumEvents: given.minimumEvents,
    features: featureKinds(file),
    columns: own.map((bins, id) => ownColumn(bins, id, values, given)),
    partners,
  };
  await finish(context, { file, part, positive, codes: new Map(own.map(({ fine, codes }) => [fine.name, codes])) });
}

function ownColumn({ fine, codes }: OwnBins, id: number, labels: Float64Array, given: Parameters): OwnColumn {
  const { rows, ones } = countBins(codes, fine.rows.length, labels);
  const { groups, woe } = weighed(shapeOf(fine), { rows, ones }, given);
  return { id, fine, groups, ones: [...ones], woe };
}

/** One host's, whose answer goes out once all of them are weighed. */
async function partnerColumns(
  context: Context,
  given: Parameters,
  labels: Uint8Array,
  party: string,
): Promise<PartnerColumn[]> {
  const { secrets } = context;
  const peer = await context.peer(binMessages, "guest", "host", party);
  const shapes = await peer.receive("columnShapes"); // 1
  const counts = await countLabels(labels, peer, {
    secrets,
    minimumRows: given.minimumRows,
    progress: (share) =>
      context.progress({ stage: "sums", done: Math.round(100 * share), total: 100, rows: labels.length }),
  }); // 2
  if (counts.length !== shapes.length || shapes.some((shape, i) => binCountOf(shape) !== counts[i]!.rows.length))
    throw new TomboloError("protocol.malformed", "counts are of other bins than were told", { blame: party });
  const isTold = given.mode === "host-learns-woe";
  const columns = counts.map(({ rows, ones }, id) =>
    partnerColumn(shapes[id]!, { rows: [...rows], ones: [...ones] }, id, given),
  );
  const answers = columns.map(({ groups, woe }): Answer => ({ groups, woe: isTold ? woe : null }));
  await peer.send("merges", answers); // 3
  return columns;
}

function partnerColumn({ name, ...shape }: ColumnShape, counts: BinCounts, id: number, given: Parameters) {
  const { groups, woe } = weighed(shape, counts, given);
  const told = given.mode === "host-learns-woe" ? [groups] : [];
  return { id, name, shape, rows: [...counts.rows], ones: [...counts.ones], groups, woe, told };
}

function weighed(shape: FineShape, counts: BinCounts, given: Parameters) {
  const groups = mergeBins(shape, counts, specOf(given));
  return { groups, woe: roundedWoe(evidence(mergedCounts(counts, groups), given.smoothing)) };
}

function requireBoth(labels: Float64Array): void {
  if (labels.includes(0) && labels.includes(1)) return;
  throw new TomboloError("input.label", "the label has one value in all matched rows", {
    remedy: "Match rows of both labels, or choose another label.",
  });
}

/** Without what is the component's alone. */
const specOf = ({
  method,
  binsMax,
  trend,
  minimumShare,
  minimumEvents,
  criterion,
  chiSquared,
}: Parameters): MergeSpec =>
  mergeSpec.parse({ method, binsMax, trend, minimumShare, minimumEvents, criterion, chiSquared });
