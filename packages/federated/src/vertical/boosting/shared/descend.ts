/**
 * What each row comes to in a tree, on shares: from the leaves up, of each node the left child's value where the owner's bit says so. Each party knows the bits of
 * its own nodes, at every row, and nothing of which rows come there.
 */
import type { Backend, Bits, Words } from "@tombolo/protocols/secret-sharing/backend";
import { partsOf, repeated } from "./places.ts";

/**
 * `bits`: by level, of each node in order and each row 1 where it goes left; of several trees one after the other. `leaves`: of each tree in order, from left to
 * right. Of each tree and row the weight of its leaf.
 */
export async function descend(backend: Backend, bits: readonly Bits[], leaves: Words, rows: number): Promise<Words> {
  let values = repeated(backend, leaves, rows);
  for (const level of bits.toReversed()) {
    const nodes = level.length / rows;
    const side = (which: 0 | 1) =>
      partsOf(
        backend,
        values,
        rows,
        Array.from({ length: nodes }, (_, i) => 2 * i + which),
      );
    const [left, right] = [side(0), side(1)];
    values = backend.add(right, await backend.inject(level, backend.subtract(left, right)));
  }
  return values;
}
