/**
 * Live events inside the process. Publishing never waits: each subscription has a bounded queue, and one that cannot
 * keep up is ended; its client connects again and reads anew (an event only names what changed).
 */
import type { LiveEvent } from "@tombolo/sdk";

const QUEUE_MAX = 500;

type Listener = (event: LiveEvent) => void;

export class EventBus {
  readonly #listeners = new Set<Listener>();

  publish(event: LiveEvent): void {
    for (const each of this.#listeners) each(event);
  }

  /** `listener` must not throw or block. Returns how to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Events that pass `wanted` until the signal aborts or the reader falls too far behind. */
  async *subscribe(wanted: (event: LiveEvent) => boolean, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    const queue: LiveEvent[] = [];
    let wake = Promise.withResolvers<void>();
    let behind = false;
    const stop = this.listen((event) => {
      if (!wanted(event)) return;
      if (queue.length >= QUEUE_MAX) behind = true;
      else queue.push(event);
      wake.resolve();
    });
    const onAbort = (): void => wake.resolve();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted && !behind) {
        yield* queue.splice(0);
        if (queue.length > 0) continue;
        await wake.promise;
        wake = Promise.withResolvers();
      }
    } finally {
      stop();
      signal.removeEventListener("abort", onAbort);
    }
  }
}
