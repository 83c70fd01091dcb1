/**
 * Fires once when something has been waited for and nothing moved for `deadlineMs`. One timer serves any number of
 * waits, so that a wait costs two integer updates.
 */
export class Watchdog {
  readonly #deadlineMs: number;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = 0;
  #movedAt = 0;

  constructor(deadlineMs: number, onSilence: () => void) {
    this.#deadlineMs = deadlineMs;
    this.#onSilence = onSilence;
  }

  async watch<T>(work: Promise<T>): Promise<T> {
    this.#waiting += 1;
    this.#movedAt = Date.now();
    if (this.#timer === undefined) this.#arm(this.#deadlineMs);
    try {
      return await work;
    } finally {
      this.#waiting -= 1;
      this.#movedAt = Date.now();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting === 0) return;
      const leftMs = this.#movedAt + this.#deadlineMs - Date.now();
      if (leftMs > 0) this.#arm(leftMs);
      else this.#onSilence();
    }, delayMs);
  }
}
