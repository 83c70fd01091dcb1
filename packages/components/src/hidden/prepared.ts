/** Queries made while nobody asks: all of one but its key can be, and each serves once. */
import type { Description, Prepared } from "@tombolo/protocols/pir/simple";

/** Some 0.1 MB each, and some 20 ms to make one of a table of a million rows. */
const AHEAD = 8;

export class PreparedAhead {
  readonly description: Description;
  readonly #make: () => Promise<Prepared>;
  readonly #ready: Prepared[] = [];
  #filling: Promise<void> | undefined;
  #closed = false;

  constructor(description: Description, make: () => Promise<Prepared>) {
    this.description = description;
    this.#make = make;
    this.#fill();
  }

  async prepare(): Promise<Prepared> {
    const one = this.#ready.pop();
    this.#fill();
    return one ?? this.#make();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#filling;
  }

  #fill(): void {
    this.#filling ??= this.#makeAhead().finally(() => {
      this.#filling = undefined;
    });
  }

  async #makeAhead(): Promise<void> {
    try {
      while (!this.#closed && this.#ready.length < AHEAD) this.#ready.push(await this.#make());
    } catch {
      // Whoever asks next makes its own, and hears why that fails.
    }
  }
}
