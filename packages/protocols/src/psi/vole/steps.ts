/** The computations of RR22 without a network: shapes, hashes, tags. */
import { concat, discard, TomboloError, toHex, utf8 } from "@tombolo/base";
import {
  BLOCK_BYTES,
  blockTags,
  DIGEST_BYTES,
  gather,
  idDigests,
  NONCE_BYTES,
  type OkvsLayout,
  okvsLayout,
  okvsSlots,
  opensTo,
  pairTags,
  sha256,
  sha256Prefixed,
} from "@tombolo/crypto";

/** What separates the random oracles from each other and from those of any other protocol. */
export const LABEL = {
  map: "tombolo/psi-vole/1/map",
  tag: "tombolo/psi-vole/1/tag",
  proof: "tombolo/psi-vole/1/proof",
  label: "tombolo/psi-vole/1/label",
  receipt: "tombolo/psi-vole/1/receipt\0",
  coin: "tombolo/psi-vole/1/coin\0",
  commit: "tombolo/psi-vole/1/commit",
} as const;

/** Items of one run, so that its table takes no more correlations than `vole` makes. Larger sets go in buckets. */
export const ROWS_MAX = 5 * 2 ** 20;

export type SettingName = keyof typeof SETTINGS;

export interface Setting {
  readonly number: number;
  readonly adversary: "semi-honest" | "malicious";
  /** Keys in a cluster of the table: larger ones need fewer slots, and more time than L2 allows. */
  readonly clusterKeys: number;
  /** `cipher`: fixed-key AES, correlation robust. `oracle`: SHA-256, which must see the item itself. */
  readonly hash: "cipher" | "oracle";
}

export const SETTINGS = {
  fast: { number: 0, adversary: "semi-honest", clusterKeys: 2 ** 14, hash: "cipher" },
  "low-communication": { number: 1, adversary: "semi-honest", clusterKeys: 2 ** 18, hash: "cipher" },
  malicious: { number: 2, adversary: "malicious", clusterKeys: 2 ** 14, hash: "oracle" },
} as const satisfies Record<string, Setting>;

/** Everything both parties know once both have declared their rows. */
export interface Shape {
  readonly layout: OkvsLayout;
  readonly slots: number;
  readonly tagWidth: number;
}

export interface Sizes {
  readonly receiverRows: number;
  readonly senderRows: number;
}

export function shapeOf({ receiverRows, senderRows }: Sizes, setting: Setting, failureBits: number): Shape {
  const layout = okvsLayout(receiverRows, { failureBits, clusterKeys: setting.clusterKeys });
  const rows = setting.adversary === "malicious" ? receiverRowsBound(okvsSlots(layout)) : receiverRows;
  return { layout, slots: okvsSlots(layout), tagWidth: tagBytes(rows, senderRows, failureBits) };
}

/** So that no item of one shares a tag with another of the other but with probability 2^-failureBits. */
export const tagBytes = (receiverRows: number, senderRows: number, failureBits: number): number =>
  Math.ceil((failureBits + Math.log2(Math.max(receiverRows, 1)) + Math.log2(Math.max(senderRows, 1))) / 8);

/**
 * Most items that a malicious receiver can get into a table of `slots`, but with probability 2^-40, after 2^queryBits
 * hashes. Some n of q hashed items fit a table with probability at most C(q, n)·2^(128·(slots - n)) (Pinkas, Rosulek,
 * Trieu, Yanai, EUROCRYPT 2020, section 5.3; Rindal, Schoppmann, EUROCRYPT 2021), for each of 2^queryBits seeds.
 */
export function receiverRowsBound(slots: number, queryBits = 80): number {
  const fitBits = (n: number): number =>
    queryBits + n * queryBits - n * (Math.log2(n) - Math.LOG2E) + 128 * (slots - n);
  let [low, high] = [slots, 64 * slots];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fitBits(middle + 1) <= -40) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What budgets count for a receiver that declares `rows`: it could find ids that fit the table's slots besides. */
export const asksOf = (rows: number, failureBits: number): number =>
  rows === 0
    ? 0
    : receiverRowsBound(okvsSlots(okvsLayout(rows, { failureBits, clusterKeys: SETTINGS.fast.clusterKeys })));

/** Payload bytes besides those of the correlations. */
export function trafficBytes(
  sizes: Sizes,
  { setting, labelBytes = 0, output = "both", failureBits = 40 }: TrafficOptions,
): { readonly toReceiver: number; readonly toSender: number } {
  const { slots, tagWidth } = shapeOf(sizes, SETTINGS[setting], failureBits);
  const matched = output === "both" ? Math.ceil(sizes.senderRows / 8) : 0;
  return {
    toReceiver: 8 + 32 + 64 + sizes.senderRows * (tagWidth + labelBytes),
    toSender: 8 + 48 + slots * BLOCK_BYTES + matched + DIGEST_BYTES,
  };
}

export interface TrafficOptions {
  readonly setting: SettingName;
  readonly labelBytes?: number;
  readonly output?: "both" | "receiver";
  readonly failureBits?: number;
}

