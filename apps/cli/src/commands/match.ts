import { TomboloError } from "@tombolo/base";
import type { MatchPlan, QueryPlan } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, type Session, withNode } from "../command.ts";
import { bytes, exitCodes, fields, plain, print } from "../output.ts";
import { checkText, parseHost, submitted } from "./jobs.ts";

interface MatchOptions {
  project: string;
  dataset: string;
  key: string[];
  column?: string[];
  host: string[];
  protocol: string;
  security: string;
  duplicates: string;
  join: string;
  receivers?: string;
  try?: string[];
  name?: string;
  message?: string;
  dryRun?: boolean;
  follow?: boolean;
}

interface QueryOptions {
  project: string;
  dataset: string;
  key: string[];
  column?: string[];
  host: string;
  get?: string[];
  form: "auto" | QueryPlan["form"];
  stays?: boolean;
  keysPublic?: boolean;
  keeper?: string;
  linkMbps: string;
  idsMax?: string;
  padTo: string;
  authorisation?: string;
  authorisedFor?: string;
  authorisedUntil?: string;
  name?: string;
  message?: string;
  dryRun?: boolean;
  follow?: boolean;
}

const sizeText = (estimate: { seconds: number; bytesOut: number; bytesIn: number } | null): string =>
  estimate === null
    ? "unknown: a partner does not show its row count"
    : `about ${estimate.seconds < 1.5 ? "a second" : `${Math.round(estimate.seconds)} s`}, out ${bytes(estimate.bytesOut)}, in ${bytes(estimate.bytesIn)}`;

const queryPlanText = ({ form, why, estimate }: QueryPlan): string =>
  fields([
    ["form", form],
    ["because", plain(why.en)],
    ["will take", sizeText(estimate)],
  ]);

/** "income" is a number, "city:text:24" a text of 24 bytes at most. */
export function columnGot(text: string): { column: string; kind: "number" | "text"; bytes?: number } {
  const [, column, bytesMax] = /^(.+):text(?::(\d+))?$/.exec(text) ?? [];
  if (column === undefined) return { column: text, kind: "number" };
  return { column, kind: "text", ...(bytesMax === undefined ? {} : { bytes: Number(bytesMax) }) };
}

function authorisationOf({ authorisation, authorisedFor, authorisedUntil }: QueryOptions) {
  if (authorisation === undefined) return null;
  if (authorisedFor === undefined || authorisedUntil === undefined)
    throw new TomboloError("input.authorisation", "an authorisation has a scope and an end", {
      remedy: "Add --authorised-for and --authorised-until.",
    });
  return { hash: authorisation, scope: authorisedFor, expires: authorisedUntil };
}

async function query(session: Session, options: QueryOptions): Promise<number> {
  const { project, dataset, key, column = [], get = [], form, stays, keysPublic, keeper, idsMax } = options;
  const body = {
    projectId: project,
    name: options.name ?? `Query with ${dataset}`,
    guest: { datasetId: dataset, keys: key, columns: column },
    host: parseHost(options.host),
    columns: get.map(columnGot),
    ...{ form, stays: stays ?? false, keysPublic: keysPublic ?? false, keeper: keeper ?? null },
    ...{ linkMbps: Number(options.linkMbps), idsMax: idsMax === undefined ? null : Number(idsMax) },
    padTo: Number(options.padTo),
    authorisation: authorisationOf(options),
  };
  const check = await session.client.call("queryFlow", { body });
  if (!check.ok || options.dryRun === true) {
    print(session.output, check, () => `${queryPlanText(check.plan)}\n\n${checkText(check)}`);
    return check.ok ? exitCodes.ok : exitCodes.usage;
  }
  if (!session.output.json) process.stderr.write(`${queryPlanText(check.plan)}\n\n`);
  return submitted(session, project, check.flow as Record<string, unknown>, options);
}

function planText({ protocol, why, estimate }: MatchPlan): string {
  const disk = estimate === null ? "" : `, ${bytes(estimate.diskBytes)} of disk`;
  const guess = `${sizeText(estimate)}${disk}`;
  return fields([
    ["protocol", protocol],
    ["because", plain(why.en)],
    ["will take", guess],
  ]);
}

/** A difference is nobody's but the asker's. */
const receiversOf = (join: string): string => (join === "difference" ? "guest" : "all");

