/** Two parties, tables of any size: from the id columns of a file to a file with the rows that the join keeps. */
import { stat } from "node:fs/promises";
import { alignTable } from "@tombolo/datasets";
import type { TableFile } from "../component.ts";
import { messages } from "./bucket-protocols.ts";
import { isOneSided, keysOf } from "./choices.ts";
import { joinedRows, leftOut } from "./joined-rows.ts";
import { type Context, rulesOf } from "./parameters.ts";
import { reportMatch } from "./report-match.ts";
import { type Link, type Rounds, runRounds } from "./rounds.ts";
import { type KeyColumn, refuseUnusable } from "./table-ids.ts";
import { checkRoom, emptied } from "./work.ts";

/** Of the whole task in the progress shown; the rest is writing. */
const MATCH_SHARE = 0.8;

export async function matchPair(context: Context, partner: string): Promise<void> {
  const data = await context.inputs.file("data");
  const folder = await context.workFolder();
  await emptied(context, folder, async () => {
    const keys = keyColumns(context, data);
    const { size } = await stat(data.path);
    await checkRoom(folder, data, size, keys.length);
    if (keys.length > 1 && context.parameters.empty === "refuse")
      await refuseUnusable(data.path, data.rowCount, keys, context.signal);
    const link = await openLink(context, partner);
    const result = await runRounds(context, data, link, {
      keys,
      folder,
      progress: (stage, share) => showProgress(context, data, stage, MATCH_SHARE * share),
    });
    await leave(context, data, partner, result, folder);
  });
}

function keyColumns(context: Context, data: TableFile): KeyColumn[][] {
  const rules = rulesOf(context.parameters, data.keys.length);
  return keysOf(context.parameters, data.keys.length).map((key) =>
    key.map((column) => ({ name: data.keys[column]!, rules: rules[column]! })),
  );
}

async function openLink(context: Context, partner: string): Promise<Link> {
  return context.self.role === "guest"
    ? { role: "guest", peer: await context.peer(messages, "guest", "host", partner) }
    : { role: "host", peer: await context.peer(messages, "host", "guest", partner) };
}

async function leave(
  context: Context,
  data: TableFile,
  partner: string,
  result: Rounds,
  folder: string,
): Promise<void> {
  const { parameters, self, outputs, signal } = context;
  const oneSided = isOneSided(parameters);
  const joined = await joinedRows(context, data, result, folder);
  const { empty, repeated } = leftOut(result.rounds, data.rowCount);
  await reportMatch(context, {
    join: parameters.join,
    matched: joined === null ? null : result.takenCount,
    byKey: joined === null ? null : result.rounds.map(({ rows }) => rows),
    kept: joined?.rows ?? null,
    ownRows: data.rowCount,
    rows: { [self.party]: data.rowCount, [partner]: result.partnerRows },
    removed: { empty: empty.count, duplicates: repeated.count },
  });
  showProgress(context, data, "order", MATCH_SHARE);
  if (joined !== null)
    await outputs.file("data", data, { keys: data.keys, label: data.label, aligned: !oneSided }, async (path) => {
      await alignTable(data.path, path, joined.order, { signal, ...joined.behind });
      return joined.rows;
    });
  context.progress({ stage: "done", done: 1, total: 1, ...(joined === null ? {} : { rows: joined.rows }) });
}

/** Shares of the whole, in hundredths, and nothing of buckets: coarser still, partners see this too. */
function showProgress(context: Context, { rowCount }: TableFile, stage: string, share: number): void {
  context.progress({ stage, done: Math.floor((Math.floor(100 * share) / 100) * rowCount), total: rowCount });
}
