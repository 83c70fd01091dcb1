import { expect, it } from "vitest";
import { KeptTransforms, type TransformRoom } from "./kept-transforms.ts";
import { Shelf } from "./testing/shelf.ts";

const words = (from: number): BigUint64Array => BigUint64Array.from({ length: 8 }, (_, i) => BigInt(from + i));

it("are in memory while there is room, elsewhere beyond it, and leave both as they were", async () => {
  const store = new Shelf();
  const room: TransformRoom = { bytes: 2 * 64, store };
  const [one, other] = [new KeptTransforms(room), new KeptTransforms(room)];
  for (const [kept, key] of [
    [one, 0],
    [other, 0],
    [one, 1],
    [other, 1],
  ] as const) {
    const made = words(100 * key + (kept === one ? 0 : 50));
    await kept.keep(key, made);
    kept.giveBack(key, made);
  }
  expect([room.bytes, store.held, one.count, other.count]).toEqual([0, 2, 2, 2]);
  for (let again = 0; again < 2; again++)
    for (const key of [0, 1]) {
      const taken = (await other.take(key))!;
      expect(taken).toEqual(words(100 * key + 50));
      other.giveBack(key, taken);
    }
  expect(await other.take(2)).toBeNull();
  one.forget();
  expect([room.bytes, store.held, one.count]).toEqual([64, 1, 0]);
  expect(await one.take(0)).toBeNull();
  other.forget();
  expect([room.bytes, store.held]).toEqual([128, 0]);
});

it("are not kept where there is no room at all", async () => {
  const kept = new KeptTransforms({ bytes: 63, store: null });
  const made = words(0);
  await kept.keep(0, made);
  expect(kept.count).toBe(0);
  kept.giveBack(0, made);
  expect(made.length).toBe(0);
});
