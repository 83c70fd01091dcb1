/**
 * What a partner asks under each grant, by day (UTC), against what a query table's grant allows in a day and in all.
 * Part of the draw: written before anything is answered, and never given back.
 */
import { TomboloError } from "@tombolo/base";
import type { NodeContext } from "../context.ts";
import type { Draw } from "./budgets.ts";
import type { Grant } from "./grant-rows.ts";

/**
 * A partner's clock may be so much ahead of ours. What it asks in its new day is counted there, not refused in our old
 * one: a service would end over it.
 */
const SKEW_MS = 10 * 60_000;

const dayAt = (at: Date, afterMs = 0): string => new Date(at.getTime() + afterMs).toISOString().slice(0, 10);

/** Within the transaction of the draw. Throws `consent.budget`. */
export async function drawOnGrants(side: NodeContext, draw: Draw, grants: readonly string[]): Promise<void> {
  for (const id of grants) {
    // Held until the draw is over: two draws at once would both fit.
    const grant = await side.store.db
      .selectFrom("grants")
      .selectAll()
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (grant === undefined || grant.owner !== side.config.party) continue;
    await count(side, id, await dayFor(side, grant, draw), { ids: draw.ids, refused: 0 });
  }
}

/** The day it counts for. */
async function dayFor(side: NodeContext, { id, terms }: Grant, { party, ids }: Draw): Promise<string> {
  const now = side.clock.now();
  const today = dayAt(now);
  if (terms.query === undefined) return today;
  const { idsMax, idsPerDay } = terms.query;
  const days = await side.store.db.selectFrom("grant_asks").selectAll().where("grant_id", "=", id).execute();
  const all = days.reduce((sum, day) => sum + day.ids, 0);
  if (all + ids > idsMax) throw beyond(side, party, `in all: ${idsMax}`, "Ask the data's owner to publish it anew.");
  if (idsPerDay === null) return today;
  const on = (day: string): number => days.find((each) => each.day === day)?.ids ?? 0;
  const open = [today, dayAt(now, SKEW_MS)].find((day) => on(day) + ids <= idsPerDay);
  if (open === undefined) throw beyond(side, party, `in a day (UTC): ${idsPerDay}`, "Ask again tomorrow.");
  return open;
}

const beyond = (side: NodeContext, party: string, most: string, remedy: string): TomboloError =>
  new TomboloError("consent.budget", `${party} may not ask about so many more ids of this query table, ${most}`, {
    blame: side.config.party,
    remedy,
  });

/** After the draw was refused and undone. */
export async function countRefused(side: NodeContext, { ids }: Draw, grants: readonly string[]): Promise<void> {
  for (const id of grants) await count(side, id, dayAt(side.clock.now()), { ids: 0, refused: ids });
}

const count = (side: NodeContext, grant: string, day: string, counts: { ids: number; refused: number }) =>
  side.store.db
    .insertInto("grant_asks")
    .values({ grant_id: grant, day, ...counts })
    .onConflict((conflict) =>
      conflict.columns(["grant_id", "day"]).doUpdateSet((row) => ({
        ids: row("grant_asks.ids", "+", counts.ids),
        refused: row("grant_asks.refused", "+", counts.refused),
      })),
    )
    .execute();
