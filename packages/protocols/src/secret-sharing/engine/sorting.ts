/**
 * Shared vectors in another order, which no party knows; and sums by keys that no party knows.
 *
 * Columns are vectors of one length n that move together. Costs, for n elements and c columns (`where`: that of a word, `less`: that of a
 * comparison; in each layer all at once):
 *
 *   shuffle    for each party 2·k - 1 layers, n' = 2^k >= n:   n'/2·c `where` each
 *   sort       k·(k + 1) / 2 layers, k = ceil(log2 n):         up to n/2 `less`, then n/2·c `where`
 *   groupSum   a sort, k times n·c `where` and n `and`, n `equal`, 2·n·c `where`, and a shuffle
 *
 * What is sent follows from n and c alone. Adversary and what is learnt: those of the backend; nothing is opened.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Backend, Bits, Words } from "../backend.ts";
import type { Engine } from "./engine.ts";
import { type Layer, permutingLayers, sortingLayers, switchesFor } from "./network.ts";
import type { Flags, Integers, Numbers } from "./values.ts";

/**
 * By a uniformly random permutation that is each party's, one after the other: secret from whoever lacks one of them. Elements are added up
 * to a power of two, which stay behind all others.
 */
export async function shuffle(me: Engine, columns: readonly Numbers[], secrets: Secrets): Promise<Numbers[]> {
  const count = lengthOf(columns);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
  const layers = permutingLayers(size);
  let all = await padded(me, columns, count, size);
  for (const role of me.roles) {
    const crossing = role === me.self ? switchesFor(permutation(count, size, secrets)) : null;
    for (const [i, layer] of layers.entries()) {
      const flags = await me.flags(role, [size / 2], crossing?.[i]);
      all = await me.inTurn((backend) => crossed(backend, all, { layer, bits: flags.bits, size }));
    }
  }
  return apart(me, all, columns, { count, size });
}

export interface Sorted {
  readonly key: Numbers;
  readonly columns: readonly Numbers[];
}

/** By `key` ascending; elements of equal keys in any order. */
export async function sort(me: Engine, key: Numbers, columns: readonly Numbers[] = []): Promise<Sorted> {
  const together = [key, ...columns];
  const size = lengthOf(together);
  let all = await padded(me, together, size, size);
  // Differences of two keys have to fit too; the fewer bits they have, the cheaper.
  const width = me.scale.widthOf(me.sub(key, key).bound, key.kind);
  for (const layer of sortingLayers(size))
    all = await me.inTurn(async (backend) => {
      const [low, high] = [backend.pick(all, layer.low), backend.pick(all, layer.high)];
      return crossed(backend, all, {
        layer,
        bits: await backend.negative(backend.subtract(high, low), { width }),
        size,
      });
    });
  const [first, ...rest] = await apart(me, all, together, { count: size, size });
  return { key: first!, columns: rest };
}

export interface GroupSums {
  /** 0 where `present` is not set, as the sums are. */
  readonly key: Numbers;
  readonly sums: readonly Numbers[];
  readonly counts: Integers;
  /** Once for each key there is. Opened, it tells how many; not of how many elements each, nor where they were. */
  readonly present: Flags;
}

/** Of each column the sums over elements of equal keys. */
export async function groupSum(
  me: Engine,
  key: Numbers,
  columns: readonly Numbers[],
  secrets: Secrets,
): Promise<GroupSums> {
  const count = lengthOf([key, ...columns]);
  const ones = me.constant("integer", new Float64Array(count).fill(1));
  const sorted = await sort(me, key, columns);
  const same = await startsBefore(me, sorted.key, count);
  const running = await runningSums(me, [ones, ...sorted.columns], same, count);
  const last = me.not(shifted(me, same, count));
  const kept = await Promise.all([sorted.key, ...running].map((column) => me.where(last, column)));
  const [present, ...mixed] = await shuffle(me, [await me.numberOf(last), ...kept], secrets);
  const [theirKey, counts, ...sums] = mixed;
  return {
    key: theirKey!,
    counts: counts as Integers,
    sums,
    present: me.not(await me.equal(present!, 0)),
  };
}

/** Whether an element's key is that of the one before; the first's is not. */
async function startsBefore(me: Engine, key: Numbers, count: number): Promise<Flags> {
  const places = Uint32Array.from({ length: count }, (_, i) => Math.max(0, i - 1));
  const same = await me.equal(key, me.pick(key, places));
  const apart = await me.flags(me.roles[0]!, [count], me.self === me.roles[0] ? first(count) : undefined);
  return me.and(same, me.not(apart));
}

