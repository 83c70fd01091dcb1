/** A party's own columns: their fine bins, and the table that comes out. */
import { type Column, TomboloError } from "@tombolo/base";
import {
  binColumn,
  COLUMNS_MAX,
  type FineColumn,
  type FineOptions,
  type OwnColumn,
  ofCodes,
} from "@tombolo/federated/binning";
import type { TableFile, TaskContext, TaskTable } from "../component.ts";
import { distinctRows, eachColumn, featureColumns, tableOf } from "../tables.ts";
import type { Parameters, PartyParameters } from "./parameters.ts";

export type Context = TaskContext<Parameters, PartyParameters>;

export interface OwnBins {
  readonly fine: FineColumn;
  /** Fine bin of each row. */
  readonly codes: Uint8Array;
}

/** Column by column, so that of their values few are in memory at once. */
export async function binOwn(context: Context, file: TableFile): Promise<OwnBins[]> {
  const { partyParameters: own, parameters } = context;
  const names = featureColumns(file, own.columns).map(({ name }) => name);
  const stray = own.edges.find(({ column }) => !names.includes(column));
  if (stray !== undefined)
    throw new TomboloError("input.columns", "own edges are given for a column that is not binned", {
      remedy: "Give edges for columns among those to bin.",
      detail: { column: stray.column },
    });
  if (names.length > COLUMNS_MAX)
    throw new TomboloError("input.columns", `more than ${COLUMNS_MAX} columns`, { remedy: "Choose fewer columns." });
  requireDistinct(context, file);
  const out: OwnBins[] = [];
  for await (const column of eachColumn(context, file, names)) {
    out.push(binColumn(column, optionsOf(column, distinctRows(parameters.minimumRows, file), own)));
    context.progress({ stage: "fine-bins", done: out.length, total: names.length, rows: file.rowCount });
  }
  return out;
}

function requireDistinct({ parameters, self }: Context, file: TableFile): void {
  const least = distinctRows(parameters.minimumRows, file);
  if (file.rowCount >= least || file.copiesMax === undefined) return;
  throw new TomboloError("consent.minimum-rows", `the same row stands up to ${file.copiesMax} times in the table`, {
    remedy: `Bin before rows are repeated, or bring ${least} rows or more.`,
    blame: self.party,
  });
}

function optionsOf(column: Column, minimumRows: number, own: PartyParameters): FineOptions {
  const kind = column.kind === "number" ? "number" : "string";
  return {
    method: own.fineMethod,
    bins: own.fineBins,
    minimumRows,
    edges: own.edges.find((each) => each.column === column.name)?.edges ?? null,
    special: own.special.filter((value) => typeof value === kind),
  };
}

/** Binned columns in their places, all others as they are. */
export async function binnedTable(
  context: Context,
  file: TableFile,
  columns: readonly OwnColumn[],
  codes: ReadonlyMap<string, Uint8Array>,
): Promise<TaskTable> {
  const own = new Map(columns.map((column) => [column.fine.name, column]));
  const others = file.columns.flatMap(({ name }) => (own.has(name) ? [] : [name]));
  const kept = await tableOf(context, file, others);
  const made = (name: string): Column =>
    own.has(name) ? ofCodes(codes.get(name)!, own.get(name)!) : kept.columns.find((each) => each.name === name)!;
  const { path: _, ...rest } = file;
  return { ...rest, columns: file.columns.map(({ name }) => made(name)) };
}

export const featureKinds = (file: TableFile) => featureColumns(file, null).map(({ name, kind }) => ({ name, kind }));

/** Of different rows, however often each stands. */
export const minimaOf = ({ parameters: { minimumRows, minimumEvents } }: Context, file: TableFile) => ({
  minimumRows: distinctRows(minimumRows, file),
  minimumEvents: distinctRows(minimumEvents, file),
});

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says. */
export function checkMinimum({ parameters: { minimumRows }, policy, self }: Context): void {
  if (minimumRows >= policy.minimumRows) return;
  throw new TomboloError("consent.minimum-rows", `the flow allows bins of ${minimumRows} rows, too few for a party`, {
    remedy: `Set minimumRows to ${policy.minimumRows} or more.`,
    blame: self.party,
  });
}
