import { TomboloError } from "@tombolo/base";
import type { Context } from "./parameters.ts";
import type { Removed } from "./table-ids.ts";

export interface MatchReport {
  readonly matched: number;
  readonly ownRows: number;
  /** By party, as far as this party may know. */
  readonly rows: Readonly<Record<string, number>>;
  readonly removed: Removed;
}

/** Leaves the report; throws `input.no-match` when there is nothing to go on with. */
export async function reportMatch(context: Context, data: MatchReport): Promise<void> {
  await context.outputs.report("report", { kind: "psi", title: { en: "Matched rows", zh: "匹配结果" }, data });
  if (data.matched === 0)
    throw new TomboloError("input.no-match", "no row is at all parties", {
      remedy: "Check that the id columns hold the same thing, and how ids are normalised.",
    });
}
