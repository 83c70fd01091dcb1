/**
 * Rows by value in at most `binCount` bins of about equally many rows. Equal values share a bin, and each bin has at
 * least `minimumRows` rows (fewer only if there are fewer rows in all). Ascending.
 */
export function bins(values: Float64Array, binCount: number, minimumRows: number): Uint32Array[] {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const found: Uint32Array[] = [];
  let from = 0;
  for (let to = 1; to <= order.length; to++) {
    const isEnd = to === order.length;
    const splitsTie = !isEnd && values[order[to]!] === values[order[to - 1]!];
    const quota = (order.length * (found.length + 1)) / binCount;
    if (!isEnd && (splitsTie || to < quota || to - from < minimumRows)) continue;
    found.push(order.slice(from, to));
    from = to;
  }
  return mergeLast(found, minimumRows);
}

function mergeLast(found: Uint32Array[], minimumRows: number): Uint32Array[] {
  const last = found.at(-1);
  const before = found.at(-2);
  if (last === undefined || before === undefined || last.length >= minimumRows) return found;
  const merged = new Uint32Array(before.length + last.length);
  merged.set(before);
  merged.set(last, before.length);
  return [...found.slice(0, -2), merged];
}
