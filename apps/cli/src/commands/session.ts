import { createInterface } from "node:readline/promises";
import { password } from "@clack/prompts";
import { TomboloError } from "@tombolo/base";
import { Client } from "@tombolo/sdk";
import type { Command } from "commander";
import { withNode } from "../command.ts";
import { fail, fields, print } from "../output.ts";
import { saveProfile, trustFile } from "../profile.ts";

/** The key comes from the terminal without echo, from standard input or from TOMBOLO_API_KEY: never from the arguments, which other users can see. */
async function askKey(): Promise<string> {
  if (process.env.TOMBOLO_API_KEY !== undefined) return process.env.TOMBOLO_API_KEY;
  if (process.stdin.isTTY) {
    const key = await password({ message: "API key" });
    if (typeof key !== "string") throw noKey();
    return key.trim();
  }
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) if (line.trim() !== "") return line.trim();
  throw noKey();
}

const noKey = (): TomboloError =>
  new TomboloError("input.key", "no API key given", {
    remedy: "Type it when asked, give it on standard input or in TOMBOLO_API_KEY. `tombolo key add` makes one.",
  });

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new TomboloError("input.url", `"${text}" is not the address of a node`, {
    remedy: "For example http://127.0.0.1:7500, as `tombolo start` prints it.",
  });
}

export function sessionCommands(program: Command): void {
  program
    .command("login <url>")
    .description("remember a node and an API key (asked for, or on standard input)")
    .option("--name <profile>", "name of the profile", "default")
    .option("--ca <file>", "PEM certificate to trust for a node beyond this machine (or TOMBOLO_CA_FILE)")
    .action(async (url: string, options: { name: string; ca?: string }, command: Command) => {
      const output = { json: command.optsWithGlobals<{ json?: boolean }>().json === true };
      try {
        const origin = originOf(url);
        const file = options.ca ?? process.env.TOMBOLO_CA_FILE;
        const ca = file === undefined ? {} : { ca: trustFile(file) };
        const apiKey = await askKey();
        const node = await new Client({ origin, apiKey }).call("node");
        saveProfile(options.name, { url: origin, apiKey, ...ca });
        print(
          output,
          { profile: options.name, party: node.partyId },
          () => `Signed in to ${node.partyId} (${node.name}).`,
        );
      } catch (error) {
        process.exitCode = fail(output, error);
      }
    });
  program
    .command("logout")
    .description("forget a profile")
    .option("--name <profile>", "name of the profile", "default")
    .action((options: { name: string }) => saveProfile(options.name, null));
  withNode(program.command("whoami").description("the node and what it is"), async ({ client, output }) => {
    const node = await client.call("node");
    print(output, node, () =>
      fields([
        ["party", `${node.partyId} (${node.name})`],
        ["version", node.version],
        ["signing key", node.signingKeyFingerprint],
        ["certificate", node.certificateFingerprint],
        ["address", node.publicAddress ?? "none: partners cannot dial us, we dial them"],
        ["kernels", node.kernels],
        ["database", node.database],
      ]),
    );
  });
}
