/** What a match of any size is given: the own ids, where its progress is kept, and the protocol for one bucket. */
import type { Secrets } from "@tombolo/base";

/** The own ids, wherever they lie. */
export interface IdStore {
  /** Declared to the partners: no fewer than there are distinct ids. */
  readonly rowCount: number;
  /**
   * Digests all ids, as the first 16 bytes of SHA-256(prefix ‖ id), and spreads them over 2^bits buckets by their
   * leading bits. Refuses unusable ids. Not called again for what an earlier attempt spread and kept.
   */
  spread(prefix: Uint8Array, bits: number): Promise<void>;
  bucket(index: number, bits: number): Promise<Bucket>;
}

export interface Bucket {
  /** 16 bytes each, distinct, ascending. */
  readonly digests: Uint8Array;
  /** The own row of each. */
  readonly rows: Uint32Array;
  /** Further rows with one of the digests, where several may have the same. */
  readonly copies?: {
    readonly rows: Uint32Array;
    /** Which of the digests each of them has. */
    readonly of: Uint32Array;
  };
}

/** All parties agreed on this: it outlives an attempt, unlike any key of the bucket protocol. */
export interface Agreed {
  readonly jointKey: Uint8Array;
  /** That each party declared, by place: the guest's, then each host's. */
  readonly rows: readonly number[];
  readonly bits: number;
  /** One per bucket done. */
  readonly receipts: readonly Uint8Array[];
}

export interface AgreedStore {
  load(): Promise<Agreed | undefined>;
  save(agreed: Agreed): Promise<void>;
}

export interface MatchStore {
  /** `positions`: of the bucket's digests that matched, in the joint order. */
  put(bucket: number, present: Bucket, positions: Uint32Array): Promise<void>;
}

export interface BucketRun {
  /** 32 bytes, different for each bucket and session: before every hash input and in every tag. */
  readonly binding: Uint8Array;
  /** What each party puts in, exactly, by place. */
  readonly counts: readonly number[];
  /** The bucket may fail, or tell a match that is none, with at most 2^-failureBits, so that the whole does with 2^-40. */
  readonly failureBits: number;
  readonly progress: (share: number) => void;
}

/**
 * Positions in the own `digests` of those that all parties have, the same set at all, or none at a host that learns
 * nothing. Fresh keys for each run. The
 * order in which a party gives its digests must not show in anything a partner sees: they are ascending, with what
 * fills the bucket behind them.
 */
export type BucketProtocol = (digests: Uint8Array, run: BucketRun) => Promise<Uint32Array>;

export interface MatchOptions {
  readonly secrets: Secrets;
  readonly protocol: BucketProtocol;
  /** Who learns what matched, all or the guest alone; the same at all parties, and what `protocol` does. */
  readonly output: "both" | "guest";
  /** Of several matches in one session, counted from 0. */
  readonly round?: number;
  readonly agreed: AgreedStore;
  readonly matches: MatchStore;
  /** Any partner that declares another number is refused. */
  readonly partnerRows?: number;
  readonly partnerRowsMin?: number;
  readonly partnerRowsMax?: number;
  /** Awaited for each partner with the number of ids that it could ask about, all buckets full, before anything that depends on own ids leaves; may reject. */
  readonly admit?: (asked: number, party: string) => Promise<void>;
  /** The most ids that a partner could get into a bucket of this capacity, by the bucket protocol. Default: the capacity. */
  readonly asksOf?: (capacity: number, failureBits: number) => number;
  /** See `bucketBits`; the same at all parties. */
  readonly bucketRowsMax?: number;
  /** Share of the whole, in hundredths; must not throw. */
  readonly progress?: (share: number) => void;
}

export interface MatchResult {
  /** That each party declared, by place. */
  readonly rows: readonly number[];
  readonly buckets: number;
  readonly jointKey: Uint8Array;
}
