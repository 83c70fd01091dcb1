/** Kernels of random oblivious transfers in bulk, and of the tables that are read with them. */

/** What is kept of a key of 16 bytes. */
export type KeyForm =
  | { readonly kind: "blocks" }
  /** The first eight bytes. */
  | { readonly kind: "words" }
  /**
   * Of each four keys, for each plane sixteen bits that mask the entries of a table: bit v is the XOR over i of bit v of the key of
   * transfer i for bit i of v. Plane p is of bytes 2·p and 2·p + 1. The chooser keeps, in a byte, the bit at its choices of
   * each plane.
   */
  | { readonly kind: "digits"; readonly planes: number }
  /** The first bits, each in a plane of its own, packed; for the sender those of the keys of 0, then of both keys' XOR. */
  | { readonly kind: "bits"; readonly planes: number };

/** 1 to 8 planes. */
export interface Extension {
  /** Of 128 / bits trees of 2^bits leaves. */
  readonly leaves: Uint8Array;
  readonly bits: number;
  /** Where the leaves' streams begin, in blocks. */
  readonly first: number;
  /** A multiple of eight. */
  readonly count: number;
  /** Key of the hash AES_salt(x) ^ x. */
  readonly salt: Uint8Array;
  readonly form: KeyForm;
}

export interface ReceivedTransfers {
  /** Of each tree but the first, what makes its streams' sum that of the first: rows of 16 bytes for 128 transfers. */
  readonly corrections: Uint8Array;
  /** Packed bits. */
  readonly choices: Uint8Array;
  readonly kept: Uint8Array;
}

/** Transfers of one in sixteen, of entries of a few bits. */
export interface Sixteen {
  /** Of 60 trees of sixteen leaves. */
  readonly leaves: Uint8Array;
  /** Where the leaves' streams begin, in blocks. */
  readonly first: number;
  /** A multiple of eight. */
  readonly count: number;
  /** Key of the hash AES_salt(x) ^ x. */
  readonly salt: Uint8Array;
  /** Bits of each entry, 1 to 8. */
  readonly planes: number;
}

export interface TransferKernels {
  /** `smallVole`, the first sum as choices, columns of the rows hashed: keys of the choices. */
  transfersReceived(extension: Extension): Promise<ReceivedTransfers>;
  /** `smallVolePunctured`, columns of the rows hashed, with and without the positions as delta: keys of 0 and of 1. */
  transfersSent(extension: Extension, positions: Uint32Array, corrections: Uint8Array): Promise<Uint8Array>;
  /**
   * Random transfers of one in sixteen: `reference/sixteen.ts`. `corrections`: rows of 16 bytes for 128 transfers, of each tree but
   * four; `choices`: half a byte each; `kept`: a byte each, the chosen entry's bits.
   */
  sixteenReceived(of: Sixteen): Promise<ReceivedTransfers>;
  /** The same of who lacks the leaf at each position: for each transfer and plane the bits of all entries, 16 bits. */
  sixteenSent(of: Sixteen, positions: Uint32Array, corrections: Uint8Array): Promise<Uint8Array>;
  /** What is kept of the hashes AES_salt(t) ^ t of blocks, in multiples of eight, with their packed choices. */
  keysReceived(blocks: Uint8Array, choices: Uint8Array, salt: Uint8Array, form: KeyForm): Promise<Uint8Array>;
  /** Of those of blocks q, keys of 0, and of q ^ delta, keys of 1. */
  keysSent(blocks: Uint8Array, delta: Uint8Array, salt: Uint8Array, form: KeyForm): Promise<Uint8Array>;

  /**
   * Digits of four bits, from the lowest; digit after digit, half a byte each: XOR `choices`. Elements come in multiples of eight
   * here and below.
   */
  digitChoices(values: BigUint64Array, cut: DigitCut, choices: Uint8Array): Promise<Uint8Array>;
  /**
   * For each digit of each element tables of sixteen bits, told of v and the own digit. Not `sums`: are they equal. `sums`: is
   * their sum the largest digit there, and in a second plane, is it above it. `values`: as many words as `masked` has elements, or
   * several times as many, with planes of their own. Pads (16 bits for each element and plane, of `digits` keys) are reordered by
   * `masked`, `digitChoices` of the reader; of `shares`, a packed bit for each element, plane after plane and in these digit after
   * digit, each is added to a whole table.
   */
  digitTables(
    values: BigUint64Array,
    cut: DigitCut,
    sums: boolean,
    pads: Uint16Array,
    masked: Uint8Array,
    shares: Uint8Array,
  ): Promise<Uint8Array>;
  /** What is read at the own digits, packed as `shares` above; `pads` are those kept of chosen keys. */
  digitEntries(values: BigUint64Array, cut: DigitCut, pads: Uint8Array, tables: Uint8Array): Promise<Uint8Array>;

  /** Interval value / 2^step modulo 32 of each word, a byte each, XOR its five of the packed `choices`. */
  pieceChoices(values: BigUint64Array, step: number, choices: Uint8Array): Promise<Uint8Array>;
  /**
   * For each element 32 entries of four bytes, by the reader's interval v: of the piece at the own interval + v modulo 32
   * slope·value + intercept - share, modulo 2^32, XOR its pad. That of v is the beginning of AES_salt(k) ^ k, k the XOR of the keys
   * for the five bits of v ^ masked. `keys`: five blocks of 0 for each element, then those of 1; shares have four bytes.
   */
  pieceTables(
    values: BigUint64Array,
    pieces: Pieces,
    keys: Uint8Array,
    masked: Uint8Array,
    shares: Uint8Array,
    salt: Uint8Array,
  ): Promise<Uint8Array>;
  /** What is read at the own intervals, with five chosen keys for each element: four bytes each. */
  pieceEntries(
    values: BigUint64Array,
    step: number,
    keys: Uint8Array,
    tables: Uint8Array,
    salt: Uint8Array,
  ): Promise<Uint8Array>;
}

/** 32 straight pieces. */
export interface Pieces {
  readonly slopes: Uint32Array;
  readonly intercepts: Uint32Array;
  readonly step: number;
}

/** The bits of words from `low` on, cut into digits; the highest has what is left. */
export interface DigitCut {
  readonly low: number;
  readonly width: number;
}
