/** `start` on a machine that has no node yet makes one, so that an unpacked archive needs one command. */
import { existsSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { createDataFolder } from "../config/data-folder.ts";
import { passphraseOf } from "../config/passphrase.ts";
import { dataPaths } from "../config/paths.ts";

interface Given {
  readonly dir?: string | undefined;
  readonly party?: string | undefined;
  readonly name?: string | undefined;
}

/** A directory that is named must be there, unless a party is named for it: a slip of the finger makes no new party. */
export async function directoryToStart(given: Given, environment: NodeJS.ProcessEnv): Promise<string> {
  const named = given.dir ?? environment.TOMBOLO_DIR;
  const directory = named ?? join(homedir(), ".tombolo");
  if (existsSync(dataPaths(resolve(directory)).config)) return directory;
  if (named !== undefined && given.party === undefined) return directory;
  const party = given.party ?? partyFromHost(hostname());
  const config = { party, name: given.name ?? party };
  const { root } = await createDataFolder({ directory, config, passphrase: passphraseOf(environment) });
  process.stderr.write(
    `Made the data directory of ${party}: ${root}\n` +
      "Partners will know this node by that id; to choose another, remove the directory and start with --party.\n",
  );
  return directory;
}

/** Party ids are lower-case words with hyphens. */
function partyFromHost(host: string): string {
  const slug = host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  return slug.length < 2 ? "party" : slug;
}
