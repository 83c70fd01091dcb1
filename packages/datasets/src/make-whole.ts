/** Files that come whole or not at all: made in a folder of their own beside the target, renamed as the last step. */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ErrorCode } from "@tombolo/base";
import { storageError } from "./failures.ts";

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `make` writes the file at the path it is given, in a folder that is removed afterwards; what must outlive a crash it
 * syncs itself. What it throws comes as a typed error, as of `failure` where nothing better is known.
 */
export async function makeWhole<T>(target: string, failure: Failure, make: (path: string) => Promise<T>): Promise<T> {
  let work: string | undefined;
  try {
    work = await mkdtemp(join(dirname(target), ".making-"));
    const made = join(work, basename(target));
    const result = await make(made);
    await rename(made, target);
    return result;
  } catch (error) {
    throw storageError(error, failure.code, failure.message, failure.signal);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}
