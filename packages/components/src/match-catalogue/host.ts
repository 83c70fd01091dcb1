/** Who has the large table. */
import { TomboloError } from "@tombolo/base";
import { epochOver, publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { type Before, type Contents, makeCatalogue } from "../catalogue/making.ts";
import { askedSoFar, decodeStored, forgetKey } from "../catalogue/stored.ts";
import type { TableFile } from "../component.ts";
import { encodeLabels } from "../match-label/labels.ts";
import { labelWidth } from "../match-label/parameters.ts";
import { guestOf, guestPeer } from "../tables.ts";
import type { Context } from "./parameters.ts";

export async function runHost(context: Context): Promise<void> {
  const before = await previousOf(context);
  const data = await context.inputs.file("data");
  if (before !== null) await admitRefresh(context, before, data);
  // Before the work, which takes minutes on a large table: a partner that is not there is taken for lost.
  const peer = await guestPeer(context, publishMessages);
  await makeCatalogue(context, peer, data, contentsOf(context), before);
}

function contentsOf({ parameters: { columns }, inputs }: Context): Contents {
  return {
    recordBytes: labelWidth(columns),
    about: { columns, scores: null },
    objective: "lookup",
    async records() {
      const data = await inputs.table("data");
      const rows = Uint32Array.from({ length: data.rowCount }, (_, i) => i);
      return encodeLabels(data, rows, columns);
    },
  };
}

/**
 * A refresh answers anew what was asked before, so it draws that many ids; and the consent names the limit that holds,
 * which is the epoch's.
 */
async function admitRefresh(context: Context, { stored, folder }: Before, data: TableFile): Promise<void> {
  const { normalise, duplicates, empty, columns } = context.parameters;
  const [was, is] = [stored, { normalise, duplicates, empty, columns, keys: data.keys }].map((each) =>
    JSON.stringify([each.normalise, each.duplicates, each.empty, each.keys, each.columns]),
  );
  if (was !== is)
    throw new TomboloError("consent.changed", "a refresh takes the columns and id rules of the catalogue", {
      remedy: "Use the same columns and rules, or make a new catalogue.",
    });
  if (context.startedAtMs >= stored.header.expiresAt) {
    await forgetKey(folder);
    throw epochOver("its days are over");
  }
  if (context.parameters.idsMax !== stored.header.idsMax)
    throw new TomboloError("consent.changed", "the epoch's limit of ids is not the one consented to", {
      remedy: `Set the limit of ids to ${stored.header.idsMax}, or make a new catalogue.`,
    });
  await context.draw(guestOf(context).party, await askedSoFar(folder));
}

async function previousOf({ inputs }: Context): Promise<Before | null> {
  if (!inputs.has("previous")) return null;
  const folder = await inputs.modelFolder("previous");
  return { stored: decodeStored(await inputs.model("previous")), folder };
}
