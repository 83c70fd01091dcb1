const STOP_MS_MAX = 10_000;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Resolves at the first SIGTERM or SIGINT; asked for before starting, so that none is missed. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}

/** Stops in order; a second signal, or ten seconds, ends the process at once. */
export async function stopInOrder(stop: () => Promise<void>): Promise<never> {
  const endNow = (): never => process.exit(1);
  for (const signal of SIGNALS) process.on(signal, endNow);
  setTimeout(endNow, STOP_MS_MAX).unref();
  await stop();
  process.exit(0);
}
