/**
 * Where keys lie. Keys are spread over groups; each group is a binary fuse filter of its own (Graf, Lemire, JEA 2022), whose
 * three cells of a key add up to its entry modulo 256, byte by byte. Group g is `entryBytes` rows of the database, and a
 * position is a column: so one query, with a one at three columns, brings the sums of all groups, and the key's among them.
 */
import { concat, equalBytes, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, PIR_STEP, sha256Truncated } from "@tombolo/crypto";
import { CHECK_BYTES, COLUMNS_MAX, COUNT_MAX, KEY_BYTES, ROWS_MAX, VALUE_BYTES_MAX } from "./parameters.ts";

const LABEL = "tombolo/pir-simple/1/key\0";
/** On average: more make larger queries and a smaller hint. */
const GROUP_KEYS = 2 ** 14;
/** Deviations that the largest group may have above the mean; beyond them other seeds are drawn. */
const GROUP_MARGIN = 6;
/** Bytes of a digest behind those that place a key. */
const CHECK_AT = 20;

export interface Layout {
  readonly groups: number;
  readonly columns: number;
  readonly segmentLength: number;
  readonly valueBytes: number;
}

export const entryBytes = ({ valueBytes }: Pick<Layout, "valueBytes">): number => CHECK_BYTES + valueBytes;
export const rowsOf = (layout: Layout): number => layout.groups * entryBytes(layout);

export function layoutFor(count: number, valueBytes: number): Layout {
  const groups = Math.max(1, Math.ceil(count / GROUP_KEYS));
  const mean = Math.max(1, count / groups);
  const capacity = groups === 1 ? mean : Math.ceil(mean + GROUP_MARGIN * Math.sqrt(mean));
  return { groups, valueBytes, ...filterFor(capacity) };
}

/** Sizes as Graf and Lemire take them for three cells. */
function filterFor(capacity: number): Pick<Layout, "columns" | "segmentLength"> {
  const segmentLength = Math.max(PIR_STEP, 2 ** Math.floor(Math.log(capacity) / Math.log(3.33) + 2.25));
  const factor = Math.max(1.125, 0.875 + (0.25 * Math.log(1e6)) / Math.log(Math.max(2, capacity)));
  const segments = Math.max(1, Math.ceil((capacity * factor) / segmentLength) - 2);
  return { columns: (segments + 2) * segmentLength, segmentLength };
}

/** Whether anyone could have made it: of a peer's. */
export function isLayout({ groups, columns, segmentLength, valueBytes }: Layout): boolean {
  return (
    groups >= 1 &&
    groups <= COUNT_MAX / GROUP_KEYS &&
    groups * entryBytes({ valueBytes }) <= ROWS_MAX &&
    valueBytes <= VALUE_BYTES_MAX &&
    segmentLength >= PIR_STEP &&
    segmentLength % PIR_STEP === 0 &&
    columns <= COLUMNS_MAX &&
    columns % segmentLength === 0 &&
    columns >= 3 * segmentLength
  );
}

/** One digest a key. */
export const digestsOf = (keys: Uint8Array, hashSeed: Uint8Array): Promise<Uint8Array> =>
  sha256Truncated(concat(utf8(LABEL), hashSeed), keys, KEY_BYTES, DIGEST_BYTES);

const word = (digest: Uint8Array, i: number): number =>
  (digest[4 * i]! | (digest[4 * i + 1]! << 8) | (digest[4 * i + 2]! << 16) | (digest[4 * i + 3]! << 24)) >>> 0;

export const groupOf = (digest: Uint8Array, { groups }: Layout): number =>
  Math.floor((word(digest, 0) * groups) / 2 ** 32);

export const checkOf = (digest: Uint8Array): Uint8Array => digest.subarray(CHECK_AT, CHECK_AT + CHECK_BYTES);

/** Of an entry that came back; null: it is not the key's. */
export const valueIn = (entry: Uint8Array, digest: Uint8Array): Uint8Array | null =>
  equalBytes(entry.subarray(0, CHECK_BYTES), checkOf(digest)) ? entry.slice(CHECK_BYTES) : null;

/** In three segments that follow one another. */
export function positionsOf(
  digest: Uint8Array,
  salt: number,
  { columns, segmentLength }: Layout,
): [number, number, number] {
  const starts = columns / segmentLength - 2;
  const first = Math.floor((mixed(word(digest, 1), salt) * starts) / 2 ** 32) * segmentLength;
  return [
    first + (mixed(word(digest, 2), salt) % segmentLength),
    first + segmentLength + (mixed(word(digest, 3), salt) % segmentLength),
    first + 2 * segmentLength + (mixed(word(digest, 4), salt) % segmentLength),
  ];
}

/** MurmurHash3's finaliser: gives a group that could not be filled other positions. */
function mixed(value: number, salt: number): number {
  let x = value ^ Math.imul(salt, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
