/**
 * The embedded database, made durable.
 *
 * PGlite starts PostgreSQL with `-F` (fsync off) and its file system has no fsync at all: a commit would survive the
 * process but not the machine. Here fsync is on and reaches the disk, so an acknowledged act survives a power cut.
 */
import { fsyncSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

interface SyncingFileSystem {
  stream_ops: { fsync?: (stream: { nfd: number }) => number };
}

class DurableNodeFS extends NodeFS {
  override async init(...[instance, options]: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    return super.init(instance, { ...options, preRun: [...(options.preRun ?? []), syncToDisk] });
  }
}

function syncToDisk(module: unknown): void {
  const files = (module as { NODEFS: SyncingFileSystem }).NODEFS;
  files.stream_ops.fsync = (stream) => {
    fsyncSync(stream.nfd);
    return 0;
  };
}

/** Opens (or creates) the database in `folder`. */
export const openPglite = (folder: string): Promise<PGlite> => open(folder, {});

/** Makes the database in `folder` from what `dumpDataDir("gzip")` gave. */
export async function loadPglite(folder: string, dump: Uint8Array<ArrayBuffer>): Promise<void> {
  const loadDataDir = new File([dump], "database.tar.gz", { type: "application/x-gzip" });
  await (await open(folder, { loadDataDir })).close();
}

async function open(folder: string, options: { readonly loadDataDir?: File }): Promise<PGlite> {
  const startParams = PGlite.defaultStartParams
    .filter((each) => each !== "-F")
    // Emscripten's fdatasync does nothing; its fsync is the one replaced above.
    .concat("-c", "wal_sync_method=fsync");
  const instance = new PGlite({ fs: new DurableNodeFS(folder), startParams, ...options });
  await instance.waitReady;
  return instance;
}
