/** SM3 (GB/T 32905-2016; letters as there) on the message blocks of @noble/hashes, which has no SM3. */
import { HashMD } from "@noble/hashes/_md.js";
import { createHasher } from "@noble/hashes/utils.js";
import { elementCount, requireRange } from "../checks.ts";
import type { Kernels } from "../kernels.ts";

type Words = readonly [number, number, number, number, number, number, number, number];

// prettier-ignore
const IV: Words = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];

const rotate = (x: number, by: number): number => (x << (by % 32)) | (x >>> ((32 - by) % 32));
const P0 = (x: number): number => x ^ rotate(x, 9) ^ rotate(x, 17);
const P1 = (x: number): number => x ^ rotate(x, 15) ^ rotate(x, 23);
const T = (j: number): number => (j < 16 ? 0x79cc4519 : 0x7a879d8a);
const FF = (j: number, x: number, y: number, z: number): number => (j < 16 ? x ^ y ^ z : (x & y) | (x & z) | (y & z));
const GG = (j: number, x: number, y: number, z: number): number => (j < 16 ? x ^ y ^ z : (x & y) | (~x & z));

class Sm3 extends HashMD<Sm3> {
  #V: Words = IV;

  constructor() {
    super(64, 32, 8, false);
  }

  protected override process(block: DataView, offset: number): void {
    const W = expand(block, offset);
    let [A, B, C, D, E, F, G, H] = this.#V;
    for (let j = 0; j < 64; j++) {
      const SS1 = rotate((rotate(A, 12) + E + rotate(T(j), j)) | 0, 7);
      const TT1 = (FF(j, A, B, C) + D + (SS1 ^ rotate(A, 12)) + (W[j]! ^ W[j + 4]!)) | 0;
      const TT2 = (GG(j, E, F, G) + H + SS1 + W[j]!) | 0;
      [A, B, C, D] = [TT1, A, rotate(B, 9), C];
      [E, F, G, H] = [P0(TT2), E, rotate(F, 19), G];
    }
    const V = this.#V;
    this.#V = [A ^ V[0], B ^ V[1], C ^ V[2], D ^ V[3], E ^ V[4], F ^ V[5], G ^ V[6], H ^ V[7]];
  }

  protected override get(): number[] {
    return [...this.#V];
  }

  protected override set(...words: number[]): void {
    this.#V = words as unknown as Words;
  }

  override _cloneInto(to: Sm3 = new Sm3()): Sm3 {
    to.set(...this.get());
    return this._cloneIntoMeta(to);
  }

  override destroy(): void {
    this.destroyed = true;
    this.set(...IV.map(() => 0));
  }

  protected override roundClean(): void {}
}

/** W0..W67 */
function expand(block: DataView, offset: number): number[] {
  const W = Array.from({ length: 16 }, (_, j) => block.getUint32(offset + 4 * j));
  for (let j = 16; j < 68; j++)
    W[j] = P1(W[j - 16]! ^ W[j - 9]! ^ rotate(W[j - 3]!, 15)) ^ rotate(W[j - 13]!, 7) ^ W[j - 6]!;
  return W;
}

export const sm3 = createHasher(() => new Sm3());

export const sm3Truncated: Kernels["sm3Truncated"] = async (prefix, elements, elementWidth, width) => {
  const count = elementCount(elements, elementWidth);
  requireRange(Number.isInteger(width) && width >= 1 && width <= 32, "a truncated digest has 1 to 32 bytes");
  const start = sm3.create().update(prefix);
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) {
    const digest = start
      .clone()
      .update(elements.subarray(i * elementWidth, (i + 1) * elementWidth))
      .digest();
    out.set(digest.subarray(0, width), i * width);
  }
  return out;
};
