/** Published datasets: what partners see of ours, and what we see of theirs. Only what the owner made visible. */
import { TomboloError } from "@tombolo/base";
import { type Dataset, dataset } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { DatasetTables } from "../store/tables/datasets.ts";
import { callPartner } from "./calls.ts";
import { contractWith } from "./contract-rows.ts";
import type { Partner } from "./inbound.ts";
import type { Side } from "./side.ts";

export const LIST_PATH = "/v1/interconn/dataset/pub/list";
export const listBody = z.strictObject({});
const ITEMS_MAX = 1000;
const listAnswer = z.object({ items: z.array(dataset).max(ITEMS_MAX) });

export async function partnerDatasets(side: Side, party: string): Promise<Dataset[]> {
  await contractWith(side, party);
  const { items } = await callPartner(side, party, LIST_PATH, {}, listAnswer);
  if (items.some((each) => each.owner !== party))
    throw new TomboloError("protocol.answer", `${party} listed data of another party`, { blame: party });
  return items;
}

export async function onList(side: Side, caller: Partner): Promise<z.infer<typeof listAnswer>> {
  await contractWith(side, caller.party);
  const rows = await side.store.db
    .selectFrom("datasets")
    .selectAll()
    .where("published", "=", true)
    .limit(ITEMS_MAX)
    .execute();
  return { items: rows.map((row) => published(side.config.party, row)) };
}

function published(owner: string, row: Selectable<DatasetTables["datasets"]>): Dataset {
  const { visibility } = row;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    owner,
    rowCount: visibility.rowCount ? row.row_count : null,
    columns: row.columns.map((column) => ({
      ...column,
      fillRate: visibility.fillRate ? column.fillRate : null,
      distinct: visibility.distinct ? column.distinct : null,
      statistics: visibility.statistics ? column.statistics : null,
      top: visibility.top ? column.top : null,
    })),
    asOf: row.as_of,
    published: true,
    visibility,
    sourceFile: null,
    bytes: null,
    snapshot: row.snapshot,
    createdAt: row.created_at.toISOString(),
    // Where it comes from concerns its owner alone.
    origin: null,
    derivedFromRevoked: false,
  };
}
