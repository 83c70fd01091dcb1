/** Sorting of fixed-width byte strings, by position. */

/** Positions of the strings in ascending order of their bytes. */
export function sortedOrder(strings: Uint8Array, width: number): Uint32Array {
  const prefixes = bigEndianPrefixes(strings, width);
  const order = radixSort(prefixes);
  sortRuns(order, prefixes, (a, b) => compare(strings, width, a, b));
  return order;
}

/** The strings at `order`, side by side. */
export function gather(strings: Uint8Array, width: number, order: Uint32Array): Uint8Array {
  const out = new Uint8Array(order.length * width);
  order.forEach((position, i) => {
    out.set(strings.subarray(position * width, (position + 1) * width), i * width);
  });
  return out;
}

/** Position of the first string that is not above its predecessor by its leading bytes; -1 when strictly ascending. */
export function firstNotAscending(strings: Uint8Array, width: number, leading = width): number {
  const count = strings.length / width;
  for (let i = 1; i < count; i++) if (compare(strings, width, i - 1, i, leading) >= 0) return i;
  return -1;
}

/** Position of a string that stands twice; -1 when all differ. */
export function findDuplicate(strings: Uint8Array, width: number): number {
  const order = sortedOrder(strings, width);
  for (let i = 1; i < order.length; i++)
    if (compare(strings, width, order[i - 1]!, order[i]!) === 0) return Math.max(order[i - 1]!, order[i]!);
  return -1;
}

function compare(strings: Uint8Array, width: number, a: number, b: number, leading = width): number {
  for (let i = 0; i < leading; i++) {
    const difference = strings[a * width + i]! - strings[b * width + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function bigEndianPrefixes(strings: Uint8Array, width: number): Uint32Array {
  const out = new Uint32Array(strings.length / width);
  for (let i = 0; i < out.length; i++) {
    let prefix = 0;
    for (let j = 0; j < 4; j++) prefix = (prefix << 8) | (j < width ? strings[i * width + j]! : 0);
    out[i] = prefix;
  }
  return out;
}

/** Positions of the keys in ascending order: two stable passes of 16 bits. */
export function radixSort(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from(keys.keys());
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65537);
    for (const key of keys) starts[((key >>> shift) & 0xffff) + 1]!++;
    for (let i = 0; i < 65536; i++) starts[i + 1]! += starts[i]!;
    const next = new Uint32Array(keys.length);
    for (const position of order) next[starts[(keys[position]! >>> shift) & 0xffff]!++] = position;
    order = next;
  }
  return order;
}

/** Sorts each run of equal prefixes by the whole string. Random strings make runs of one or two. */
function sortRuns(order: Uint32Array, prefixes: Uint32Array, by: (a: number, b: number) => number): void {
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && prefixes[order[to]!] === prefixes[order[from]!]) to++;
    if (to - from > 1) order.subarray(from, to).sort(by);
    from = to;
  }
}
