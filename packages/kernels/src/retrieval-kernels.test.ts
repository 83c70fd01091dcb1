/** Kernels of retrieval: native against reference, both against known answers made with another AES and big integers. */
import { readFileSync } from "node:fs";
import { fromHex } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { expectSame, native, randomBytes } from "./expect-same.ts";
import { referenceKernels } from "./reference/index.ts";

interface Vector {
  readonly seed: string;
  readonly columns: number;
  readonly dimension: number;
  readonly database: string;
  readonly query: number[];
  readonly secret: number[];
  readonly answer: number[];
  readonly hint: number[];
  readonly mask: number[];
}
const vectors = JSON.parse(readFileSync(new URL("../../../vectors/pir.json", import.meta.url), "utf8")) as Vector[];
const words = (count: number): Uint32Array => new Uint32Array(randomBytes(4 * count).buffer);

describe("kernels of retrieval", () => {
  it("give the known answers", async () => {
    expect(vectors.length).toBeGreaterThan(2);
    for (const kernels of native === null ? [referenceKernels] : [native, referenceKernels])
      for (const { columns, dimension, ...vector } of vectors) {
        const [database, seed] = [fromHex(vector.database), fromHex(vector.seed)];
        const query = Uint32Array.from(vector.query);
        expect(Array.from(await kernels.pirAnswer(database, query))).toEqual(vector.answer);
        expect(Array.from(await kernels.pirHint(database, columns, seed, dimension))).toEqual(vector.hint);
        const mask = await kernels.pirMask(seed, columns, Uint32Array.from(vector.secret));
        expect(Array.from(mask)).toEqual(vector.mask);
      }
  });

  it.skipIf(native === null)("agree, on all sizes of tiles and blocks", async () => {
    for (const [rows, columns] of [
      [1, 32],
      [3, 96],
      [4, 4096],
      [17, 4128],
      [33, 544],
    ] as const) {
      const database = randomBytes(rows * columns);
      const query = words(columns);
      const seed = randomBytes(16);
      await expectSame((kernels) => kernels.pirAnswer(database, query));
      await expectSame((kernels) => kernels.pirHint(database, columns, seed, 8));
      const secret = words(12);
      await expectSame((kernels) => kernels.pirMask(seed, columns, secret));
    }
  });

  it.skipIf(native === null)("refuse the same", async () => {
    const [database, seed] = [randomBytes(64), randomBytes(16)];
    await expectSame((kernels) => kernels.pirAnswer(database, words(33)));
    await expectSame((kernels) => kernels.pirAnswer(database, words(96)));
    await expectSame((kernels) => kernels.pirHint(database, 32, seed, 6));
    await expectSame((kernels) => kernels.pirHint(database, 32, randomBytes(15), 8));
    await expectSame((kernels) => kernels.pirMask(seed, 32, words(0)));
  });
});
