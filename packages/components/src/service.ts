/**
 * A service: a task that runs on and answers what its own node asks of it, until an agreed moment. It is a task like any
 * other in all that consent, grants and the journal have to say.
 */
import { z } from "zod";
import { field } from "./fields.ts";

/** What callers of the service ask for. */
export type ServiceKind = "score" | "query" | "verify";

/** Among the parameters of every component that serves. */
export const until = field(
  z.iso.datetime({ offset: true }),
  { en: "Until", zh: "服务截止时间" },
  { en: "When the service ends by itself.", zh: "服务自行结束的时间。" },
);

/** In ms since 1970. */
export const serviceUntil = (parameters: unknown): number => Date.parse((parameters as { until: string }).until);

/** An item of a batch that gets no answer; stands in its place. */
export interface ItemRefusal {
  readonly refusal: { readonly code: string; readonly message: string };
}

/** Counts that only grow, by name; what they count is the component's to say. */
export type Observed = Readonly<Record<string, readonly number[]>>;

export interface Clock {
  /** In ms since 1970. */
  now(): number;
  /** What `work` comes to, or "late" if that takes longer than `ms`. */
  within<T>(work: Promise<T>, ms: number): Promise<T | "late">;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async within(work, ms) {
    const { promise, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), ms);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  },
};
