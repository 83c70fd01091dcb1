import { lazyRouteComponent } from "@tanstack/react-router";

const PAUSE_MS = 1000;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Whether the node answers at all; a proxy before it answers for it with 502 to 504. */
const answers = (node: string): Promise<boolean> =>
  fetch(node, { method: "HEAD", cache: "no-store" }).then(
    ({ status }) => status < 500,
    () => false,
  );

/**
 * Code that cannot be fetched while the node is away is fetched again once it is back.
 * Rejects where the node is there and does not have it: another version is installed.
 */
export async function untilFetched<T>(load: () => Promise<T>, node = "/"): Promise<T> {
  try {
    return await load();
  } catch {
    while (!(await answers(node))) await pause();
    return load();
  }
}

/** A component, a page or a part of one, whose code is fetched when it is first shown. The page reloads where that code is gone. */
export const lazily = <M extends Record<string, unknown>, K extends keyof M>(load: () => Promise<M>, name: K) =>
  lazyRouteComponent(() => untilFetched(load), name);
