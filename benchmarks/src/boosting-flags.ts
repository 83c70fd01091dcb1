/** What the command line can say about the boosting benchmark, besides the files that it shares with matching and the label with regression. */
import type { parseArgs } from "node:util";
import type { PsiFlags } from "./psi-flags.ts";
import type { RegressionFlags } from "./regression-flags.ts";

export const boostingFlags = {
  /** Of the guest and of the host, of generated tables: 20+80; with `--rows 1e6`. */
  columns: { type: "string" },
  trees: { type: "string" },
  depth: { type: "string" },
  bins: { type: "string" },
  /** lattice, okamoto-uchiyama or paillier. */
  scheme: { type: "string" },
  /** shared: the rows of that level alone. */
  level: { type: "string" },
} as const;

export type BoostingFlags = Pick<RegressionFlags, "guest" | "host" | "id" | "label"> &
  Pick<PsiFlags, "rows"> &
  ReturnType<typeof parseArgs<{ options: typeof boostingFlags }>>["values"];
