/** Scoring with a model of level `shared`: totals alone. */
import { TomboloError } from "@tombolo/base";
import { predictSharedGuest, predictSharedHost } from "@tombolo/federated/vertical/boosting/shared";
import { storedSharedGuest, storedSharedHost } from "../boosting-train/shared-model.ts";
import type { TaskContext } from "../component.ts";
import { modelRows } from "../pipeline/model-rows.ts";
import { requireHosts, SCORE_COLUMN, telling } from "../scoring.ts";
import { alignedFile, guestPeer } from "../tables.ts";
import { predictMessages } from "./messages.ts";
import type { Parameters } from "./parameters.ts";
import { scoredTable } from "./scored-table.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export async function sharedGuest(context: Context, value: unknown): Promise<void> {
  const { part, pipeline } = storedSharedGuest(value);
  requireTotals(context);
  requireHosts(context, part);
  const peer = await context.peer(predictMessages, "guest", "host", part.hosts[0]!);
  const { signal, secrets } = context;
  await scoredTable(context, await alignedFile(context, "data"), {
    takes: { pipeline, columns: part.features },
    names: [SCORE_COLUMN],
    score: (rows, scores) => {
      const take = (next: Float64Array): Promise<void> => scores.add(next);
      const input = { model: part, rows, first: scores.rows, take, signal, onProgress: telling(context) };
      return predictSharedGuest(input, peer, secrets);
    },
  });
}

export async function sharedHost(context: Context, value: unknown): Promise<void> {
  const { part, pipeline } = storedSharedHost(value);
  requireTotals(context);
  const data = await alignedFile(context, "data");
  const { rows, report } = modelRows(context, data, { pipeline, columns: part.features });
  const peer = await guestPeer(context, predictMessages);
  const { signal, secrets } = context;
  await predictSharedHost({ model: part, rows, signal, onProgress: telling(context) }, peer, secrets);
  await report();
}

function requireTotals({ parameters: { form } }: Context): void {
  if (form === "sum-only") return;
  throw new TomboloError("input.model", "a model of level shared tells totals alone", {
    remedy: "Set form to sum-only.",
  });
}
