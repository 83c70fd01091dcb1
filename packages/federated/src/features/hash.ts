/**
 * Text by the hashing trick (Weinberger and others, ICML 2009, without signs): a column of 0 and 1 for each bucket, and a category's bucket by
 * MurmurHash3 (x86, 32 bits, public domain by Austin Appleby) of its UTF-8 bytes. Nothing is learnt, and no category is unseen; some share a
 * bucket. Neither secret nor one-way: whoever sees buckets can try categories.
 */
import { utf8 } from "@tombolo/base";
import { z } from "zod";
import { columnNames } from "./names.ts";
import { numberColumn, replaceColumns, step, textOf } from "./step.ts";

const bucketNames = (column: string, buckets: number): string[] =>
  Array.from({ length: buckets }, (_, bucket) => `${column}#${bucket}`);

export const hash = step({
  spec: z.strictObject({
    kind: z.literal("hash"),
    columns: columnNames,
    buckets: z.number().int().min(2).max(1024).default(16),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(0),
  }),
  learnt: z.null(),
  touches: ({ columns, buckets }) =>
    columns.map((name) => ({ reads: [name], makes: bucketNames(name, buckets), removes: [name] })),
  fit(table, { columns }) {
    for (const name of columns) textOf(table, name);
    return null;
  },
  apply: (table, { columns, buckets, seed }) =>
    columns.reduce((out, name) => {
      const { codes, categories } = textOf(table, name);
      const places = categories.map((category) => murmur3(utf8(category), seed) % buckets);
      const made = bucketNames(name, buckets).map((each) => numberColumn(each, new Float64Array(table.rowCount)));
      for (const [row, code] of codes.entries()) if (code >= 0) made[places[code]!]!.values[row] = 1;
      return replaceColumns(out, [name], made);
    }, table),
});

const [C1, C2] = [0xcc9e2d51, 0x1b873593];
const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const mixed = (block: number): number => Math.imul(rotated(Math.imul(block, C1), 15), C2);

/** 0 to 2^32 - 1. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let h = seed;
  for (let at = 0; at < whole; at += 4)
    h = (Math.imul(rotated(h ^ mixed(view.getUint32(at, true)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at]!;
  if (whole < bytes.length) h ^= mixed(tail);
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
