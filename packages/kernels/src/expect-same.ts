/** For tests: native and reference kernels come to the same end. */
import { seededSampling, TomboloError, toHex } from "@tombolo/base";
import { expect } from "vitest";
import type { Kernels } from "./kernels.ts";
import { loadNative } from "./native.ts";
import { referenceKernels } from "./reference/index.ts";

const loaded = loadNative();
export const native: Kernels | null = "kernels" in loaded ? loaded.kernels : null;

const sampling = seededSampling(7);
export const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => sampling.below(256));

/** The result, or how it failed. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    const result = await run();
    return result instanceof Uint8Array ? toHex(result) : result;
  } catch (error) {
    return error instanceof TomboloError ? `${error.code} ${error.message}` : (error as Error).constructor.name;
  }
}

export async function expectSame(run: (kernels: Kernels) => unknown): Promise<void> {
  if (native === null) throw new Error("the native kernels are not built");
  const kernels = native;
  expect(await outcome(() => run(kernels))).toEqual(await outcome(() => run(referenceKernels)));
}
