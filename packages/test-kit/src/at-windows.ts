/** Runs the same check at several windows: at 1, a protocol that needs more in flight than it may deadlocks. */
export async function atWindows(windows: readonly number[], check: (window: number) => Promise<void>): Promise<void> {
  for (const window of windows) {
    try {
      await check(window);
    } catch (cause) {
      throw new Error(`at window ${window}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
