/** Commands `backup` and `restore`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Restored, restore as restoreFrom } from "../backup/restore.ts";
import { callNode } from "../operations/control.ts";
import { type Command, FAILED, outputOf, required } from "./command.ts";

export const backup: Command = {
  usage: `backup --to <file> --dir <directory>
      one file with keys, database, datasets and results, also while the node runs`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { dir: { type: "string" }, to: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const file = resolve(required(values.to, "--to"));
    const made = await callNode(required(values.dir, "--dir"), process.env, "backUp", { file });
    outputOf(values.json).print({ ...made }, [
      `Backup        ${made.file}`,
      `Files         ${made.files}`,
      `Journal       ${made.journalEntries} entries`,
      ...(made.database === "none"
        ? ["The database is not in it: back up PostgreSQL with pg_dump before each of these."]
        : []),
      "It holds the private keys: keep it as safe as the node itself.",
    ]);
    return 0;
  },
};

export const restore: Command = {
  usage: `restore --from <file> --dir <new directory>
      makes a data directory from a backup, checked before it appears`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { dir: { type: "string" }, from: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const directory = required(values.dir, "--dir");
    const done = await restoreFrom(resolve(required(values.from, "--from")), directory, process.env);
    outputOf(values.json).print({ ...done }, [
      `Data directory of ${done.party}: ${done.directory}, as of ${done.at}`,
      `Journal       ${done.journalEntries} entries, ${done.journalOk ? "whole" : "NOT WHOLE: see tombolo journal verify"}`,
      ...(done.database === "none" ? ["Restore PostgreSQL from its own backup before the first start."] : []),
      "What happened since is not in it: partners have it. Uses and budgets drawn since are not counted; stored catalogues are made anew.",
      ...waitingLines(done),
      "If keys were rotated since, partners refuse these: see docs/operations.md before the start.",
      `Next: tombolo start --dir ${directory}`,
    ]);
    return done.journalOk ? 0 : FAILED;
  },
};

function waitingLines({ waiting }: Restored): string[] {
  const count = (of: "grants" | "schedules"): string => (waiting === null ? "all" : `${waiting[of].length}`);
  const contracts = waiting === null ? "all, from the first start on" : waiting.contracts.join(", ") || "none";
  return [
    "What was revoked, withdrawn or ended since would be in force again, and so waits for a person:",
    `Grants        ${count("grants")} own suspended; an approver confirms each that still holds (tombolo grant confirm <id>)`,
    `Schedules     ${count("schedules")} paused; an approver other than who asked resumes each that still holds, or withdraws it`,
    `Contracts     ${contracts}: compare and confirm the fingerprint again (tombolo partner confirm), or end it`,
    "Model permits are withdrawn, to be given anew. Services answer again: stop what was stopped since.",
  ];
}
