/** Several rows of one id. */
import type { Secrets } from "@tombolo/base";
import type { Bucket } from "@tombolo/protocols/psi/buckets";

export interface Expanded {
  readonly rows: Uint32Array;
  /** How many of `rows` each matched id has; null: one each. */
  readonly copies: Uint32Array | null;
}

/** All rows of the matched ids, in the order of the ids. Rows of one id come in an order that only chance decides. */
export function expanded({ rows, copies }: Bucket, positions: Uint32Array, secrets: Secrets): Expanded {
  if (copies === undefined) return { rows: positions.map((position) => rows[position]!), copies: null };
  const counts = new Uint32Array(rows.length).fill(1);
  for (const of of copies.of) counts[of]! += 1;
  const matched = positions.map((position) => counts[position]!);
  const starts = new Uint32Array(rows.length);
  const out = new Uint32Array(matched.reduce((sum, count) => sum + count, 0));
  let next = 0;
  positions.forEach((position, i) => {
    starts[position] = next + 1;
    out[next] = rows[position]!;
    next += matched[i]!;
  });
  // 0: not matched; else where the next row of it goes.
  for (let i = 0; i < copies.rows.length; i++) {
    const of = copies.of[i]!;
    if (starts[of]! > 0) out[starts[of]!++] = copies.rows[i]!;
  }
  shuffleGroups(out, matched, secrets);
  return { rows: out, copies: matched };
}

function shuffleGroups(rows: Uint32Array, sizes: Uint32Array, secrets: Secrets): void {
  const chance = secrets.bytes(4 * rows.length);
  const view = new DataView(chance.buffer, chance.byteOffset, chance.byteLength);
  let from = 0;
  for (const size of sizes) {
    for (let i = size - 1; i > 0; i--) {
      // Uneven by 2^-32 times the group's size, over rows that only their owner can tell apart.
      const other = from + (view.getUint32(4 * (from + i), true) % (i + 1));
      [rows[from + i], rows[other]] = [rows[other]!, rows[from + i]!];
    }
    from += size;
  }
}
