/** Whether the disk has room for what is about to be written: better said before than found out after an hour. */
import { statfs } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";

const GIB = 2 ** 30;

/** Throws `resource.disk` with the figures. */
export async function checkDiskSpace(folder: string, bytesNeeded: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const bytesFree = bavail * bsize;
  if (bytesFree >= bytesNeeded) return;
  const [need, free] = [bytesNeeded, bytesFree].map((bytes) => (bytes / GIB).toFixed(2));
  throw new TomboloError("resource.disk", `${what} needs more room on the disk than there is`, {
    remedy: `Free space on the data directory's disk: ${need} GiB are needed for a while, ${free} GiB are free.`,
    detail: { bytesNeeded, bytesFree },
  });
}
