import { readFileSync } from "node:fs";
import { join } from "node:path";

/** TOMBOLO_PASSPHRASE, or the systemd credential `tombolo-passphrase`. */
export function passphraseOf(environment: NodeJS.ProcessEnv): string | undefined {
  const direct = environment.TOMBOLO_PASSPHRASE;
  if (direct !== undefined && direct !== "") return direct;
  const folder = environment.CREDENTIALS_DIRECTORY;
  if (folder === undefined) return undefined;
  try {
    return readFileSync(join(folder, "tombolo-passphrase"), "utf8").replace(/\r?\n$/, "");
  } catch {
    return undefined;
  }
}
