/**
 * AND of shared bits with triples made before: Beaver, "Efficient Multiparty Protocols Using Circuit Randomization", CRYPTO
 * 1991. For x·y both open x + b and y + a, which are random; then x·y = c + d·b + e·a + d·e with e = x + b, d = y + a. A pair
 * x·y, x·y' opens x + b once. One round, 1/2 byte for eight ANDs each way, 3/8 for each AND of a pair.
 */
import type { Correlations } from "./correlations.ts";
import { inWords, xorBytes } from "./packed.ts";
import type { Wire } from "./wire.ts";

export interface Joining {
  readonly wire: Wire;
  readonly correlations: Correlations;
}

/** Packed vectors of one length in whole bytes. Without `yToo` the second result is empty. */
export async function andPairs(
  x: Uint8Array,
  y: Uint8Array,
  yToo: Uint8Array | null,
  { wire, correlations }: Joining,
): Promise<{ readonly one: Uint8Array; readonly too: Uint8Array }> {
  const n = x.length;
  const { a, b, c, aToo, cToo } = await correlations.bitTriples(8 * n);
  const own = new Uint8Array((yToo === null ? 2 : 3) * n);
  own.set(xorBytes(x, b));
  own.set(xorBytes(y, a), n);
  if (yToo !== null) own.set(xorBytes(yToo, aToo), 2 * n);
  const opened = xorBytes(own, await wire.exchange("MaskedBits", own, own.length));
  const first = wire.role === "first" ? -1 : 0;
  const product = (a: Uint8Array, c: Uint8Array, from: number): Uint8Array => {
    const out = new Uint8Array(n);
    const [e, d] = [opened.subarray(0, n), opened.subarray(from, from + n)];
    combine(inWords(out, a, b, c, d, e), first);
    return out;
  };
  return { one: product(a, c, n), too: yToo === null ? new Uint8Array(0) : product(aToo, cToo, 2 * n) };
}

type Vector = Uint8Array | Uint32Array;

/** c + d·b + e·a, and d·e at one of both. */
function combine([out, a, b, c, d, e]: [Vector, Vector, Vector, Vector, Vector, Vector], first: number): void {
  for (let i = 0; i < out.length; i++) out[i] = c[i]! ^ (d[i]! & b[i]!) ^ (e[i]! & (a[i]! ^ (d[i]! & first)));
}