/** "1" and "2,3": by the first id column, then by the second and third together. */
const keysOf = (tried: readonly string[] = []): { keys?: number[][] } =>
  tried.length === 0 ? {} : { keys: tried.map((key) => key.split(",").map(Number)) };

async function match(session: Session, options: MatchOptions): Promise<number> {
  const { project, dataset, key, column = [], protocol, security, duplicates, join, name } = options;
  const hosts = options.host.map(parseHost).map((host) => ({ ...host, columns: [] }));
  const body = {
    projectId: project,
    name: name ?? `Match ${dataset}`,
    guest: { datasetId: dataset, keys: key, columns: column },
    hosts,
    protocol,
    parameters: {
      duplicates,
      security,
      join,
      receivers: options.receivers ?? receiversOf(join),
      ...keysOf(options.try),
    },
  };
  const check = await session.client.call("matchFlow", { body });
  if (!check.ok || options.dryRun === true) {
    print(session.output, check, () => `${planText(check.plan)}\n\n${checkText(check)}`);
    return check.ok ? exitCodes.ok : exitCodes.usage;
  }
  if (!session.output.json) process.stderr.write(`${planText(check.plan)}\n\n`);
  return submitted(session, project, check.flow as Record<string, unknown>, options);
}

export function matchCommands(program: Command): void {
  withNode<[MatchOptions]>(
    program
      .command("psi")
      .description("find the rows that all parties have; each keeps its own, in one joint order")
      .requiredOption("--project <id>", "see `tombolo project list`")
      .requiredOption("--dataset <id>", "own rows")
      .requiredOption("--key <column>", "own id column (repeatable)", collect)
      .requiredOption("--host <party=dataset:key[,key]>", "a partner's table (repeatable)", collect)
      .option("--column <name>", "own column to keep beside the ids (repeatable)", collect)
      .option("--protocol <name>", "auto: chosen by sizes", "auto")
      .option(
        "--security <model>",
        "semi-honest, or malicious: partners that depart from the protocol; two parties",
        "semi-honest",
      )
      .option("--join <kind>", "rows kept: inner, left (all own rows) or difference (own rows they have not)", "inner")
      .option("--receivers <who>", "who learns the result: all, or guest (you alone; the default of a difference)")
      .option(
        "--try <columns>",
        "match by these id columns, by number, and what is left by the next --try: --try 1 --try 2,3 (repeatable)",
        collect,
      )
      .option(
        "--duplicates <what>",
        "an id in several rows: refuse, remove (keep the first) or many-to-one (own rows only)",
        "refuse",
      )
      .option("--name <text>", "of the job")
      .option("--message <text>", "what the approvers should know")
      .option("--dry-run", "say what it would take and disclose, and submit nothing")
      .option("--follow", "show progress until it ends"),
    match,
  );
  withNode<[QueryOptions]>(
    program
      .command("query")
      .description(
        "ask a partner's table about own keys, which the partner does not learn; its form is chosen by sizes",
      )
      .requiredOption("--project <id>", "see `tombolo project list`")
      .requiredOption("--dataset <id>", "own table with the keys to ask about")
      .requiredOption("--key <column>", "own key column (repeatable)", collect)
      .requiredOption("--host <party=dataset:key[,key]>", "the partner's table")
      .option(
        "--get <column[:text[:bytes]]>",
        "a column of the partner's rows to get; none: which keys are there",
        collect,
      )
      .option("--column <name>", "own column to keep beside the keys (repeatable)", collect)
      .option("--form <name>", "auto, keyword, simple, two-server or oblivious-transfer", "auto")
      .option("--stays", "the table may not leave its owner, even sealed")
      .option("--keys-public", "which keys the table has is no secret")
      .option("--keeper <party>", "a third party that keeps a sealed copy and stays apart from the owner")
      .option("--link-mbps <number>", "speed of the link between the parties", "100")
      .option("--ids-max <number>", "different keys asked at most; by default the rows of the own table")
      .option("--authorisation <sha256>", "of the document by which the data subjects agreed")
      .option("--authorised-for <scope>", "the purpose of the owner's grant, or the id of the partner's table")
      .option("--authorised-until <time>", "ISO time")
      .option("--pad-to <number>", "the partner is told the number of keys in steps of this many", "4")
      .option("--name <text>", "of the job")
      .option("--message <text>", "what the approvers should know")
      .option("--dry-run", "say what it would take and disclose, and submit nothing")
      .option("--follow", "show progress until it ends"),
    query,
  );
}
