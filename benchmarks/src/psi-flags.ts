/** What the command line can say about the matching benchmark. */
import type { parseArgs } from "node:util";

export const psiFlags = {
  /** A kind of match or several. */
  protocol: { type: "string", multiple: true },
  /** Rows a side of generated files, e.g. 1e7. */
  rows: { type: "string", multiple: true },
  guest: { type: "string" },
  host: { type: "string" },
  id: { type: "string" },
  /** Where the files go: needs about 200 bytes a row. */
  folder: { type: "string" },
} as const;

export type PsiFlags = ReturnType<typeof parseArgs<{ options: typeof psiFlags }>>["values"];
