/** What components that score a table row by row have in common. */
import { TomboloError } from "@tombolo/base";
import type { TableFile, TaskContext } from "./component.ts";
import { hostsOf } from "./tables.ts";

type Context = TaskContext<unknown, unknown>;

export const SCORE_COLUMN = "score";

export function requireHosts(
  context: TaskContext<unknown, unknown>,
  { hosts }: { readonly hosts: readonly string[] },
): void {
  const present = hostsOf(context).map(({ party }) => party);
  if (present.length === hosts.length && hosts.every((party) => present.includes(party))) return;
  throw new TomboloError("input.model", "the model was trained with other parties", {
    remedy: `Score with exactly these hosts: ${hosts.join(", ") || "none"}.`,
  });
}

/** Columns of the guest that stay beside the score. */
export function keptColumns(data: TableFile, keepColumns: boolean, added = SCORE_COLUMN): string[] {
  const own = [...data.keys, ...(data.label === null ? [] : [data.label])];
  const features = data.columns.map(({ name }) => name).filter((name) => !own.includes(name));
  const kept = keepColumns ? [...own, ...features] : own;
  if (!kept.includes(added)) return kept;
  throw new TomboloError("input.columns", `a column of the table is called "${added}" already`, {
    remedy: "Do not read that column.",
  });
}

export const telling =
  (context: Context) =>
  (done: number, total: number): void =>
    context.progress({ stage: "score", done, total, rows: done });
