/** The native kernels behind the same interface: loads the library and turns its errors into ours. */
import { createRequire } from "node:module";
import { TomboloError } from "@tombolo/base";
import {
  badPoint,
  badResidue,
  checkOkvsLayout,
  checkRoom,
  duplicate,
  requireRange,
  sortedRecords,
  unordered,
  unsolvable,
} from "./checks.ts";
import type { ElGamalKernels } from "./elgamal-kernels.ts";
import type { AsciiRules, NormalisedIds, NormaliseStrings, SortedRecords } from "./id-kernels.ts";
import type {
  BlockKernels,
  FixedBase,
  HistogramLayout,
  Kernels,
  MatchingKernels,
  Modulus,
  OkvsKeys,
  PrimeSquareLog,
} from "./kernels.ts";
import type { NationalKernels } from "./national-kernels.ts";
import { type NativeRing, type NativeSlots, nativeRing, nativeSlots } from "./native-ring.ts";
import { type NativeTransfers, nativeTransfers } from "./native-transfers.ts";
import { type NativeVole, nativeVole, u32 } from "./native-vole.ts";
import type { RetrievalKernels } from "./retrieval-kernels.ts";
import type { SpreadBuckets, SpreadIds, TableKernels } from "./table-kernels.ts";
import type { TransferKernels } from "./transfer-kernels.ts";
import type { VoleKernels } from "./vole-kernels.ts";

/** What `crates/kernels-node` exports. Failures are Errors whose message is `point:<i>`, `residue:<i>`,
 * `duplicate:<i>`, `order:<i>`, `unsolvable` or a text. */
