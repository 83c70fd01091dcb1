import { Command } from "commander";
import { approvalCommands } from "./commands/approvals.ts";
import { dataCommands } from "./commands/data.ts";
import { jobCommands } from "./commands/jobs.ts";
import { localCommands } from "./commands/local.ts";
import { partnerCommands } from "./commands/partners.ts";
import { sessionCommands } from "./commands/session.ts";
import { exitCodes } from "./output.ts";

const program = new Command("tombolo")
  .description(
    "Tombolo joins data islands. Commands about a folder run on this machine; the others talk to a node's API.",
  )
  .option("--json", "one JSON document on stdout, errors as JSON on stderr")
  .option("--profile <name>", "which saved node to talk to")
  .option("--url <url>", "address of the node's API")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.usage))
  .addHelpText(
    "after",
    "\nExit codes: 0 ok, 1 failed, 2 wrong use, 3 refused (consent or permission), 4 node or partner not reachable.",
  );

for (const add of [localCommands, sessionCommands, partnerCommands, dataCommands, jobCommands, approvalCommands])
  add(program);
await program.parseAsync();
