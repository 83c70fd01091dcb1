/** What both sides of the extension compute alike: sizes, session keys, bits and sums. */
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, sha256, sha256Prefixed } from "@tombolo/crypto";

/** Columns of the correlation: bits of delta. */
export const COLUMNS = 128;
/** Transfers made at once; more go in several batches. */
export const BATCH_OTS = 2 ** 19;
/** Transfers used up by a batch's proof. */
export const BATCH_OVERHEAD_OTS = 128;
/** Hash of the choices, hashes of the columns. */
export const PROOF_BYTES = BLOCK_BYTES * (1 + COLUMNS);
export const DIGEST_BYTES = 32;
/** Bits 1: 128 trees of one level, a proof per tree and one for all. */
export const TREES_BYTES_MAX = 2 * BLOCK_BYTES * COLUMNS + DIGEST_BYTES * (COLUMNS + 1);
/** At once. */
export const COUNT_MAX = 2 ** 27;
/** Of one run: numbers of streams' blocks stay below 2^32, and hashes of one key far from where repeats are likely. */
const TOTAL_MAX = 2 ** 36;

export const LABEL = {
  session: utf8("tombolo/oblivious-transfer/softspoken/1/session\0"),
  base: utf8("tombolo/oblivious-transfer/softspoken/1/base\0"),
  trees: utf8("tombolo/oblivious-transfer/softspoken/1/trees\0"),
  leaves: utf8("tombolo/oblivious-transfer/softspoken/1/leaves\0"),
  proof: utf8("tombolo/oblivious-transfer/softspoken/1/proof\0"),
  weights: utf8("tombolo/oblivious-transfer/softspoken/1/weights\0"),
  hash: utf8("tombolo/oblivious-transfer/softspoken/1/hash\0"),
  bulk: utf8("tombolo/oblivious-transfer/softspoken/1/bulk\0"),
} as const;

export interface Batch {
  readonly index: number;
  readonly count: number;
  readonly rowBytes: number;
  /** First block of the leaves' streams. */
  readonly first: number;
}

/** Batches of whole blocks of transfers, in malicious mode a block more each. No batch has streams of an earlier one. */
export class Batches {
  readonly #malicious: boolean;
  #index = 0;
  #first = 0;
  #taken = 0;

  constructor(malicious: boolean) {
    this.#malicious = malicious;
  }

  /** Transfers taken before: where the next one's numbers begin. */
  get taken(): number {
    return this.#taken;
  }

  of(count: number): readonly Batch[] {
    checkCount(count);
    if (this.#taken + count > TOTAL_MAX)
      throw new TomboloError("resource.transfers", "this run has used up its oblivious transfers", {
        remedy: "Start another run, which begins with new keys.",
      });
    this.#taken += count;
    return Array.from({ length: Math.ceil(count / BATCH_OTS) }, (_, i) => this.#next(count - i * BATCH_OTS));
  }

  #next(left: number): Batch {
    const count = Math.min(BATCH_OTS, left);
    const blocks = Math.ceil(count / COLUMNS) + (this.#malicious ? BATCH_OVERHEAD_OTS / COLUMNS : 0);
    const batch = { index: this.#index++, count, rowBytes: blocks * BLOCK_BYTES, first: this.#first };
    this.#first += blocks;
    return batch;
  }
}

export async function labelled(label: Uint8Array, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  return sha256(concat(label, ...parts));
}

/** A 16-byte public key of a session for one purpose. */
export const saltOf = async (label: Uint8Array, ...parts: readonly Uint8Array[]): Promise<Uint8Array> =>
  (await labelled(label, ...parts)).slice(0, BLOCK_BYTES);

/** 32 more bytes of each leaf, which prove that all leaves are the ones the other side will open. */
export function leafProofs(session: Uint8Array, leaves: Uint8Array): Promise<Uint8Array> {
  const offsets = Uint32Array.from({ length: leaves.length / BLOCK_BYTES + 1 }, (_, i) => i * BLOCK_BYTES);
  return sha256Prefixed(concat(LABEL.leaves, session), leaves, offsets);
}

/** A run in bulk is one batch, of a party that does not depart from the protocol. */
export function checkBulk(count: number, malicious: boolean): void {
  if (malicious) throw new RangeError("transfers in bulk are semi-honest");
  if (count > BATCH_OTS || count % 8 !== 0) throw new RangeError("transfers in bulk come in eights, one batch at once");
}

export const bitOf = (bits: Uint8Array, i: number): 0 | 1 => (((bits[i >> 3]! >> (i & 7)) & 1) === 0 ? 0 : 1);

/** to ^= from, on the same length. */
export function addInto(to: Uint8Array, from: Uint8Array): void {
  if (from.length !== to.length) throw new RangeError("sums of the same length");
  if (((to.byteOffset | from.byteOffset | to.length) & 3) !== 0) {
    for (let i = 0; i < to.length; i++) to[i]! ^= from[i]!;
    return;
  }
  const [a, b] = [words(to), words(from)];
  for (let i = 0; i < a.length; i++) a[i]! ^= b[i]!;
}

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

export const blockAt = (blocks: Uint8Array, i: number): Uint8Array =>
  blocks.subarray(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1));

export function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)
    throw new TomboloError("input.size", `oblivious transfers come in numbers from 1 to ${COUNT_MAX}`);
}

export const refused = (what: string, party: string): TomboloError =>
  new TomboloError("protocol.oblivious-transfer", what, { stage: "oblivious-transfer", blame: party });
