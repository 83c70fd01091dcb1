import { randomBytes } from "node:crypto";

/** A fresh id: the kind, a dash and 16 random letters and digits, e.g. `job-4tq1…`. */
export const newId = (kind: string): string =>
  `${kind}-${BigInt(`0x${randomBytes(10).toString("hex")}`)
    .toString(36)
    .padStart(16, "0")
    .slice(-16)}`;
