/** What the command line can say about the regression benchmark, besides the files that it shares with matching. */
import type { parseArgs } from "node:util";
import type { PsiFlags } from "./psi-flags.ts";

export const regressionFlags = {
  /** Column of the guest's file. */
  label: { type: "string" },
  epochs: { type: "string" },
  /** Of a made-up table: rows x the guest's columns x the host's. */
  made: { type: "string" },
  /** Rows of a batch. */
  batch: { type: "string" },
} as const;

export type RegressionFlags = Pick<PsiFlags, "guest" | "host" | "id"> &
  ReturnType<typeof parseArgs<{ options: typeof regressionFlags }>>["values"];
