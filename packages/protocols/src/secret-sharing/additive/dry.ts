/**
 * The same computation without partners: on zeros, to count what it will send and use up. Its results mean nothing. Nothing but the shapes decides
 * what is sent, so that the count is exact, and tested against what the meter counts.
 */
import type { Secrets } from "@tombolo/base";
import { CommonStream, KEY_BYTES } from "../pairwise/stream.ts";
import { type Cost, dryTwoParty } from "../two-party/dry.ts";
import { Additive } from "./additive.ts";

/** With one of the others; rounds are those of all together, which no pair shows. */
export type PairCost = Omit<Cost, "rounds">;

export interface DryRun {
  readonly backend: Additive;
  /** By the other's role, so far. */
  cost(): ReadonlyMap<string, PairCost>;
}

export function dryAdditive(roles: readonly string[], self: string, secrets: Secrets): DryRun {
  const place = roles.indexOf(self);
  const others = roles.flatMap((role, there) => (role === self ? [] : [{ role, leading: place < there }]));
  const runs = others.map((other) => ({
    ...other,
    run: dryTwoParty(other.leading ? "first" : "second", secrets, "fast", others.length),
  }));
  const pairs = runs.map(({ role, leading, run }) => {
    const common = new CommonStream(new Uint8Array(KEY_BYTES), new Uint8Array(32));
    return { role, leading, two: run.backend, common };
  });
  return {
    backend: new Additive(roles, self, pairs),
    cost: () => new Map(runs.map(({ role, leading, run }) => [role, withKey(run.cost(), leading)])),
  };
}

function withKey({ out, in: received, bytes, correlations }: Cost, leading: boolean): PairCost {
  const maskKey = { messages: 1, bytes: KEY_BYTES };
  const [sent, got] = leading ? [{ maskKey, ...out }, received] : [out, { maskKey, ...received }];
  return { out: sent, in: got, bytes: bytes + KEY_BYTES, correlations };
}
