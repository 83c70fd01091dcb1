import { TomboloError } from "@tombolo/base";

/**
 * Of an attempt at a job: how many coefficients its products may still release, so that all of them together, with those of
 * the plans' other `attempts`, stay within 2^-40.
 */
export class ReleaseBudget {
  readonly max: number;
  #left: number;

  constructor(max: number) {
    this.max = max;
    this.#left = max;
  }

  /** Before anything is sent. */
  take(coefficients: number): void {
    if (coefficients > this.#left)
      throw new TomboloError("resource.product-budget", "the job has released as much as it was planned for", {
        remedy: "Plan the job for more products, or run the rest as another job.",
      });
    this.#left -= coefficients;
  }
}