interface NativeLibrary
  extends NativeVole,
    NativeTransfers,
    Omit<TableKernels, "spreadIds">,
    Omit<
      Kernels,
      | keyof TransferKernels
      | keyof VoleKernels
      | "modulus"
      | "normaliseIds"
      | "okvsPlace"
      | "primeSquareLog"
      | "prgExpand"
      | "ring"
      | "ristrettoValidate"
      | "sha256Prefixed"
      | "slots"
      | "sm2Validate"
      | "sortRecords"
    > {
  kernelsVersion?(): number;
  ristrettoValidate(points: Uint8Array): Promise<unknown>;
  sm2Validate(points: Uint8Array): Promise<unknown>;
  sha256Prefixed(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array>;
  prgExpand(seed: Uint8Array, length: number): Uint8Array;
  normaliseIds(messages: Uint8Array, offsets: Uint32Array, rules: readonly NativeRules[]): Promise<NormalisedIds>;
  normaliseStrings(strings: Uint8Array, rules: readonly NativeRules[]): Promise<NormalisedIds>;
  sortRecords(records: Uint8Array, bits: number, out: Uint8Array): Promise<NativeRepeats>;
  spreadIds(
    bytes: Uint8Array,
    columns: Uint32Array,
    rows: number,
    rules: readonly NativeRules[],
    buckets: SpreadBuckets,
    out: Uint8Array,
  ): Promise<SpreadIds>;
  okvsPlace(
    keys: Uint8Array,
    seed: Uint8Array,
    clusters: number,
    capacity: number,
    sparse: number,
    dense: number,
  ): Promise<OkvsKeys>;
  Modulus: new (value: Uint8Array) => NativeModulus;
  Ring: new (size: number, primes: BigUint64Array) => NativeRing;
  Slots: new (size: number, primes: BigUint64Array, plain: BigUint64Array) => NativeSlots;
  PrimeSquareLog: new (
    prime: Uint8Array,
    entry: Uint8Array,
    exponent: Uint8Array,
    scale: Uint8Array,
    valueBytes: number,
  ) => PrimeSquareLog;
}

type NativeRepeats = Pick<SortedRecords, "repeated" | "repeatedOf">;

interface NativeModulus extends Omit<Modulus, "histogram" | "validate"> {
  histogram(
    values: Uint8Array,
    bins: Uint16Array,
    nodes: Int32Array,
    nodeCount: number,
    featureCount: number,
    binCount: number,
  ): Promise<Uint8Array>;
  validate(values: Uint8Array): Promise<unknown>;
}

interface NativeRules {
  readonly trim: boolean;
  readonly case: number;
  readonly phone?: { readonly international: boolean; readonly countryCode: string; readonly nationalLength: number };
}

/** Of the binding: `crates/kernels-node/src/lib.rs` has the same number. */
export const KERNELS_VERSION = 14;

/** Where the setup script puts the library that cargo built. */
const LIBRARY = "../native/kernels.node";

export type Loaded =
  | { readonly kernels: Kernels; readonly normaliseStrings: NormaliseStrings; readonly tableKernels: TableKernels }
  | { readonly reason: string };

/** Throws `state.kernels` where the library was built from other sources: half of it would fail in the midst of a job. */
export function loadNative(path = LIBRARY): Loaded {
  let library: NativeLibrary;
  try {
    library = createRequire(import.meta.url)(path) as NativeLibrary;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
    return { reason: missing ? "not built" : String((error as Error).message) };
  }
  const version = library.kernelsVersion?.() ?? 0;
  if (version !== KERNELS_VERSION)
    throw new TomboloError(
      "state.kernels",
      `the native kernels are of version ${version}, this release needs ${KERNELS_VERSION}: rebuild them with \`npm run setup\``,
      { remedy: "Run `npm run setup`." },
    );
  return {
    kernels: wrap(library),
    normaliseStrings: (strings, rules) => settle(() => library.normaliseStrings(strings, rules.map(nativeRules))),
    tableKernels: wrapTables(library),
  };
}

function wrap(library: NativeLibrary): Kernels {
  return {
    ...nativeVole(library, settle),
    ...nativeTransfers(library, settle),
    ristrettoHashToGroup: (...args) => settle(() => library.ristrettoHashToGroup(...args)),
    ristrettoHashAndMultiply: (...args) => settle(() => library.ristrettoHashAndMultiply(...args)),
    ristrettoMultiply: (...args) => settle(() => library.ristrettoMultiply(...args)),
    ristrettoMultiplyEach: (...args) => settle(() => library.ristrettoMultiplyEach(...args)),
    ristrettoMultiplyBase: (...args) => settle(() => library.ristrettoMultiplyBase(...args)),
    ristrettoCombine: (...args) => settle(() => library.ristrettoCombine(...args)),
    ristrettoInvertScalars: (...args) => guard(() => library.ristrettoInvertScalars(...args)),
    ristrettoAdd: (...args) => settle(() => library.ristrettoAdd(...args)),
    ristrettoSubtract: (...args) => settle(() => library.ristrettoSubtract(...args)),
    ristrettoValidate: async (...args) => void (await settle(() => library.ristrettoValidate(...args))),
    ...wrapElGamal(library),
    ...wrapNational(library),
    sha256Batch: (...args) => settle(() => library.sha256Batch(...args)),
    sha256Prefixed: (...args) => settle(() => library.sha256Prefixed(...args)),
    sha256Truncated: (...args) => settle(() => library.sha256Truncated(...args)),
    prgExpand: (...args) => guard(() => library.prgExpand(...args)),
    ...wrapRetrieval(library),
    ...wrapBlocks(library),
    ...wrapMatching(library),
    normaliseIds: (messages, offsets, rules) =>
      settle(() => library.normaliseIds(messages, offsets, rules.map(nativeRules))),
    groupRecords: (...args) => settle(() => library.groupRecords(...args)),
    sortRecords: (records, bits, out = new Uint8Array(records.length)) =>
      settle(async () => {
        checkRoom(records, out);
        return sortedRecords(out, await library.sortRecords(records, bits, out));
      }),
    ring: (size, primes) =>
      nativeRing(
        guard(() => new library.Ring(u32(size), primes)),
        settle,
      ),
    slots: (size, primes, plain) =>
      nativeSlots(
        guard(() => new library.Slots(u32(size), primes, plain)),
        settle,
      ),
    modulus: (value) => wrapModulus(guard(() => new library.Modulus(value))),
    primeSquareLog({ prime, entry, exponent, scale, valueBytes }) {
      const handle = guard(() => new library.PrimeSquareLog(prime, entry, exponent, scale, valueBytes));
      return { logarithms: (values) => settle(() => handle.logarithms(values)) };
    },
  };
}

function nativeRules({ trim, case: letters, phone }: AsciiRules): NativeRules {
  const rules = { trim, case: ["keep", "lower", "upper"].indexOf(letters) };
  if (phone === null) return rules;
  const { format, countryCode, nationalLength } = phone;
  return {
    ...rules,
    phone: { international: format === "international", countryCode, nationalLength: nationalLength ?? 0 },
  };
}

function wrapRetrieval(library: NativeLibrary): RetrievalKernels {
  const u32 = (value: number): number => {
    requireRange(Number.isInteger(value) && value >= 0 && value < 2 ** 32, "a size is an integer below 2^32");
    return value;
  };
  return {
    pirAnswer: (...args) => settle(() => library.pirAnswer(...args)),
    pirHint: (database, columns, seed, dimension) =>
      settle(() => library.pirHint(database, u32(columns), seed, u32(dimension))),
    pirMask: (seed, columns, secret) => settle(() => library.pirMask(seed, u32(columns), secret)),
  };
}

function wrapBlocks(library: NativeLibrary): BlockKernels {
  return {
    gf128Multiply: (...args) => settle(() => library.gf128Multiply(...args)),
    gf128MultiplyAdd: (...args) => settle(() => library.gf128MultiplyAdd(...args)),
    gf128InnerProduct: (...args) => settle(() => library.gf128InnerProduct(...args)),
    blockTags: (...args) => settle(() => library.blockTags(...args)),
    blockStream: (seed, length) =>
      settle(() => {
        requireRange(Number.isSafeInteger(length) && length >= 0, "a length is a whole number");
        return library.blockStream(seed, length);
      }),
    idDigests: (...args) => settle(() => library.idDigests(...args)),
    pairTags: (...args) => settle(() => library.pairTags(...args)),
  };
}

function wrapNational(library: NativeLibrary): NationalKernels {
  return {
    sm2HashToGroup: (...args) => settle(() => library.sm2HashToGroup(...args)),
    sm2HashAndMultiply: (...args) => settle(() => library.sm2HashAndMultiply(...args)),
    sm2Multiply: (...args) => settle(() => library.sm2Multiply(...args)),
    sm2InvertScalars: (...args) => guard(() => library.sm2InvertScalars(...args)),
    sm2Validate: async (...args) => void (await settle(() => library.sm2Validate(...args))),
    sm3Truncated: (...args) => settle(() => library.sm3Truncated(...args)),
  };
}

function wrapElGamal(library: NativeLibrary): ElGamalKernels {
  return {
    elgamalKey: (...args) => settle(() => library.elgamalKey(...args)),
    elgamalEncrypt: (...args) => settle(() => library.elgamalEncrypt(...args)),
    elgamalSum: (...args) => settle(() => library.elgamalSum(...args)),
    elgamalRelease: (...args) => settle(() => library.elgamalRelease(...args)),
    elgamalOpen: (...args) => settle(() => library.elgamalOpen(...args)),
  };
}

function wrapMatching(library: NativeLibrary): MatchingKernels {
  return {
    matchIndices: (...args) => settle(() => library.matchIndices(...args)),
    firstOccurrences: (...args) => settle(() => library.firstOccurrences(...args)),
    sortOrder: (...args) => settle(() => library.sortOrder(...args)),
    sortStrings: (...args) => settle(() => library.sortStrings(...args)),
    matchSorted: (...args) => settle(() => library.matchSorted(...args)),
    takeMarked: (...args) => settle(() => library.takeMarked(...args)),
    gather: (...args) => settle(() => library.gather(...args)),
    async okvsPlace(keys, seed, layout) {
      checkOkvsLayout(layout);
      const { clusters, capacity, sparse, dense } = layout;
      const placed = await settle(() => library.okvsPlace(keys, seed, clusters, capacity, sparse, dense));
      return {
        encodeOnto: (...args) => settle(() => placed.encodeOnto(...args)),
        decodeInto: (...args) => settle(() => placed.decodeInto(...args)),
      };
    },
  };
}

function wrapTables(library: NativeLibrary): TableKernels {
  return {
    csvPages: (...args) => settle(() => library.csvPages(...args)),
    spreadIds: (bytes, columns, rows, rules, ...rest) =>
      settle(() => library.spreadIds(bytes, columns, rows, rules.map(nativeRules), ...rest)),
    scatterRows: (...args) => settle(() => library.scatterRows(...args)),
    gatherRows: (...args) => settle(() => library.gatherRows(...args)),
    csvText: (...args) => settle(() => library.csvText(...args)),
  };
}

function wrapModulus(handle: NativeModulus): Modulus {
  return {
    bytes: handle.bytes,
    enter: (values) => settle(() => handle.enter(values)),
    leave: (values) => settle(() => handle.leave(values)),
    multiply: (a, b) => settle(() => handle.multiply(a, b)),
    multiplyAdd: (...args) => settle(() => handle.multiplyAdd(...args)),
    invert: (values) => settle(() => handle.invert(values)),
    power: (bases, exponent) => settle(() => handle.power(bases, exponent)),
    fixedBase: (base, exponentBytes) => wrapFixedBase(guard(() => handle.fixedBase(base, exponentBytes))),
    histogram: (values, layout) => settle(() => histogram(handle, values, layout)),
    packShift: (values, groupSize, bits) => settle(() => handle.packShift(values, groupSize, bits)),
    validate: async (values) => void (await settle(() => handle.validate(values))),
  };
}

const wrapFixedBase = (table: FixedBase): FixedBase => ({
  exponentBytes: table.exponentBytes,
  power: (exponents) => settle(() => table.power(exponents)),
});

function histogram(handle: NativeModulus, values: Uint8Array, layout: HistogramLayout): Promise<Uint8Array> {
  const bins = layout.bins instanceof Uint16Array ? layout.bins : new Uint16Array(layout.bins);
  return handle.histogram(values, bins, layout.nodes, layout.nodeCount, layout.featureCount, layout.binCount);
}

/** Failures before and after the work has started come out the same way: as a rejection. */
async function settle<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw translate(error);
  }
}

function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): Error {
  const message = (error as Error).message;
  const [kind, index] = message.split(":");
  if (kind === "point") return badPoint(Number(index));
  if (kind === "residue") return badResidue(Number(index));
  if (kind === "duplicate") return duplicate(Number(index));
  if (kind === "order") return unordered(Number(index));
  if (kind === "unsolvable") return unsolvable();
  return new RangeError(message, { cause: error });
}
