import { open } from "node:fs/promises";

/** Names in a folder are on disk: a synced file can still lack its name after a crash. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
