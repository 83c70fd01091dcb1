/** The native side of `VoleKernels`: several results come as one array, to be cut here. */
import { requireRange } from "./checks.ts";
import type { HistogramRun, PuncturedTrees, SilentTrees, VoleKernels } from "./vole-kernels.ts";

const BLOCK = 16;

/** What the library exports for it. */
export interface NativeVole
  extends Omit<
    VoleKernels,
    | "ggmExpand"
    | "ggmSums"
    | "smallVole"
    | "voleExpand"
    | "voleExpandPunctured"
    | "silentExpand"
    | "silentExpandPunctured"
    | "histogramShares"
  > {
  ggmExpand(seeds: Uint8Array, depth: number, salt: Uint8Array, keep: boolean): Promise<Uint8Array>;
  smallVole(leaves: Uint8Array, bits: number, first: number, rowBytes: number): Promise<Uint8Array>;
  voleExpand(
    seeds: Uint8Array,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<Uint8Array>;
  voleExpandPunctured(
    trees: PuncturedTrees,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<Uint8Array>;
  silentExpand(
    seeds: Uint8Array,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<Uint8Array>;
  silentExpandPunctured(
    trees: SilentTrees,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<Uint8Array>;
  histogramShares(run: HistogramRun, seeds: Uint8Array, values: Uint8Array): Promise<Uint8Array>;
}

type Settle = <T>(start: () => Promise<T>) => Promise<T>;

export function nativeVole(library: NativeVole, settle: Settle): VoleKernels {
  return {
    async ggmExpand(seeds, depth, salt) {
      const both = await settle(() => library.ggmExpand(seeds, u32(depth), salt, true));
      const cut = seeds.length * 2 ** depth;
      return { leaves: both.subarray(0, cut), sums: both.subarray(cut) };
    },
    ggmSums: (seeds, depth, salt) => settle(() => library.ggmExpand(seeds, u32(depth), salt, false)),
    ggmPuncture: (others, positions, depth, salt) =>
      settle(() => library.ggmPuncture(others, positions, u32(depth), salt)),
    async smallVole(leaves, bits, first, rowBytes) {
      const both = await settle(() => library.smallVole(leaves, u32(bits), first, u32(rowBytes)));
      const cut = both.length / (bits + 1);
      return { sums: both.subarray(0, cut), rows: both.subarray(cut) };
    },
    smallVolePunctured: (leaves, bits, positions, corrections, first) =>
      settle(() => library.smallVolePunctured(leaves, u32(bits), positions, corrections, first)),
    transposeBits: (rows) => settle(() => library.transposeBits(rows)),
    hashRows: (rows, rowBytes, seed) => settle(() => library.hashRows(rows, u32(rowBytes), seed)),
    correlationHash: (...args) => settle(() => library.correlationHash(...args)),
    gf128Compose: (blocks) => settle(() => library.gf128Compose(blocks)),
    async voleExpand(seeds, depth, salt, count, checkSeed) {
      const all = await settle(() => library.voleExpand(seeds, u32(depth), salt, u32(count), checkSeed));
      const cut = count * BLOCK;
      return { b: all.subarray(0, cut), check: all.subarray(cut) };
    },
    async voleExpandPunctured(trees, depth, salt, count, checkSeed) {
      const all = await settle(() => library.voleExpandPunctured(trees, u32(depth), salt, u32(count), checkSeed));
      const cut = count * BLOCK;
      return { a: all.subarray(0, cut), c: all.subarray(cut, 2 * cut), check: all.subarray(2 * cut) };
    },
    async silentExpand(seeds, depth, salt, count, checkSeed) {
      const all = await settle(() => library.silentExpand(seeds, u32(depth), salt, u32(count), checkSeed));
      const cut = count * BLOCK;
      return { q: all.subarray(0, cut), check: all.subarray(cut) };
    },
    async silentExpandPunctured(trees, depth, salt, count, checkSeed) {
      const all = await settle(() => library.silentExpandPunctured(trees, u32(depth), salt, u32(count), checkSeed));
      const [cut, end] = [count * BLOCK, count * BLOCK + count / 8];
      return { t: all.subarray(0, cut), choices: all.subarray(cut, end), check: all.subarray(end) };
    },
    async histogramShares(run, seeds, values) {
      const all = await settle(() => library.histogramShares(sized(run), seeds, values));
      const cut = all.length - values.length;
      return { shares: all.subarray(0, cut), corrections: all.subarray(cut) };
    },
    histogramSharesPunctured: (run, others, positions, corrections) =>
      settle(() => library.histogramSharesPunctured(sized(run), others, positions, corrections)),
    voleNoiseCheck: (positions, values, depth, checkSeed) =>
      settle(() => library.voleNoiseCheck(positions, values, u32(depth), checkSeed)),
  };
}

const sized = (run: HistogramRun): HistogramRun => ({
  ...run,
  depth: u32(run.depth),
  cells: u32(run.cells),
  pairs: u32(run.pairs),
});

/** The binding would wrap other numbers around. */
export function u32(value: number): number {
  requireRange(Number.isInteger(value) && value >= 0 && value < 2 ** 32, "a size is an integer below 2^32");
  return value;
}
