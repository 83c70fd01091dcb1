import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

const nodeMain = fileURLToPath(new URL("../../../node/src/main.ts", import.meta.url));

const LOCAL: readonly (readonly [string, string])[] = [
  ["init", "make a party's folder: keys, configuration, database"],
  ["start", "start the node of a folder; makes one at the first start"],
  ["status", "is the node of a folder running, and how is it"],
  ["doctor", "check this node and the path to each partner, from both ends"],
  ["user", "add or reset a user on this machine"],
  ["key", "make or delete an API key on this machine"],
  ["keys", "rotate the signing key and the certificate of this party"],
  ["journal", "verify the journal of a folder"],
  ["backup", "one file with all of a folder that cannot be made again"],
  ["restore", "make a folder from such a file"],
];

/** Commands about a folder on this machine run the node's own program: they need its keys and database, not its API. */
export function localCommands(program: Command): void {
  for (const [name, description] of LOCAL) {
    program
      .command(name)
      .description(description)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .argument("[arguments...]")
      .action((_given: string[], _options: unknown, command: Command) => {
        const json = command.optsWithGlobals<{ json?: boolean }>().json === true;
        const rest = [...command.args, ...(json && !command.args.includes("--json") ? ["--json"] : [])];
        return new Promise<void>((resolve) => {
          const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", nodeMain, name, ...rest], {
            stdio: "inherit",
          });
          for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
          child.on("close", (code) => {
            process.exitCode = code ?? 1;
            resolve();
          });
        });
      });
  }
}
