/**
 * Shares of the bits of v + v', of own v and the partner's v'.
 *
 * Kogge, Stone, "A Parallel Algorithm for the Efficient Solution of a General Class of Recurrence Equations", IEEE Transactions
 * on Computers 1973. Each place propagates a carry (p, one of the two bits is set) or generates one (g, both are). Spans of
 * places are joined over twice the distance at each level: (p, g) above (p', g') gives (p·p', g + p·g'), two ANDs with a factor in
 * common, from a pair triple. 1 + ceil(log2(width - 1)) rounds.
 */
import { andPairs, type Joining } from "./joining.ts";
import { byteLength, planesOf, xorBytes } from "./packed.ts";

/** Bit 0 of all sums, then bit 1, and so on, each from a whole byte on. */
export async function sumBits(values: BigUint64Array, width: number, with_: Joining): Promise<Uint8Array> {
  const n = byteLength(values.length);
  const own = planesOf(values, 0, width);
  const none = new Uint8Array(own.length);
  const [first, second] = with_.wire.role === "first" ? [own, none] : [none, own];
  let generate = (await andPairs(first, second, null, with_)).one;
  let propagate = own; // the XOR of both parties' bits: each has its share already
  for (let distance = 1; distance < width - 1; distance *= 2) {
    const [above, length] = [distance * n, (width - distance) * n];
    const [low, lowToo] = [generate.subarray(0, length), propagate.subarray(0, length)];
    const { one, too } = await andPairs(propagate.subarray(above), low, lowToo, with_);
    generate = patched(generate, above, xorBytes(generate.subarray(above), one));
    propagate = patched(propagate, above, too);
  }
  return xorBytes(own, patched(none, n, generate.subarray(0, (width - 1) * n)));
}

function patched(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const out = bytes.slice();
  out.set(by, at);
  return out;
}
