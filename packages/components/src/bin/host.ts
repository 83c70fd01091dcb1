/** Who has columns and no label: fine bins, sums over them under encryption, and the merge that comes back. */
import { nameOnScreen, TomboloError } from "@tombolo/base";
import { type BinningMode, checkMerge, type OwnColumn, shapeOf } from "@tombolo/federated/binning";
import { host as sumLabels } from "@tombolo/protocols/category-sums";
import { randomPermutation } from "@tombolo/protocols/shuffle";
import { alignedFile, guestOf } from "../tables.ts";
import { finish } from "./finish.ts";
import { type Answer, binMessages } from "./messages.ts";
import { binOwn, type Context, checkMinimum, featureKinds, minimaOf, type OwnBins } from "./own.ts";

export async function runHost(context: Context): Promise<void> {
  checkMinimum(context);
  const { partyParameters: own, secrets } = context;
  const file = await alignedFile(context, "data");
  const given = { ...context.parameters, ...minimaOf(context, file) };
  const bins = inOrder(await binOwn(context, file), context);
  const guest = guestOf(context).party;
  const peer = await context.peer(binMessages, "host", "guest", guest);
  const shapes = bins.map(({ fine }) => ({ ...shapeOf(fine), name: own.showNames ? nameOnScreen(fine.name) : null }));
  await peer.send("columnShapes", shapes); // 1
  await sumLabels(
    bins.map(({ fine, codes }) => ({ codes, bins: fine.rows.length })),
    peer,
    {
      ...{ rows: file.rowCount, secrets, minimumRows: given.minimumRows },
      progress: (share) =>
        context.progress({ stage: "sums", done: Math.round(100 * share), total: 100, rows: file.rowCount }),
    },
  ); // 2
  const columns = answered(bins, await peer.receive("merges"), given.mode, guest); // 3
  const { smoothing, minimumEvents, mode } = given;
  await finish(context, {
    file,
    part: {
      ...{ kind: "binning", version: 1, party: context.self.party, mode, smoothing, minimumEvents },
      ...{ features: featureKinds(file), columns, partners: [] },
    },
    positive: null,
    codes: new Map(bins.map(({ fine, codes }) => [fine.name, codes])),
  });
}

/** Of columns that are known by number alone, chance says which is which: their order in the table is in the consent. */
function inOrder(bins: readonly OwnBins[], { partyParameters: { showNames }, secrets }: Context): OwnBins[] {
  if (showNames) return [...bins];
  return Array.from(randomPermutation(bins.length, secrets), (place) => bins[place]!);
}

function answered(bins: readonly OwnBins[], answers: readonly Answer[], mode: BinningMode, guest: string): OwnColumn[] {
  if (answers.length !== bins.length)
    throw new TomboloError("protocol.malformed", "merges are of another number of columns", { blame: guest });
  return bins.map(({ fine }, id) => ({ id, fine, ones: null, ...checkedAnswer(answers[id]!, { fine, mode, guest }) }));
}

interface Expected {
  readonly fine: OwnBins["fine"];
  readonly mode: BinningMode;
  readonly guest: string;
}

/** Throws `protocol.malformed` for what is no merge of these bins, or has weights where none are told. */
export function checkedAnswer({ groups, woe }: Answer, { fine, mode, guest }: Expected): Answer {
  const malformed = (cause?: unknown): TomboloError =>
    new TomboloError("protocol.malformed", "not a merge of a column's bins", { blame: guest, cause });
  try {
    checkMerge(shapeOf(fine), groups);
  } catch (cause) {
    throw malformed(cause);
  }
  const weights = mode === "host-learns-woe" ? Math.max(...groups) + 1 : null;
  if ((woe?.length ?? null) !== weights) throw malformed();
  return { groups, woe };
}