/** The hashes of one run. `session` stands before every input. */
export class Hashes {
  readonly #kind: Setting["hash"];
  readonly #session: Uint8Array;
  #joint: Uint8Array = new Uint8Array(0);

  constructor(kind: Setting["hash"], session: Uint8Array) {
    this.#kind = kind;
    this.#session = session;
  }

  /** w, which nobody could choose, and which the receiver did not know when it fixed its table. */
  whiten(joint: Uint8Array): void {
    this.#joint = joint;
  }

  /** H'(x): what the receiver's table gives x. */
  async mapped(digests: Uint8Array): Promise<Uint8Array> {
    const prefix = await this.#prefix(LABEL.map, this.#session);
    if (this.#kind === "cipher") return blockTags(keyOf(prefix), digests, BLOCK_BYTES);
    const offsets = Uint32Array.from({ length: digests.length / BLOCK_BYTES + 1 }, (_, i) => i * BLOCK_BYTES);
    return idDigests(prefix, digests, offsets);
  }

  /** H(v, x), truncated: equal at both parties for items of both. */
  tags(values: Uint8Array, digests: Uint8Array, width: number): Promise<Uint8Array> {
    return this.#values(LABEL.tag, values, digests, width);
  }

  /** Another hash of (v, x) of the items at `order`: shows that the receiver has them. */
  async proofs(values: Uint8Array, digests: Uint8Array, order: Uint32Array): Promise<Uint8Array> {
    if (order.length === 0) return new Uint8Array(0);
    const chosen = await gather(values, BLOCK_BYTES, order);
    // The cipher does not see the item.
    const items = this.#kind === "cipher" ? chosen : await gather(digests, BLOCK_BYTES, order);
    const proofs = await this.#values(LABEL.proof, chosen, items, BLOCK_BYTES);
    discard(chosen, items);
    return proofs;
  }

  /** A key stream of (v, x) for a label, `width` bytes each, in parts of 32 bytes of all items. */
  async labelMask(part: number, values: Uint8Array, digests: Uint8Array, width: number): Promise<Uint8Array> {
    return pairTags(
      await this.#prefix(LABEL.label, this.#session, this.#joint, Uint8Array.of(part)),
      values,
      digests,
      width,
    );
  }

  async #values(label: string, values: Uint8Array, digests: Uint8Array, width: number): Promise<Uint8Array> {
    const prefix = await this.#prefix(label, this.#session, this.#joint);
    return this.#kind === "cipher" ? blockTags(keyOf(prefix), values, width) : pairTags(prefix, values, digests, width);
  }

  /** 64 bytes, one block of SHA-256: the label and a hash of the context. */
  async #prefix(label: string, ...context: readonly Uint8Array[]): Promise<Uint8Array> {
    const name = new Uint8Array(DIGEST_BYTES);
    name.set(utf8(label));
    return concat(name, await sha256(concat(name, ...context)));
  }
}

const keyOf = (prefix: Uint8Array): Uint8Array => prefix.subarray(DIGEST_BYTES, DIGEST_BYTES + BLOCK_BYTES);

/** Hash of the proofs of all matched items in the order of the sender's tags. */
export const receiptOf = (session: Uint8Array, joint: Uint8Array, proofs: Uint8Array): Promise<Uint8Array> =>
  sha256Prefixed(concat(utf8(LABEL.receipt), session, joint), proofs, Uint32Array.of(0, proofs.length));

/** values[i] ^= mask of labels, all of `width` bytes, 32 bytes of each at a time. */
export async function maskLabels(
  hashes: Hashes,
  labels: Uint8Array,
  width: number,
  values: Uint8Array,
  digests: Uint8Array,
): Promise<void> {
  for (let from = 0; from < width; from += DIGEST_BYTES) {
    const size = Math.min(DIGEST_BYTES, width - from);
    const mask = await hashes.labelMask(from / DIGEST_BYTES, values, digests, size);
    for (let i = 0, at = from; at < labels.length; i += size, at += width)
      for (let j = 0; j < size; j++) labels[at + j]! ^= mask[i + j]!;
  }
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "psi/vole", blame: party });

/**
 * w: hash of both coins. The sender committed to its own before it saw the receiver's, and opens it after the receiver's
 * table is there.
 */
export const jointCoin = (session: Uint8Array, receivers: Uint8Array, senders: Uint8Array): Promise<Uint8Array> =>
  sha256(concat(utf8(LABEL.coin), session, receivers, senders));

/** The sender's coin, if it is the one committed to. */
export async function openedCoin(
  session: Uint8Array,
  commitment: Uint8Array,
  opening: Uint8Array,
  party: string,
): Promise<Uint8Array> {
  const [nonce, value] = [opening.subarray(0, NONCE_BYTES), opening.subarray(NONCE_BYTES)];
  if (!(await opensTo(commitment, commitLabel(session), { nonce, value })))
    throw refused("coin", "the partner's coin is not the one it committed to", party);
  return value;
}

export const commitLabel = (session: Uint8Array): string => `${LABEL.commit}/${toHex(session)}`;
