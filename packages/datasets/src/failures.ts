/** Typed errors for what files and disks do. Messages name lines and columns, never values or paths. */
import { type ErrorCode, TomboloError } from "@tombolo/base";

export const csvError = (message: string, remedy: string, detail?: Readonly<Record<string, unknown>>): TomboloError =>
  new TomboloError("input.csv", message, { remedy, ...(detail === undefined ? {} : { detail }) });

export const parquetError = (message: string, remedy: string, cause?: unknown): TomboloError =>
  new TomboloError("input.parquet", message, { remedy, ...(cause === undefined ? {} : { cause }) });

const SYSTEM: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ENOSPC: ["resource.disk", "the disk is full", "Free some space and try again; nothing was left half-written."],
  EDQUOT: [
    "resource.disk",
    "the disk quota is used up",
    "Free some space and try again; nothing was left half-written.",
  ],
  EROFS: ["resource.disk", "the disk is read-only", "Choose a data directory that can be written."],
  EIO: ["resource.disk", "the disk could not be read or written", "Check the disk; the file may be damaged."],
  EACCES: ["input.unreadable", "the file may not be read", "Give this process the right to read it."],
  EPERM: ["input.unreadable", "the file may not be read", "Give this process the right to read it."],
  ENOENT: ["input.unreadable", "the file does not exist", "Check the path."],
  EISDIR: ["input.unreadable", "this is a folder, not a file", "Name a file."],
};

/** What was caught while reading, writing or querying, as a typed error; a TomboloError passes unchanged. */
export function storageError(error: unknown, fallback: ErrorCode, message: string, signal?: AbortSignal): TomboloError {
  if (error instanceof TomboloError) return error;
  // Ours, not the file's: what the rows were handed to failed.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return TomboloError.from(error);
  if (signal?.aborted) return TomboloError.from(signal.reason, "aborted.cancel", "cancelled");
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as NodeJS.ErrnoException | null)?.code ?? systemCodeIn(text);
  const known = code === undefined ? undefined : SYSTEM[code];
  if (known !== undefined) return new TomboloError(known[0], known[1], { remedy: known[2], cause: error });
  if (/Out of Memory|max_temp_directory_size/i.test(text))
    return new TomboloError("resource.memory", "the table does not fit the memory and temporary space allowed", {
      remedy: "Raise the limits of this node, or import fewer columns.",
      cause: error,
    });
  return new TomboloError(fallback, message, { cause: error, detail: { reason: text.slice(0, 500) } });
}

/** The database engine reports system errors as text. */
function systemCodeIn(text: string): string | undefined {
  if (/No space left on device/i.test(text)) return "ENOSPC";
  if (/Disk quota exceeded/i.test(text)) return "EDQUOT";
  if (/Read-only file system/i.test(text)) return "EROFS";
  if (/Permission denied/i.test(text)) return "EACCES";
  if (/No such file/i.test(text)) return "ENOENT";
  return undefined;
}
