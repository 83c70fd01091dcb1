/** The rows a match of two parties leaves, by the kind of join. */
import { join } from "node:path";
import { type AlignOptions, RowOrder } from "@tombolo/datasets";
import type { TableFile } from "../component.ts";
import type { Context } from "./parameters.ts";
import type { RoundResult, Rounds } from "./rounds.ts";
import { RowSet } from "./row-set.ts";

export interface JoinedRows {
  readonly order: RowOrder;
  readonly rows: number;
  /** What comes behind the rows that have a place. */
  readonly behind: Pick<AlignOptions, "restKey" | "emptyRows">;
}

/** Null where this party gets no rows. */
export async function joinedRows(
  context: Context,
  data: TableFile,
  result: Rounds,
  folder: string,
): Promise<JoinedRows | null> {
  const { join: kind, receivers } = context.parameters;
  const guest = context.self.role === "guest";
  if (receivers === "guest" && !guest) return null;
  const order = await RowOrder.create(join(folder, "order"), data.rowCount);
  if (kind === "difference") {
    for (const part of notInDifference(result, data.rowCount).others(data.rowCount)) await order.append(part);
    return { order, rows: order.length, behind: {} };
  }
  const repeats = context.parameters.duplicates === "many-to-one" && !guest;
  for (const { matched, buckets } of result.rounds)
    for (let bucket = 0; bucket < buckets; bucket++)
      await order.append(await matched.rows(bucket), repeats ? await matched.copies(bucket) : undefined);
  if (kind === "inner") return { order, rows: order.length, behind: {} };
  // The guest's other rows come last, so that their places tell the host nothing but how many they are: between the
  // others they would show which digests, and so which ids, the guest cannot have.
  const rows = result.declared[0]!;
  const behind = guest ? { restKey: context.secrets.bytes(32) } : { emptyRows: rows - order.length };
  return { order, rows, behind };
}

/** What matched, and what took no part: rows set aside as repeated, and those without a usable id in any round. */
const notInDifference = ({ rounds, taken }: Rounds, rowCount: number): RowSet => {
  const { empty, repeated } = leftOut(rounds, rowCount);
  return taken.union(empty).union(repeated);
};

/** Rows with no usable id in any round, and rows that were set aside as repeated in some round. */
export function leftOut(rounds: readonly RoundResult[], rowCount: number): { empty: RowSet; repeated: RowSet } {
  const [first, ...later] = rounds.map(({ ids }) => ids);
  const nothing = RowSet.none(rowCount);
  return {
    empty: later.reduce((all, { empty }) => all.intersection(empty), first?.empty ?? nothing),
    repeated: later.reduce((all, { repeated }) => all.union(repeated), first?.repeated ?? nothing),
  };
}