const first = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0));

/** Each flag at the place before; none at the last. */
function shifted(me: Engine, flags: Flags, count: number): Flags {
  // The first's is not set: it stands in for the one behind the last.
  return me.pick(
    flags,
    Uint32Array.from({ length: count }, (_, i) => (i + 1 === count ? 0 : i + 1)),
  );
}

/** Sums from where a key begins: at doubling distances, as far as the flags in between are set (Hillis, Steele, CACM 1986). */
async function runningSums(me: Engine, columns: readonly Numbers[], same: Flags, count: number): Promise<Numbers[]> {
  let [sums, linked] = [[...columns], same];
  for (let distance = 1; distance < count; distance *= 2) {
    // Of elements nearer than that to the beginning some flag on the way is not set: place 0 has one that is not.
    const back = Uint32Array.from({ length: count }, (_, i) => Math.max(0, i - distance));
    const links = linked;
    const added = await Promise.all(sums.map((sum) => me.where(links, me.pick(sum, back))));
    const bounds = columns.map(({ bound }) => bound * count);
    sums = sums.map((sum, i) => ({ ...me.add(sum, added[i]!), bound: bounds[i]! }));
    linked = await me.and(linked, me.pick(linked, back));
  }
  return sums;
}

interface Crossing {
  readonly layer: Layer;
  /** One for each pair. */
  readonly bits: Bits;
  /** Elements of a column. */
  readonly size: number;
}

/** Columns one behind the other, the pairs exchanged whose bit is set: low + d and high - d, where d is high - low or 0. */
async function crossed(backend: Backend, all: Words, { layer, bits, size }: Crossing): Promise<Words> {
  const columns = all.length / size;
  const pairs = layer.low.length;
  const places = (of: Uint32Array): Uint32Array =>
    Uint32Array.from({ length: columns * pairs }, (_, i) => Math.floor(i / pairs) * size + of[i % pairs]!);
  const [lowPlaces, highPlaces] = [places(layer.low), places(layer.high)];
  const [low, high] = [backend.pick(all, lowPlaces), backend.pick(all, highPlaces)];
  const repeated = backend.pickBits(
    bits,
    Uint32Array.from({ length: columns * pairs }, (_, i) => i % pairs),
  );
  const moved = await backend.inject(repeated, backend.subtract(high, low));
  const from = Uint32Array.from({ length: all.length }, (_, i) => i);
  lowPlaces.forEach((place, i) => {
    from[place] = all.length + i;
  });
  highPlaces.forEach((place, i) => {
    from[place] = all.length + lowPlaces.length + i;
  });
  return backend.pick(backend.join([all, backend.add(low, moved), backend.subtract(high, moved)]), from);
}

/** All columns one behind the other, each of `size` with zeros at its end. */
function padded(me: Engine, columns: readonly Numbers[], count: number, size: number): Promise<Words> {
  return me.inTurn(async (backend) => {
    const zeros = backend.publicWords(new BigUint64Array(size - count));
    return backend.join(columns.flatMap(({ words }) => [words, zeros]));
  });
}

function apart(
  me: Engine,
  all: Words,
  columns: readonly Numbers[],
  { count, size }: { readonly count: number; readonly size: number },
): Promise<Numbers[]> {
  return me.inTurn(async (backend) =>
    columns.map((column, c) => ({
      ...column,
      words: backend.pick(
        all,
        Uint32Array.from({ length: count }, (_, i) => c * size + i),
      ),
    })),
  );
}

function lengthOf(columns: readonly Numbers[]): number {
  const length = columns[0]?.shape[0];
  if (length === undefined || columns.some(({ shape }) => shape.length !== 1 || shape[0] !== length))
    throw new TomboloError("input.shape", "columns are vectors of one length");
  return length;
}

/** Sources of a random order of the first `count` places; the others stay (Fisher, Yates). */
function permutation(count: number, size: number, secrets: Secrets): number[] {
  const sources = Array.from({ length: size }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1, secrets);
    [sources[i], sources[j]] = [sources[j]!, sources[i]!];
  }
  return sources;
}

/** Uniform: what would favour small numbers is drawn again. */
function below(bound: number, secrets: Secrets): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const value = new DataView(secrets.bytes(4).slice().buffer).getUint32(0, true);
    if (value < limit) return value % bound;
  }
}
