import { TomboloError } from "@tombolo/base";
import { isOneSided } from "./choices.ts";
import type { Context, Parameters } from "./parameters.ts";

export interface MatchReport {
  readonly join: Parameters["join"];
  /** Own rows that matched; null: this party does not learn it. */
  readonly matched: number | null;
  /** The same by the keys, in their order. */
  readonly byKey: readonly number[] | null;
  /** Own rows in the result, rows without values included. */
  readonly kept: number | null;
  readonly ownRows: number;
  /** By party, as far as this party may know. */
  readonly rows: Readonly<Record<string, number>>;
  /** Own rows that took no part. */
  readonly removed: { readonly empty: number; readonly duplicates: number };
}

/**
 * Leaves the report; throws `input.no-match` when there is nothing to go on with, but where that is one side's result
 * alone: a failure is seen by all.
 */
export async function reportMatch(context: Context, data: MatchReport): Promise<void> {
  await context.outputs.report("report", { kind: "psi", title: { en: "Matched rows", zh: "匹配结果" }, data });
  if (data.kept === 0 && !isOneSided(context.parameters))
    throw new TomboloError("input.no-match", "no row is at all parties", {
      remedy: "Check that the id columns hold the same thing, and how ids are normalised.",
    });
}
