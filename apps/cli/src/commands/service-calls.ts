/** What business systems do with a service, by hand: score, query, verify, send outcomes; and change own rows in one. */
import { readFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { QueryReply, ScoreCall, ScoreReply, VerifyReply } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, withNode } from "../command.ts";
import { fields, plain, print, table } from "../output.ts";

interface CallOptions {
  id?: string[];
  feature?: string[];
  rows?: string;
  key?: string;
}

/** Rows from a JSON file ([{"id": ..., "features": {...}}]), or ids that share the features given. */
async function rowsOf({ id = [], feature = [], rows }: CallOptions): Promise<ScoreCall["rows"]> {
  if (rows !== undefined) return (await readJson(rows)) as ScoreCall["rows"];
  const features = Object.fromEntries(feature.map(parseFeature));
  if (id.length === 0) throw noId();
  return id.map((each) => (feature.length === 0 ? { id: each } : { id: each, features }));
}

/** What is in it the node checks. */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TomboloError("input.file", `${path} is not JSON`, { cause, remedy: "See `--help` for its form." });
  }
}

type Cell = NonNullable<ScoreCall["rows"][number]["features"]>[string];
function parseFeature(text: string): [string, Cell] {
  const at = text.indexOf("=");
  if (at < 1)
    throw new TomboloError("input.arguments", `"${text}" is not column=value`, {
      remedy: "For example --feature age=35",
    });
  const value = text.slice(at + 1);
  return [text.slice(0, at), value === "" ? null : Number.isNaN(Number(value)) ? value : Number(value)];
}

const replyText = ({ traceId, deployment, rows }: ScoreReply): string =>
  [
    fields([
      ["trace", traceId],
      ["deployment", deployment],
    ]),
    "",
    table(
      ["row", "answer", "by rule", "refused"],
      rows.map(({ score, band, decision, policy, refusal }, row) => [
        row,
        score ?? band ?? decision,
        policy == null ? "" : `${policy.instead}: ${policy.cause} at ${policy.party}`,
        refusal?.message,
      ]),
      "no rows",
    ),
  ].join("\n");

interface AskOptions {
  id?: string[];
  rows?: string;
  key?: string;
}

/** Of a table that is known by several columns the parts stand together, parted by commas. */
async function questionsOf({ id = [], rows }: AskOptions): Promise<{ id: string | string[] }[]> {
  if (rows !== undefined) return (await readJson(rows)) as { id: string }[];
  if (id.length === 0) throw noId();
  return id.map((each) => {
    const parts = each.split(",").map((part) => part.trim());
    return { id: parts.length === 1 ? parts[0]! : parts };
  });
}

const noId = (): TomboloError =>
  new TomboloError("input.arguments", "no id is given", { remedy: "Use --id, or --rows with a file." });

const answersText = ({ traceId, deployment, rows }: QueryReply | VerifyReply): string =>
  [
    fields([
      ["trace", traceId],
      ["deployment", deployment],
    ]),
    "",
    table(
      ["row", "answer", "values", "refused"],
      rows.map((row, at) => [
        at,
        answerOf(row),
        Object.entries(("values" in row ? row.values : null) ?? {})
          .map(([name, value]) => `${name}=${value ?? ""}`)
          .join(" "),
        row.refusal?.message,
      ]),
      "no rows",
    ),
  ].join("\n");

const answerOf = (row: QueryReply["rows"][number] | VerifyReply["rows"][number]): string =>
  "found" in row
    ? saidOf(row.found, "found", "not there")
    : saidOf("verified" in row ? row.verified : null, "verified", "not so");

const saidOf = (answer: boolean | null | undefined, yes: string, no: string): string =>
  answer == null ? "" : answer ? yes : no;

function ask(service: Command, name: "query" | "verify", description: string): void {
  withNode<[string, AskOptions]>(
    service
      .command(`${name} <service>`)
      .description(description)
      .option(
        "--id <id[,part]>",
        "the key; all its parts where the table is known by several columns (repeatable)",
        collect,
      )
      .option("--rows <file.json>", '[{"id": "..."}, {"id": ["...", "..."]}]')
      .option("--key <text>", "idempotency key: the same one gets the same answer for ten minutes"),
    async ({ client, output }, service, options) => {
      const input = { params: { name: service }, body: { rows: await questionsOf(options) } };
      const more = options.key === undefined ? {} : { idempotencyKey: options.key };
      const reply =
        name === "query"
          ? await client.call("queryService", input, more)
          : await client.call("verifyService", input, more);
      print(output, reply, () => answersText(reply));
    },
  );
}

function use(service: Command): void {
  withNode<[string, CallOptions]>(
    service
      .command("call <service>")
      .description("score ids, as a business system would")
      .option("--id <id>", "whom to score (repeatable)", collect)
      .option("--feature <column=value>", "an own feature of theirs (repeatable)", collect)
      .option("--rows <file.json>", '[{"id": "...", "features": {...}}]')
      .option("--key <text>", "idempotency key: the same one gets the same answer for ten minutes"),
    async ({ client, output }, name, options) => {
      const reply = await client.call(
        "callService",
        { params: { name }, body: { rows: await rowsOf(options) } },
        options.key === undefined ? {} : { idempotencyKey: options.key },
      );
      print(output, reply, () => replyText(reply));
    },
  );
  withNode<[string, string]>(
    service
      .command("outcomes <service> <file.json>")
      .description('say what became of the scored: [{"traceId": "...", "row": 0, "outcome": 1}]'),
    async ({ client, output }, name, path) => {
      const items = (await readJson(path)) as { traceId: string; outcome: number }[];
      const kept = await client.call("sendOutcomes", { params: { name }, body: { items } });
      print(
        output,
        kept,
        () => `${kept.kept} kept${kept.unknown.map((trace) => `\nnot known: ${plain(trace)}`).join("")}`,
      );
    },
  );
}

function hosting(service: Command): void {
  withNode<[string, string]>(
    service
      .command("rows <job> <file.json>")
      .description(
        'change own rows that answer in a service: [{"put": {"id": "...", "features": {...}}}, {"remove": "..."}]',
      ),
    async ({ client, output }, id, path) => {
      const changes = (await readJson(path)) as { remove: string }[];
      const taken = await client.call("changeServedRows", { params: { id }, body: { changes } });
      const refused = taken.changes.flatMap(({ refusal }, row) =>
        refusal === undefined ? [] : [`\nchange ${row} refused: ${plain(refusal.message)}`],
      );
      const done = taken.changes.filter((each) => each.done === true).length;
      print(output, taken, () => `${done} of ${taken.changes.length} taken${refused.join("")}`);
    },
  );
}

export function callCommands(service: Command): void {
  use(service);
  ask(service, "query", "ask about keys in a partner's table; it learns how many, never which");
  ask(service, "verify", "ask whether the parts of a key belong together: yes or no");
  hosting(service);
}
