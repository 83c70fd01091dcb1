import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTags, mergeTags, readTags, TagFile, TagFileWriter } from "./tag-file.ts";

const WIDTH = 6;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-tags-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Numbers as tags, so that order is that of numbers. */
const tagsOf = (numbers: readonly number[]): Uint8Array => {
  const out = Buffer.alloc(numbers.length * WIDTH);
  for (const [i, number] of numbers.entries()) out.writeUIntBE(number, i * WIDTH, WIDTH);
  return out;
};
const numbersOf = (tags: Uint8Array): number[] =>
  Array.from({ length: tags.length / WIDTH }, (_, i) => Buffer.from(tags).readUIntBE(i * WIDTH, WIDTH));

async function all(path: string): Promise<number[]> {
  const out: number[] = [];
  for await (const chunk of readTags(path, WIDTH)) out.push(...numbersOf(chunk));
  return out;
}
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe("a file of tags", () => {
  it("finds what it holds and nothing else, over many blocks", async () => {
    const path = join(folder, "many");
    const writer = await TagFileWriter.create(path, WIDTH);
    const held = Array.from({ length: 5000 }, (_, i) => 3 * i + 1);
    for (let at = 0; at < held.length; at += 777) await writer.append(tagsOf(held.slice(at, at + 777)));
    await writer.finish();
    const asked = Array.from({ length: 4000 }, (_, i) => (i * 7919) % 16000);
    const found = await findTags(path, WIDTH, tagsOf(asked));
    expect([...found]).toEqual(asked.map((number) => (number % 3 === 1 && number < 15000 ? 1 : 0)));
    expect(await findTags(path, WIDTH, new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it("gives what stands behind a tag", async () => {
    const path = join(folder, "entries");
    const writer = await TagFileWriter.create(path, WIDTH + 2);
    const entry = (number: number): Uint8Array => Buffer.concat([tagsOf([number]), Buffer.from([number & 255, 7])]);
    for (let number = 0; number < 6000; number += 2) await writer.append(entry(number));
    await writer.finish();
    const file = await TagFile.open(path, WIDTH + 2, WIDTH);
    const asked = [5998, 3, 0, 2048, 6000];
    const { found, rest } = await file.lookUp(tagsOf(asked));
    expect([...found]).toEqual([1, 0, 1, 1, 0]);
    expect([...rest]).toEqual([5998 & 255, 7, 0, 0, 0, 7, 0, 7, 0, 0]);
    await file.close();
  });

  it("merges as sets do, and leaves the old file where changes do not fit", async () => {
    const path = join(folder, "merged");
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(set, set, async (first, second) => {
        const none = { before: [], removed: [] };
        await mergeTags(path, WIDTH, { ...none, added: [tagsOf(sorted(first))] });
        const removed = tagsOf(sorted(first.filter((each) => !second.includes(each))));
        const added = tagsOf(sorted(second.filter((each) => !first.includes(each))));
        const next = `${path}.next`;
        const count = await mergeTags(next, WIDTH, {
          before: readTags(path, WIDTH),
          removed: [removed],
          added: [added],
        });
        expect(count).toBe(second.length);
        expect(await all(next)).toEqual(sorted(second));
      }),
      { numRuns: 30 },
    );
    await mergeTags(path, WIDTH, { before: [], removed: [], added: [tagsOf([1, 5])] });
    for (const changes of [
      { removed: [tagsOf([2])], added: [] },
      { removed: [tagsOf([9])], added: [] },
      { removed: [], added: [tagsOf([5])] },
    ])
      await expect(mergeTags(path, WIDTH, { before: readTags(path, WIDTH), ...changes })).rejects.toMatchObject({
        code: "protocol.catalogue",
      });
    expect(await all(path)).toEqual([1, 5]);
  });

  it("reads nothing where there is no file", async () => {
    expect(await all(join(folder, "none"))).toEqual([]);
  });
});
