/** Picks the native kernels where they are built, else the reference, saying so once. */
export type * from "./elgamal-kernels.ts";
export * from "./id-kernels.ts";
export * from "./kernels.ts";
export * from "./little-endian.ts";
export * from "./retrieval-kernels.ts";
export type * from "./rlwe-kernels.ts";
export type * from "./slot-kernels.ts";
export type * from "./sum-kernels.ts";
export * from "./table-kernels.ts";
export type * from "./transfer-kernels.ts";
export type * from "./vole-kernels.ts";

import type { NormaliseStrings } from "./id-kernels.ts";
import type { Kernels } from "./kernels.ts";
import { type Loaded, loadNative } from "./native.ts";
import { referenceKernels } from "./reference/index.ts";
import type { TableKernels } from "./table-kernels.ts";

const loaded: Loaded =
  process.env.TOMBOLO_KERNELS === "reference" ? { reason: "TOMBOLO_KERNELS=reference" } : loadNative();

export const kernelsKind: "native" | "reference" = "kernels" in loaded ? "native" : "reference";
export const kernels: Kernels = "kernels" in loaded ? loaded.kernels : referenceKernels;
/** Null without the native library: read the strings through the engine instead. */
export const normaliseStrings: NormaliseStrings | null = "kernels" in loaded ? loaded.normaliseStrings : null;
/** Null without the native library: the database engine does their work. */
export const tableKernels: TableKernels | null = "kernels" in loaded ? loaded.tableKernels : null;

if ("reason" in loaded)
  process.stderr.write(
    `tombolo: native kernels are not in use (${loaded.reason}); the TypeScript reference gives the same results, much slower and not constant-time. Install Rust and run \`npm run setup\`.\n`,
  );
