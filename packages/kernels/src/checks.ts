/** Argument checks shared by the native and the reference kernels, so that both refuse the same calls. */
import { TomboloError } from "@tombolo/base";
import { DIGEST_BYTES, RECORD_BYTES, type SortedRecords } from "./id-kernels.ts";
import type { HistogramLayout, OkvsLayout, PrimeSquareLogParameters } from "./kernels.ts";

export const MODULUS_BITS_MAX = 6144;
const MODULUS_BITS_MIN = 64;
const CELLS_MAX = 2 ** 24;
export const BLOCK_BYTES = 16;
const OKVS_CLUSTERS_MAX = 2 ** 16;
const OKVS_CAPACITY_MAX = 2 ** 23;
const OKVS_DENSE_MAX = 64;

export const badPoint = (index: number): TomboloError =>
  new TomboloError("protocol.point", `point ${index} is not a valid group element`);

export const badResidue = (index: number): TomboloError =>
  new TomboloError("protocol.ciphertext", `ciphertext ${index} is not valid`);

export const duplicate = (index: number): TomboloError =>
  new TomboloError("protocol.duplicate", `element ${index} repeats an earlier one`);

export const unordered = (index: number): TomboloError =>
  new TomboloError("protocol.order", `element ${index} is not above the one before`);

export const unsolvable = (): TomboloError =>
  new TomboloError("protocol.okvs", "the table of values could not be filled, which is rare; run again");

export function requireRange(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(what);
}

/** How many elements of `width` bytes; they must fill the array. */
export function elementCount(bytes: Uint8Array, width: number): number {
  requireRange(Number.isInteger(width) && width > 0, "element width must be a positive integer");
  requireRange(bytes.length % width === 0, `${bytes.length} bytes are not a whole number of ${width}-byte elements`);
  return bytes.length / width;
}

/** How many messages; offsets must ascend from 0 to the end. */
export function messageCount(messages: Uint8Array, offsets: Uint32Array): number {
  requireRange(offsets.length > 0 && offsets[0] === 0, "offsets must start at 0");
  requireRange(offsets[offsets.length - 1] === messages.length, "offsets must end at the messages' length");
  for (let i = 1; i < offsets.length; i++) requireRange(offsets[i - 1]! <= offsets[i]!, "offsets must ascend");
  return offsets.length - 1;
}

/** RFC 9380 5.3.3 allows longer tags by hashing them first; ours are labels and never need it. */
export function checkTag(dst: Uint8Array): void {
  requireRange(dst.length > 0 && dst.length <= 255, "a domain separation tag has 1 to 255 bytes");
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

export function checkModulus(value: bigint): number {
  const bits = bitLength(value);
  requireRange((value & 1n) === 1n, "a modulus must be odd");
  requireRange(
    bits >= MODULUS_BITS_MIN && bits <= MODULUS_BITS_MAX,
    `a modulus has ${MODULUS_BITS_MIN} to ${MODULUS_BITS_MAX} bits`,
  );
  return bits;
}

export function checkLayout(rowCount: number, layout: HistogramLayout): void {
  const { bins, nodes, nodeCount, featureCount, binCount } = layout;
  for (const count of [nodeCount, featureCount, binCount])
    requireRange(Number.isInteger(count) && count > 0, "histogram sizes must be positive integers");
  requireRange(nodeCount * featureCount * binCount <= CELLS_MAX, `a histogram has at most ${CELLS_MAX} cells`);
  requireRange(nodes.length === rowCount, "one node per row");
  requireRange(bins.length === rowCount * featureCount, "one bin per feature and row");
  for (const node of nodes) requireRange(node >= -1 && node < nodeCount, "node out of range");
  for (const bin of bins) requireRange(bin < binCount, "bin out of range");
}

export function checkPrimeSquareLog(parameters: PrimeSquareLogParameters, squareBytes: number): void {
  requireRange(parameters.exponent.length > 0, "an exponent has at least one byte");
  requireRange(
    parameters.valueBytes > 0 && parameters.valueBytes <= 2 * squareBytes,
    "values must fit twice the width of p^2",
  );
}

export function checkBlock(value: Uint8Array): void {
  requireRange(value.length === BLOCK_BYTES, "a key or scalar has 16 bytes");
}

export function checkOkvsLayout({ clusters, capacity, sparse, dense }: OkvsLayout): void {
  const within = (value: number, min: number, max: number): boolean =>
    Number.isInteger(value) && value >= min && value <= max;
  requireRange(within(clusters, 1, OKVS_CLUSTERS_MAX), `a table has 1 to ${OKVS_CLUSTERS_MAX} clusters`);
  requireRange(within(capacity, 0, OKVS_CAPACITY_MAX), `a cluster has at most ${OKVS_CAPACITY_MAX} keys`);
  requireRange(within(sparse, 3, 2 * OKVS_CAPACITY_MAX), `a cluster has 3 to ${2 * OKVS_CAPACITY_MAX} sparse slots`);
  requireRange(within(dense, 0, OKVS_DENSE_MAX), `a cluster has at most ${OKVS_DENSE_MAX} dense slots`);
}

/** What a sorted bucket looks like in the memory it was sorted to. */
export function sortedRecords(out: Uint8Array, repeats: Pick<SortedRecords, "repeated" | "repeatedOf">): SortedRecords {
  const count = out.length / RECORD_BYTES - repeats.repeated.length;
  const digests = out.subarray(0, DIGEST_BYTES * count);
  return { digests, rows: new Uint32Array(out.buffer, out.byteOffset + digests.length, count), ...repeats };
}

export function checkRoom(records: Uint8Array, out: Uint8Array): void {
  requireRange(out.length === records.length, "as much room as there are records");
  requireRange(out.byteOffset % 4 === 0, "room starts at a multiple of four bytes");
}
