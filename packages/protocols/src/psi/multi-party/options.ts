import type { Secrets } from "@tombolo/base";

export interface MultiPartyOptions {
  readonly secrets: Secrets;
  /** 32 bytes, the same at all parties and for nothing else: the bucket's. */
  readonly binding: Uint8Array;
  /** What each party puts in, by place: the guest's, then each host's. */
  readonly counts: readonly number[];
  /** The run fails with probability 2^-failureBits. Default 40; + log2 of the buckets. */
  readonly failureBits?: number;
  /** Places of those that learn which of their items are in all sets; the guest must be one. Default: all. */
  readonly receivers?: readonly number[];
  /** Share of this run that is done, 0 to 1; must not throw. */
  readonly progress?: (share: number) => void;
}
