/** Secret permutations of rows. */
import type { Secrets } from "@tombolo/base";

const DRAWS_AT_ONCE = 2 ** 15;

/** Exactly uniform (Fisher, Yates), up to the quality of the secrets. */
export function randomPermutation(length: number, secrets: Secrets): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  const draw = drawer(secrets);
  for (let i = length - 1; i > 0; i--) {
    const j = draw(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Uniform below a bound of at most 2^32, by rejection. */
function drawer(secrets: Secrets): (bound: number) => number {
  let pool = new Uint32Array(0);
  let at = 0;
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      if (at === pool.length) {
        pool = new Uint32Array(secrets.bytes(4 * DRAWS_AT_ONCE).slice().buffer);
        at = 0;
      }
      const value = pool[at++]!;
      if (value < limit) return value % bound;
    }
  };
}
