import { expect, onTestFailed } from "vitest";

let registered = "";

/** Under Vitest, a failing test prints the seeds of its worlds. Elsewhere (benchmarks) it does nothing. */
export function printSeedOnFailure(seed: number): void {
  if (process.env.VITEST === undefined) return;
  const key = `${expect.getState().currentTestName} ${seed}`;
  if (key === registered) return;
  registered = key;
  try {
    onTestFailed(() => console.error(`replay with seed ${seed} (TOMBOLO_SEED=${seed})`));
  } catch {
    // Outside a test body (a hook, a shared fixture) there is no test to attach to.
  }
}
