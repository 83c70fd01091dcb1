/** Tables of any size: from the id columns of a file to a file with the rows that the join keeps. */
import { stat } from "node:fs/promises";
import { alignTable } from "@tombolo/datasets";
import type { TableFile } from "../component.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { openLinks } from "./bucket-protocols.ts";
import { isOneSided, keysOf } from "./choices.ts";
import { joinedRows, leftOut } from "./joined-rows.ts";
import { type Context, rulesOf } from "./parameters.ts";
import { reportMatch } from "./report-match.ts";
import { type Rounds, runRounds } from "./rounds.ts";
import { type KeyColumn, refuseUnusable } from "./table-ids.ts";
import { checkGrowth, checkRoom, emptied } from "./work.ts";

/** Of the whole task in the progress shown; the rest is writing. */
const MATCH_SHARE = 0.8;

export async function matchFile(context: Context): Promise<void> {
  const data = await context.inputs.file("data");
  const folder = await context.workFolder();
  await emptied(context, folder, async () => {
    const keys = keyColumns(context, data);
    const { size } = await stat(data.path);
    await checkRoom(folder, data, size, keys.length);
    if (keys.length > 1 && context.parameters.empty === "refuse")
      await refuseUnusable(data.path, data.rowCount, keys, context.signal);
    const result = await runRounds(context, data, await openLinks(context), {
      keys,
      folder,
      progress: (stage, share) => showProgress(context, data, stage, MATCH_SHARE * share),
    });
    await leave(context, data, result, { folder, size });
  });
}

function keyColumns(context: Context, data: TableFile): KeyColumn[][] {
  const rules = rulesOf(context.parameters, data.keys.length);
  return keysOf(context.parameters, data.keys.length).map((key) =>
    key.map((column) => ({ name: data.keys[column]!, rules: rules[column]! })),
  );
}

async function leave(
  context: Context,
  data: TableFile,
  result: Rounds,
  { folder, size }: { readonly folder: string; readonly size: number },
): Promise<void> {
  const { parameters, outputs, signal } = context;
  const oneSided = isOneSided(parameters);
  const joined = await joinedRows(context, data, result, folder);
  if (joined !== null) await checkGrowth(folder, data, size, joined.rows);
  const { empty, repeated } = leftOut(result.rounds, data.rowCount);
  await reportMatch(context, {
    join: parameters.join,
    matched: joined === null ? null : result.takenCount,
    byKey: joined === null ? null : result.rounds.map(({ rows }) => rows),
    kept: joined?.rows ?? null,
    ownRows: data.rowCount,
    rows: Object.fromEntries(
      [guestOf(context), ...hostsOf(context)].map(({ party }, place) => [party, result.declared[place]!]),
    ),
    removed: { empty: empty.count, duplicates: repeated.count },
  });
  showProgress(context, data, "order", MATCH_SHARE);
  if (joined !== null)
    await outputs.file(
      "data",
      data,
      { keys: data.keys, label: data.label, aligned: !oneSided, copiesMax: result.copiesMax },
      async (path) => {
        await alignTable(data.path, path, joined.order, { signal, ...joined.behind });
        return joined.rows;
      },
    );
  context.progress({ stage: "done", done: 1, total: 1, ...(joined === null ? {} : { rows: joined.rows }) });
}

/** Shares of the whole, in hundredths, and nothing of buckets: coarser still, partners see this too. */
function showProgress(context: Context, { rowCount }: TableFile, stage: string, share: number): void {
  context.progress({ stage, done: Math.floor((Math.floor(100 * share) / 100) * rowCount), total: rowCount });
}
