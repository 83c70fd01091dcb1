/** Long vectors are worked on in parts, for bounded memory: [from, to) of each. */
export function* parts(length: number, size: number): Generator<readonly [number, number]> {
  for (let from = 0; from < length; from += size) yield [from, Math.min(length, from + size)];
}
