import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WordFile } from "./word-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-word-file-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("gives back what was written, also where it was written over what was dropped", async () => {
  const path = join(folder, "words");
  const file = await WordFile.open(path);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.bigUint64Array({ minLength: 1, maxLength: 50 }), fc.boolean()), { maxLength: 12 }),
      async (given) => {
        const kept: { readonly place: number; readonly words: BigUint64Array }[] = [];
        for (const [words, stays] of given) {
          const place = await file.write(words);
          if (stays) kept.push({ place, words });
          else file.drop(place, words.length);
        }
        for (const { place, words } of kept) {
          const read = new BigUint64Array(words.length);
          await file.read(place, read);
          expect(read).toEqual(words);
          file.drop(place, words.length);
        }
      },
    ),
    { numRuns: 40 },
  );
  await file.close();
});

it("has no name once it is open, and takes the place of one that was left", async () => {
  const path = join(folder, "left");
  const file = await WordFile.open(path);
  expect(await readdir(folder)).not.toContain("left");
  const again = await WordFile.open(path);
  await Promise.all([file.close(), again.close()]);
});

it("names the disk where nothing can be made, or read", async () => {
  await expect(WordFile.open(join(folder, "no", "such"))).rejects.toMatchObject({ code: "input.unreadable" });
  const file = await WordFile.open(join(folder, "short"));
  await expect(file.read(64, new BigUint64Array(4))).rejects.toMatchObject({ code: "resource.disk" });
  await file.close();
});
