/** Bins, hashes and sizes of circuit-PSI, without a network. */
import { concat, type Secrets, TomboloError, toHex, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, blockTags, sha256 } from "@tombolo/crypto";
import { hintBytes, ITEMS_MAX, oprfBytes } from "../../opprf/index.ts";

const LABEL = {
  bin: utf8("tombolo/psi-circuit/1/bin\0"),
  function: utf8("tombolo/psi-circuit/1/function\0"),
  mask: utf8("tombolo/psi-circuit/1/mask\0"),
} as const;

/** Places an item may go, each in a third of the bins of its own. */
export const HASHES = 3;
/** Bins whose comparisons run at once: bounds the memory that transfers take. */
export const PART_BINS = 2 ** 14;
/** Parts of four bits that a bin's target is compared in, at most: 64 bits. */
export const PARTS_MAX = 16;
export const WORDS_MAX = 64;
const WORD_BYTES = 8;

export interface CircuitOptions extends CircuitSizes {
  readonly secrets: Secrets;
  /** 32 bytes that nothing else between the two parties has. */
  readonly binding: Uint8Array;
}

export interface CircuitSizes {
  readonly receiverCount: number;
  readonly senderCount: number;
  /** 64-bit words of the sender's payload for each of its items. */
  readonly payloadWords: number;
  /** The run fails, or shares a 1 for an item that the sender lacks, with probability 2^-failureBits each. Default 40. */
  readonly failureBits?: number;
}

/** Everything both parties know before they begin. */
export interface Shape {
  /** Bins of a third. */
  readonly region: number;
  readonly bins: number;
  /** Parts of four bits of a bin's target. */
  readonly parts: number;
  /** Tables of hints: the first has the target and the first word, each further one two words. */
  readonly tables: number;
  /** Of the function and each table. */
  readonly failureBits: number;
}

/**
 * 1.27 bins an item: with three hashes and no stash insertion fails with 2^-40 (Pinkas, Schneider, Zohner, "Scalable
 * Private Set Intersection Based on OT Extension", TOPS 2018, appendix B; used so by Pinkas, Schneider, Tkachenko, Yanai,
 * EUROCRYPT 2019). What rules in small tables is that four items have the same three bins: at most
 * C(n, 4)·(m/3)^-9 < 820·n^4/m^9, which 55·n^(4/9) bins keep below 2^-42.
 */
export function shapeOf({
  receiverCount,
  senderCount,
  payloadWords,
  failureBits = 40,
}: CircuitSizes | CircuitOptions): Shape {
  for (const count of [receiverCount, senderCount])
    if (!Number.isInteger(count) || count < 0 || count > ROWS_MAX)
      throw new TomboloError("input.rows", `one run takes at most ${ROWS_MAX} rows`);
  if (!Number.isInteger(payloadWords) || payloadWords < 0 || payloadWords > WORDS_MAX)
    throw new TomboloError("input.payload", `a payload has at most ${WORDS_MAX} words`);
  const needed = Math.max(1.27 * receiverCount, 55 * receiverCount ** (4 / 9), HASHES);
  const region = Math.ceil(needed / HASHES);
  const bins = HASHES * region;
  const tables = 1 + Math.ceil(Math.max(0, payloadWords - 1) / 2);
  const parts = Math.ceil((failureBits + Math.log2(bins)) / 4);
  if (parts > PARTS_MAX) throw new TomboloError("input.rows", "too many bins for this probability of failure");
  return { region, bins, parts, tables, failureBits: failureBits + Math.ceil(Math.log2(1 + tables)) };
}

export const ROWS_MAX = Math.floor(ITEMS_MAX / HASHES);

/** Each item under each of the hashes, fresh for this run: what the function is asked about, and what names the bin. */
export async function hashed(items: Uint8Array, seed: Uint8Array, binding: Uint8Array): Promise<Uint8Array[]> {
  return Promise.all(
    Array.from({ length: HASHES }, async (_, j) => {
      const key = (await sha256(concat(LABEL.bin, binding, seed, Uint8Array.of(j)))).slice(0, BLOCK_BYTES);
      return blockTags(key, items, BLOCK_BYTES);
    }),
  );
}

/** The bin of each of the hashes j: its leading 32 bits, as a share of the j-th third. */
export function binsOf(hashes: Uint8Array, j: number, region: number): Uint32Array {
  const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  return Uint32Array.from(
    { length: hashes.length / BLOCK_BYTES },
    (_, i) => j * region + Math.floor((view.getUint32(BLOCK_BYTES * i, true) * region) / 2 ** 32),
  );
}

export const functionBinding = (binding: Uint8Array): Promise<Uint8Array> => sha256(concat(LABEL.function, binding));

/** Masks of one table of hints from values of the function. */
export async function masksOf(values: Uint8Array, table: number, binding: Uint8Array): Promise<Uint8Array> {
  const key = (await sha256(concat(LABEL.mask, binding, Uint8Array.of(table)))).slice(0, BLOCK_BYTES);
  return blockTags(key, values, BLOCK_BYTES);
}

/** Word w stands in this table of hints, at this half of each block. */
export const placeOf = (word: number): { readonly table: number; readonly half: 0 | 1 } => ({
  table: Math.floor((word + 1) / 2),
  half: ((word + 1) % 2) as 0 | 1,
});

export const words = (bytes: Uint8Array): BigUint64Array =>
  new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD_BYTES);

export const transferLabel = (binding: Uint8Array, run: number): string => `psi-circuit/${toHex(binding)}/${run}`;

export const transfersOf = (bins: number, parts: number): number => bins * (4 * parts + 2 * (parts - 1));

/** Compares the targets of all bins, a run of bins after the other: the own share of one bit a bin. */
export async function eachRun(
  targets: Uint8Array,
  { bins }: Shape,
  compare: (values: Uint8Array, run: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const bits = new Uint8Array(bins);
  let run = 0;
  for (const [from, to] of runsOf(bins)) bits.set(await compare(targets.subarray(8 * from, 8 * to), run++), from);
  return bits;
}

/** Runs of bins, [from, to). */
function* runsOf(bins: number): Generator<readonly [number, number]> {
  for (let from = 0; from < bins; from += PART_BINS) yield [from, Math.min(bins, from + PART_BINS)];
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "psi/circuit", blame: party });

/** Payload bytes in both directions together. */
export function trafficBytes(options: CircuitSizes | CircuitOptions): number {
  const { bins, parts, tables, failureBits } = shapeOf(options);
  let comparing = 0;
  for (const [from, to] of runsOf(bins)) {
    const count = to - from;
    const masked = joinsOf(parts).reduce((sum, pairs) => sum + Math.ceil((2 * pairs * count) / 8), 0);
    const transfers = 16_384 + 496 * Math.ceil(transfersOf(count, parts) / 128);
    comparing += transfers + Math.ceil((parts * count) / 2) + 2 * parts * count + 2 * masked;
  }
  return (
    BLOCK_BYTES +
    oprfBytes(bins, failureBits) +
    tables * hintBytes(HASHES * options.senderCount, failureBits) +
    comparing
  );
}

/** How many pairs are joined at each level until one is left. */
export function joinsOf(parts: number): number[] {
  const out: number[] = [];
  for (let left = parts; left > 1; left = Math.ceil(left / 2)) out.push(Math.floor(left / 2));
  return out;
}
