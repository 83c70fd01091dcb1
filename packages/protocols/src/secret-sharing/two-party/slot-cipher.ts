/** Encryption of numbers in slots as messages: what `slot-products.ts` sends, and the same without a partner, of which only sizes matter. */
import { discard, type Secrets, TASK_ATTEMPTS_MAX } from "@tombolo/base";
import {
  answerSlots,
  decodePublicKey,
  decodeReleased,
  decodeSeeded,
  encodePublicKey,
  encodeReleased,
  encodeSeeded,
  expandPublicKey,
  expandSeeded,
  publicKeyBytes,
  RlweSecretKey,
  releasedBytes,
  type Shares,
  SLOT_PLACES,
  SLOT_PRIMES,
  SLOTS,
  SLOTS_LEVEL,
  seededBytes,
  slotsFloodBits,
  slotsRing,
} from "@tombolo/crypto";
import { blaming } from "../../ciphertexts.ts";
import { ReleaseBudget } from "../../matrix-product/index.ts";

export interface SlotCipher {
  /** Batches that each party answers at most: of more, budgets end the attempt. */
  readonly batchesMax: number;
  readonly keyBytes: number;
  /** Of so many batches of numbers, and of answers. */
  factorBytes(batches: number): number;
  answerBytes(batches: number): number;
  /** The own public key; the partner's. */
  key(): Promise<Uint8Array>;
  take(key: Uint8Array, party: string): Promise<void>;
  seal(numbers: BigUint64Array): Promise<Uint8Array>;
  /** For each `terms` batches of factors and encrypted numbers one answer. */
  answer(
    encrypted: Uint8Array,
    factors: BigUint64Array,
    terms: number,
    party: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly shares: Shares }>;
  open(answers: Uint8Array, batches: number, party: string): Promise<Shares>;
}

/**
 * Coefficients that an attempt at a task releases at most, 10^8 products and more; the flooding is for those of all its attempts, four times
 * over: so products of words take a quarter of the 2^-40 that a task has, and leave the rest to products of matrices.
 */
const RELEASED_MAX = Math.floor(2 ** 34 / TASK_ATTEMPTS_MAX);
const OVER = 4;

const sizes: Pick<SlotCipher, "keyBytes" | "factorBytes" | "answerBytes"> = {
  get keyBytes() {
    return publicKeyBytes(slotsRing());
  },
  factorBytes: (batches) => (batches === 0 ? 0 : seededBytes(slotsRing(), SLOT_PRIMES * batches)),
  answerBytes: (batches) => (batches === 0 ? 0 : releasedBytes(slotsRing(), SLOT_PRIMES * batches, SLOTS_LEVEL, SLOTS)),
};

const NONE = new Uint8Array(0);
/** Where a party computes in so many pairs at once: what it releases in all of them together is what one pair may release. */
const releasedMax = (pairs: number): number => Math.floor(RELEASED_MAX / pairs);
const batchesMax = (pairs: number): number => Math.floor(releasedMax(pairs) / (SLOT_PRIMES * SLOTS));

export function slotCipher(secrets: Secrets, pairs: number): SlotCipher {
  const of = slotsRing();
  const key = new RlweSecretKey(of, secrets);
  const budget = new ReleaseBudget(releasedMax(pairs));
  const floodBits = slotsFloodBits(BigInt(OVER * RELEASED_MAX * TASK_ATTEMPTS_MAX));
  let theirs: BigUint64Array | undefined;
  return {
    ...sizes,
    batchesMax: batchesMax(pairs),
    key: async () => encodePublicKey(of, await key.publicKey(secrets)),
    async take(bytes, party) {
      theirs = await expandPublicKey(of, await blaming(party, () => decodePublicKey(of, bytes)));
    },
    async seal(numbers) {
      if (numbers.length === 0) return NONE;
      const sealed = await key.encryptSlots(numbers, secrets);
      const bytes = await encodeSeeded(of, sealed);
      discard(sealed.b);
      return bytes;
    },
    async answer(encrypted, factors, terms, party) {
      if (factors.length === 0) return { bytes: NONE, shares: noShares(0) };
      const count = (SLOT_PRIMES * factors.length) / SLOTS;
      budget.take((SLOT_PRIMES * factors.length) / terms);
      const seeded = await blaming(party, () => decodeSeeded(of, encrypted, count));
      const pairs = await expandSeeded(of, seeded);
      const { released, shares } = await answerSlots(theirs!, pairs, factors, { terms, floodBits }, secrets);
      const bytes = await encodeReleased(of, released);
      discard(seeded.b, pairs.polynomials, released.a);
      return { bytes, shares };
    },
    async open(answers, batches, party) {
      if (batches === 0) return noShares(0);
      const expected = { count: SLOT_PRIMES * batches, level: SLOTS_LEVEL, places: SLOT_PLACES };
      const released = await blaming(party, () => decodeReleased(of, answers, expected));
      const shares = await key.openSlots(released);
      discard(released.a, released.b);
      return shares;
    },
  };
}

/** Counts bytes; its numbers mean nothing. */
export const drySlotCipher = (pairs: number): SlotCipher => ({
  ...sizes,
  batchesMax: batchesMax(pairs),
  key: async () => new Uint8Array(sizes.keyBytes),
  take: async () => {},
  seal: async (numbers) => new Uint8Array(sizes.factorBytes(numbers.length / SLOTS)),
  async answer(_, factors, terms) {
    const batches = factors.length / SLOTS / terms;
    return { bytes: new Uint8Array(sizes.answerBytes(batches)), shares: noShares(batches) };
  },
  open: async (_, batches) => noShares(batches),
});

const noShares = (batches: number): Shares => ({
  low: new BigUint64Array(batches * SLOTS),
  large: new Uint8Array((batches * SLOTS) / 8),
});

/** Of each batch within the range those of all vectors. */
export function batchesOf(vectors: readonly BigUint64Array[], [from, to]: readonly [number, number]): BigUint64Array {
  const out = new BigUint64Array(vectors.length * (to - from));
  for (let at = from; at < to; at += SLOTS)
    vectors.forEach((vector, k) => {
      out.set(vector.subarray(at, at + SLOTS), (at - from) * vectors.length + k * SLOTS);
    });
  return out;
}
