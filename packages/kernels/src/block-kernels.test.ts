/** Blocks, tags, key-value stores and joins: native and reference agree, and with Node's own crypto. */
import { createCipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { concat, fromHex, toHex } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import type { Kernels, OkvsLayout } from "./kernels.ts";
import { referenceKernels } from "./reference/index.ts";

const both = [["reference", referenceKernels] as const, ...(native === null ? [] : [["native", native] as const])];
/** Without repeats. */
const distinct = (elements: Uint8Array, width: number): Uint8Array =>
  fromHex([...new Set(toHex(elements).match(new RegExp(`.{${2 * width}}`, "g")) ?? [])].join(""));

const blocks = (count: number): Uint8Array => randomBytes(16 * count);

describe.each(both)("%s kernels", (_, kernels) => {
  it("multiply, hash and place as in the vectors", async () => {
    const read = (name: string) =>
      JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8"));
    for (const { a, b, product } of read("gf128").cases)
      expect(toHex(await kernels.gf128Multiply(fromHex(a), fromHex(b)))).toBe(product);
    const { key, block, hash, stream } = read("block-hash");
    expect(toHex(await kernels.blockTags(fromHex(key), fromHex(block), 16))).toBe(hash);
    expect(toHex(await kernels.blockStream(fromHex(key), stream.length / 2))).toBe(stream);
    const okvs = read("okvs");
    const out = new Uint8Array(okvs.keys.length / 2);
    const placed = await kernels.okvsPlace(fromHex(okvs.keys), fromHex(okvs.seed), okvs.layout);
    await placed.decodeInto(fromHex(okvs.table), out);
    expect(toHex(out)).toBe(okvs.values);
  });

  it("hash and digest as Node does", async () => {
    const [key, x, y] = [randomBytes(16), blocks(3), blocks(3)];
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
    const hashed = cipher.update(x).map((byte, i) => byte ^ x[i]!);
    expect(toHex(await kernels.blockTags(key, x, 16))).toBe(toHex(hashed));
    const sha = (...parts: Uint8Array[]) =>
      Uint8Array.from(
        createHash("sha256")
          .update(concat(...parts))
          .digest(),
      );
    for (const length of [0, 5, 23, 24, 31, 55, 56, 64, 70]) {
      const prefix = randomBytes(length);
      const pairs = [0, 16, 32].map((at) => sha(prefix, x.subarray(at, at + 16), y.subarray(at, at + 16)));
      expect(toHex(await kernels.pairTags(prefix, x, y, 32))).toBe(toHex(concat(...pairs)));
      const first = await kernels.idDigests(prefix, x, Uint32Array.of(0, 7, 48));
      expect(toHex(first)).toBe(
        toHex(concat(sha(prefix, x.subarray(0, 7)).subarray(0, 16), sha(prefix, x.subarray(7)).subarray(0, 16))),
      );
    }
  });

  it("give each key of a store its value, and nothing to the table's reader", async () => {
    const layout = { clusters: 3, capacity: 90, sparse: 150, dense: 3 };
    const [keys, values, seed] = [blocks(200), blocks(200), randomBytes(16)];
    const placed = await kernels.okvsPlace(keys, seed, layout);
    const table = new Uint8Array(16 * 3 * 153);
    await placed.encodeOnto(table, values, randomBytes(16));
    const out = new Uint8Array(values.length);
    await placed.decodeInto(table, out);
    expect(toHex(out)).toBe(toHex(values));
    const other = new Uint8Array(table.length);
    await placed.encodeOnto(other, values, randomBytes(16));
    const equal = Array.from({ length: 3 * 153 }, (_, i) => toHex(table.subarray(16 * i, 16 * i + 16))).filter(
      (slot, i) => slot === toHex(other.subarray(16 * i, 16 * i + 16)),
    );
    expect(equal).toEqual([]);
  });
});

describe.skipIf(native === null)("native and reference kernels agree", () => {
  it("on products and sums", async () => {
    for (const count of [0, 1, 2, 7, 33]) {
      const [a, b, scalar] = [blocks(count), blocks(count), randomBytes(16)];
      await expectSame((k) => k.gf128Multiply(a, b));
      await expectSame((k) => k.gf128InnerProduct(a, b));
      await expectSame(async (k) => {
        const sums = Uint8Array.from(b);
        await k.gf128MultiplyAdd(sums, a, scalar);
        return sums;
      });
    }
    await expectSame((k) => k.gf128Multiply(blocks(2), blocks(1)));
    await expectSame((k) => k.gf128InnerProduct(randomBytes(15), randomBytes(15)));
    await expectSame((k) => k.gf128MultiplyAdd(blocks(2), blocks(2), randomBytes(15)));
  });

  it("on tags and streams", async () => {
    const [key, many] = [randomBytes(16), blocks(150)];
    for (const width of [0, 1, 7, 10, 16, 17]) await expectSame((k) => k.blockTags(key, many, width));
    for (const width of [0, 1, 12, 32, 33]) await expectSame((k) => k.pairTags(key, many, many, width));
    for (const length of [0, 1, 16, 1000, 70_000, -1, 0.5]) await expectSame((k) => k.blockStream(key, length));
    await expectSame((k) => k.blockTags(key.subarray(1), many, 16));
    await expectSame((k) => k.pairTags(key, many, many.subarray(16), 16));
    await expectSame((k) => k.idDigests(key, many, Uint32Array.of(0, 1)));
  });

  const store = async (k: Kernels, count: number, layout: OkvsLayout, keys = blocks(count)): Promise<Uint8Array> => {
    const placed = await k.okvsPlace(keys, new Uint8Array(16).fill(9), layout);
    const table = new Uint8Array(16 * layout.clusters * (layout.sparse + layout.dense)).fill(3);
    await placed.encodeOnto(table, keys.toReversed(), new Uint8Array(16).fill(5));
    const out = new Uint8Array(keys.length);
    await placed.decodeInto(table, out);
    return concat(table, out);
  };

  it("on the very tables, with cores and without", async () => {
    for (const count of [0, 1, 2, 9, 9, 9, 9, 300]) {
      const [keys, layout] = [blocks(count), { clusters: 1, capacity: 300, sparse: Math.max(9, 2 * count), dense: 4 }];
      await expectSame((k) => store(k, count, layout, keys));
      await expectSame((k) => store(k, count, { ...layout, clusters: 4 }, keys));
      await expectSame((k) => store(k, count, { ...layout, sparse: 9, dense: 9 }, keys));
    }
  });

  it("on which tables cannot be", async () => {
    const layout = { clusters: 1, capacity: 40, sparse: 60, dense: 2 };
    const keys = blocks(41);
    await expectSame((k) => store(k, 41, layout, keys));
    await expectSame((k) => store(k, 41, { ...layout, capacity: 41, sparse: 20 }, keys));
    for (const change of [{ clusters: 0 }, { sparse: 2 }, { dense: 65 }, { capacity: 2 ** 24 }, { clusters: 1.5 }])
      await expectSame((k) => store(k, 3, { ...layout, ...change }, keys.subarray(0, 48)));
  });

  it("on repeats and order", async () => {
    const element = fc.constantFrom("aa", "ab", "ba", "bb", "zz", "qq", "a\0");
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 8 }), async (list) => {
        const bytes = Uint8Array.from(Buffer.from(list.join("")));
        await expectSame((k) => k.firstOccurrences(bytes, 2));
        await expectSame((k) => k.sortOrder(bytes, 2));
      }),
    );
    for (const width of [1, 4, 7, 8, 9, 12, 16, 40]) {
      const many = randomBytes(width * 3000).map((byte, i) => (i % width < 6 ? byte & 3 : byte));
      await expectSame((k) => k.firstOccurrences(many, width));
      await expectSame((k) => k.sortOrder(many, width));
      await expectSame((k) => k.gather(many, width, Uint32Array.of(2999, 0, 7, 7)));
    }
    await expectSame((k) => k.gather(randomBytes(20), 5, Uint32Array.of(4)));
    await expectSame((k) => k.sortOrder(randomBytes(20), 3));
  });

  it("on sorting strings and joining with them", async () => {
    for (const width of [1, 2, 7, 10, 12, 13, 16]) {
      for (const count of [0, 1, 40, 3000]) {
        const many = distinct(randomBytes(width * count), width);
        await expectSame((k) => k.sortStrings(concat(many, many), width));
        const half = many.subarray(0, width * Math.floor(many.length / width / 2));
        const others = distinct(concat(half, randomBytes(width * count)), width);
        const { sorted } = await referenceKernels.sortStrings(others, width);
        await expectSame((k) => k.matchSorted(many, sorted, width));
        await expectSame((k) => k.matchSorted(many, others, width));
        await expectSame((k) => k.matchSorted(concat(many, many.subarray(0, 2 * width)), sorted, width));
      }
    }
    const tags = randomBytes(10 * 60_000);
    const { sorted } = await referenceKernels.sortStrings(tags.subarray(10 * 20_000), 10);
    await expectSame((k) => k.matchSorted(tags.subarray(0, 10 * 40_000), sorted, 10));
    sorted.copyWithin(10 * 33_000, 10 * 32_999, 10 * 33_000);
    await expectSame((k) => k.matchSorted(tags.subarray(0, 10 * 40_000), sorted, 10));
  });

  it("on marked positions", async () => {
    for (const count of [0, 1, 7, 8, 65, 1000]) {
      const { order } = await referenceKernels.sortStrings(randomBytes(4 * count), 4);
      const marks = randomBytes(Math.ceil(count / 8));
      if (count % 8 > 0) marks[marks.length - 1]! &= (1 << (count % 8)) - 1;
      await expectSame((k) => k.takeMarked(order, marks));
      await expectSame((k) => k.takeMarked(order, new Uint8Array(marks.length + 1)));
    }
    await expectSame((k) => k.takeMarked(Uint32Array.of(0, 2), Uint8Array.of(3)));
  });

  it("on large joins, repeats at the first place they show", async () => {
    const tags = randomBytes(10 * 30_000);
    const [left, right] = [tags.subarray(0, 10 * 20_000), tags.slice(10 * 10_000)];
    await expectSame((k) => k.matchIndices(left, right, 10));
    right.copyWithin(10 * 15_000, 0, 10);
    right.copyWithin(10 * 12_000, 0, 10);
    await expectSame((k) => k.matchIndices(left, right, 10));
  });
});
