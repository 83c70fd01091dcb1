import { TomboloError } from "@tombolo/base";
import type { Clock } from "../context.ts";

const SUBJECTS_MAX = 10_000;

/** A token bucket per subject, full at first: short bursts pass, a steady flood does not. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** `burst`: what may be taken at once after a rest. */
  constructor(perMinute: number, clock: Clock, burst = perMinute) {
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#burst = burst;
  }

  take(subject: string, tokens = 1): void {
    const now = this.#clock.now().getTime();
    const bucket = this.#buckets.get(subject) ?? { tokens: this.#burst, at: now };
    const refilled = bucket.tokens + ((now - bucket.at) / 60_000) * this.#perMinute;
    bucket.tokens = Math.min(this.#burst, refilled);
    bucket.at = now;
    // Deleted and set again: the map stays ordered by last use, so the oldest can be dropped.
    this.#buckets.delete(subject);
    this.#buckets.set(subject, bucket);
    if (this.#buckets.size > SUBJECTS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!);
    if (bucket.tokens < tokens)
      throw new TomboloError("auth.rate", "too many requests", { remedy: "Wait a minute, then try again." });
    bucket.tokens -= tokens;
  }
}
