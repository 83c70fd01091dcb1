import type { Command } from "commander";
import { collect, type Session, withNode } from "../command.ts";
import { exitCodes, print } from "../output.ts";
import { checkText, parseHost, submitted } from "./jobs.ts";
import { columnGot } from "./match.ts";

interface PrepareOptions {
  project: string;
  host: string;
  get?: string[];
  stays?: boolean;
  hint: boolean;
  idsMax?: string;
  days?: string;
  padTo?: string;
  name?: string;
  message?: string;
  dryRun?: boolean;
  follow?: boolean;
}

const numberOr = (name: string, text: string | undefined): Record<string, number> =>
  text === undefined ? {} : { [name]: Number(text) };

async function prepare(session: Session, options: PrepareOptions): Promise<number> {
  const { project, get = [], stays = false, hint, idsMax, days, padTo } = options;
  const host = parseHost(options.host);
  const limits = {
    ...(hint ? {} : { hint: "none" }),
    ...numberOr("idsMax", idsMax),
    ...numberOr("days", days),
    ...numberOr("padTo", padTo),
  };
  const body = {
    projectId: project,
    name: options.name ?? `Catalogue of ${host.partyId}`,
    ...{ host, stays, parameters: { columns: get.map(columnGot), ...limits } },
  };
  const check = await session.client.call("catalogueFlow", { body });
  if (!check.ok || options.dryRun === true) {
    print(session.output, check, () => checkText(check));
    return check.ok ? exitCodes.ok : exitCodes.usage;
  }
  return submitted(session, project, check.flow as Record<string, unknown>, options);
}

export function prepareCommand(program: Command): void {
  withNode<[PrepareOptions]>(
    program
      .command("prepare")
      .description("make a partner's table ready to be asked key by key; what it leaves is deployed as a service")
      .requiredOption("--project <id>", "see `tombolo project list`")
      .requiredOption("--host <party=dataset:key[,key]>", "the partner's table")
      .option("--get <column[:text[:bytes]]>", "a column that answers have (repeatable); none: yes or no", collect)
      .option(
        "--stays",
        "the table stays with its owner, who works through it for each key; else a sealed catalogue comes here",
      )
      .option(
        "--no-hint",
        "with --stays: keep nothing here, for who asks now and then; each key takes more bytes and longer",
      )
      .option("--ids-max <number>", "ids that may be asked in all")
      .option("--days <number>", "for so long")
      .option("--pad-to <number>", "the table's size is told in steps of this many")
      .option("--name <text>", "of the job")
      .option("--message <text>", "what the approvers should know")
      .option("--dry-run", "say what it would disclose, and submit nothing")
      .option("--follow", "show progress until it ends"),
    prepare,
  );
}
