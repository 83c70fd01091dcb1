/** Vectors of several nodes lie one after the other. Moving them about is local. */
import type { Backend, Bits, Words } from "@tombolo/protocols/secret-sharing/backend";

export const span = (from: number, length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => from + i);

/** Parts number `parts` of those of so many elements. */
export function partsOf(backend: Backend, x: Words, size: number, parts: readonly number[]): Words {
  const places = new Uint32Array(parts.length * size);
  parts.forEach((part, i) => {
    for (let k = 0; k < size; k++) places[i * size + k] = part * size + k;
  });
  return backend.pick(x, places);
}

/** Each element so many times in a row. */
export const repeated = (backend: Backend, x: Words, times: number): Words =>
  backend.pick(
    x,
    Uint32Array.from({ length: x.length * times }, (_, i) => Math.floor(i / times)),
  );

/** One part of the first, one of the second, and so on. */
export const alternating = (backend: Backend, a: Words, b: Words, size: number): Words => {
  const count = a.length / size;
  const order = Array.from({ length: 2 * count }, (_, i) => (i % 2) * count + (i >> 1));
  return partsOf(backend, backend.join([a, b]), size, order);
};

/** Both parties' bits, of which one has 0 wherever the other's count. */
export async function eithersBits(backend: Backend, own: Uint8Array): Promise<Bits> {
  const packed = new Uint8Array(Math.ceil(own.length / 8));
  for (let i = 0; i < own.length; i++) packed[i >> 3]! |= own[i]! << (i & 7);
  const [first, second] = backend.roles as readonly [string, string];
  const of = (role: string) => backend.shareBits(role, own.length, role === backend.self ? packed : null);
  return backend.xor(await of(first), await of(second));
}
