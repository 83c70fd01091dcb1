/** Waits for SIGTERM or SIGINT, then stops in order; a second signal, or ten seconds, ends it at once. */
const STOP_MS_MAX = 10_000;

export async function untilStopped(stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  const endNow = (): never => process.exit(1);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, endNow);
  const deadline = setTimeout(endNow, STOP_MS_MAX);
  await stop();
  clearTimeout(deadline);
  process.exit(0);
}
