import { join } from "node:path";

/** Where a task keeps what its later attempts find again. */
export const workFolderOf = (taskFolder: string): string => join(taskFolder, "work");
