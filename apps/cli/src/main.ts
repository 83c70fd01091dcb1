import { readFileSync } from "node:fs";
import { Command } from "commander";
import { approvalCommands } from "./commands/approvals.ts";
import { dataCommands } from "./commands/data.ts";
import { flowCommands } from "./commands/flows.ts";
import { jobCommands } from "./commands/jobs.ts";
import { localCommands } from "./commands/local.ts";
import { matchCommands } from "./commands/match.ts";
import { modelCommands } from "./commands/models.ts";
import { partnerCommands } from "./commands/partners.ts";
import { prepareCommand } from "./commands/prepare.ts";
import { scheduleCommands } from "./commands/schedules.ts";
import { serviceCommands } from "./commands/services.ts";
import { sessionCommands } from "./commands/session.ts";
import { exitCodes } from "./output.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const usageError = (text: string): string =>
  `${JSON.stringify({ error: { code: "input.arguments", message: text.trim().replace(/^error: /, "") }, problems: [] })}\n`;

const program = new Command("tombolo")
  .description(
    "Tombolo joins data islands. Commands about a folder run on this machine; the others talk to a node's API.",
  )
  .version(version)
  .option("--json", "one JSON document on stdout, errors as JSON on stderr")
  .option("--profile <name>", "which saved node to talk to")
  .option("--url <url>", "address of the node's API")
  .configureOutput({
    outputError: (text, write) =>
      write(process.argv.includes("--json") ? usageError(text) : `${text}See \`tombolo <command> --help\`.\n`),
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.usage))
  .addHelpText(
    "after",
    "\nExit codes: 0 ok, 1 failed, 2 wrong use, 3 refused (consent or permission), 4 node or partner not reachable, 130 interrupted.\nTOMBOLO_URL and TOMBOLO_API_KEY name a node without `tombolo login`.",
  );

const areas = [
  localCommands,
  sessionCommands,
  partnerCommands,
  dataCommands,
  matchCommands,
  prepareCommand,
  jobCommands,
  flowCommands,
  modelCommands,
  scheduleCommands,
  serviceCommands,
  approvalCommands,
];
for (const add of areas) add(program);
await program.parseAsync();
