/** Makes a data directory, and checks one before anything is opened in it. */
import { accessSync, constants, existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { TomboloError } from "@tombolo/base";
import { stringify } from "yaml";
import { checkConfig } from "./config.ts";
import { createKeys } from "./keys.ts";
import { type DataPaths, dataPaths, ROOT_LENGTH_MAX } from "./paths.ts";

export interface NewNode {
  readonly directory: string;
  /** As in node.yaml; checked before anything is written. */
  readonly config: Record<string, unknown>;
  readonly passphrase: string | undefined;
}

export async function createDataFolder({ directory, config, passphrase }: NewNode): Promise<DataPaths> {
  const paths = dataPaths(resolve(directory));
  const { party } = checkConfig(config);
  if (existsSync(paths.config))
    throw new TomboloError("state.exists", "this is a data directory already", {
      remedy: "Choose another directory; an existing one is never overwritten.",
    });
  refuseLong(paths.root);
  await mkdir(paths.root, { recursive: true, mode: 0o700 });
  await chmod(paths.root, 0o700);
  for (const folder of foldersOf(paths)) await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(paths.keys)) {
    // Made aside and moved, so that an interrupted init leaves no half pair.
    const aside = `${paths.keys}.new`;
    await rm(aside, { recursive: true, force: true });
    await createKeys(aside, party, passphrase);
    await rename(aside, paths.keys);
  }
  await writeFile(paths.config, `${HEADER}${stringify(config)}`, { mode: 0o600, flag: "wx" });
  return paths;
}

const HEADER = "# Tombolo node. Every setting can also come from the environment: api.port is TOMBOLO_API_PORT.\n";

/** Throws with a remedy unless the directory can be worked in. */
export async function checkDataFolder(paths: DataPaths, diskFreeBytesMin: number): Promise<void> {
  refuseLong(paths.root);
  try {
    accessSync(paths.root, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const folder of foldersOf(paths)) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TomboloError("resource.data-directory", "the data directory cannot be read and written", {
      remedy: "Check its owner and mode: the account that runs the node must own it.",
      detail: { root: paths.root },
      cause,
    });
  }
  await requireDiskSpace(paths, diskFreeBytesMin);
}

export async function requireDiskSpace(paths: DataPaths, bytes: number): Promise<void> {
  const free = await diskFree(paths);
  if (free >= bytes) return;
  throw new TomboloError(
    "resource.disk-full",
    `the data directory's disk has ${mebibytes(free)} free; ${mebibytes(bytes)} are needed`,
    {
      remedy: "Free space, or lower limits.diskFreeBytesMin if you must.",
    },
  );
}

export async function diskFree(paths: DataPaths): Promise<number> {
  const { bavail, bsize } = await statfs(paths.root);
  return bavail * bsize;
}

const foldersOf = (paths: DataPaths): string[] => [paths.datasets, paths.tasks, paths.logs, paths.temporary];
const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

export function refuseLong(root: string): void {
  if (Buffer.byteLength(root) <= ROOT_LENGTH_MAX) return;
  throw new TomboloError("input.directory", `the data directory's path is longer than ${ROOT_LENGTH_MAX} bytes`, {
    remedy: "Choose a shorter path: sockets in it have a length limit set by the system.",
    detail: { root },
  });
}
