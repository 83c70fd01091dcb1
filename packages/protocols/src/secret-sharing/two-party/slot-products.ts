/**
 * Random products of words from encryption on rings, many at a time.
 *
 * As Overdrive and Cheetah make them (Keller, Pastro, Rotaru, EUROCRYPT 2018; Huang, Lu, Hong, Ding, USENIX Security 2022), with numbers
 * modulo 2^64 as integers in slots (crypto/src/rlwe/slots.ts). Of a batch one party encrypts its words a, b; the other, which has
 * a', b', answers with a·b' + b·a' under a mask: shares of it modulo T, exact since T is larger. Their sum is the number, or T more;
 * which of both is an "or" of a bit of each party, from one transfer (choosing.ts), and then both have shares modulo 2^64. Squares
 * take a·a' alone, twice. The parties take turns with batches, so that both encrypt and both answer at once.
 *
 * Learns: nothing. Who encrypted sees uniform numbers but for 2^-42 in all attempts at a task together, who answers sees ciphertexts.
 * Adversary: semi-honest; assumption: learning with errors over rings, 128 bits, and those of the transfers.
 *
 * Keys once. Of each batch of 8,192 products 1,130 kB one way and 565 kB the other (squares 565 both), and 12 bytes a product; four rounds
 * for up to eight batches.
 */
import { discard, type Secrets } from "@tombolo/base";
import { SLOTS, SLOTS_PRODUCT } from "@tombolo/crypto";
import { bitsAsWords } from "./choosing.ts";
import type { ProductSource, Squares, Triples } from "./correlations.ts";
import { wordsOf } from "./packed.ts";
import { joinWords, multiplyWords } from "./ring.ts";
import { batchesOf, type SlotCipher } from "./slot-cipher.ts";
import { joined } from "./stock.ts";
import type { TransferSource } from "./transfers.ts";
import type { Wire } from "./wire.ts";

/** Batches of one direction in a message. */
const AT_ONCE = 4;

export interface SlotOptions {
  readonly source: TransferSource;
  readonly wire: Wire;
  readonly secrets: Secrets;
  readonly cipher: SlotCipher;
}

/** Counts are multiples of SLOTS. */
export function slotProducts(options: SlotOptions): Omit<ProductSource, "matrixTriple"> {
  const sums = crossSums(options);
  const random = (count: number): BigUint64Array => wordsOf(options.secrets.bytes(8 * count));
  return {
    async triples(count): Promise<Triples> {
      const parts: Triples[] = [];
      for (const here of parted(count)) {
        const [a, b] = [random(here), random(here)];
        const cross = await sums([a, b], [b, a]);
        const c = multiplyWords(a, b);
        for (let i = 0; i < here; i++) c[i] = c[i]! + cross[i]!;
        parts.push({ a, b, c });
      }
      return joined(parts);
    },
    async squares(count): Promise<Squares> {
      const parts: Squares[] = [];
      for (const here of parted(count)) {
        const a = random(here);
        const cross = await sums([a], [a]);
        const c = multiplyWords(a, a);
        for (let i = 0; i < here; i++) c[i] = c[i]! + 2n * cross[i]!;
        parts.push({ a, c });
      }
      return joined(parts);
    },
  };
}

function* parted(count: number): Generator<number> {
  for (let left = count; left > 0; left -= 2 * AT_ONCE * SLOTS) yield Math.min(left, 2 * AT_ONCE * SLOTS);
}

/**
 * Shares of the sums over k of (first's encrypted[k])·(second's factors[k]) where the first encrypts, in the first half of all batches, and
 * with the parties exchanged in the second half.
 */
function crossSums({ wire, source, cipher }: SlotOptions) {
  let keysSent = false;
  const choosing = { wire, correlations: { transfers: wordTransfers(source) } };
  return async (encrypted: readonly BigUint64Array[], factors: readonly BigUint64Array[]): Promise<BigUint64Array> => {
    const [count, terms] = [encrypted[0]!.length / SLOTS, encrypted.length];
    const middle = Math.ceil(count / 2) * SLOTS;
    const halves = [[0, middle] as const, [middle, count * SLOTS] as const];
    const [asking, answering] = wire.role === "first" ? [halves[0]!, halves[1]!] : [halves[1]!, halves[0]!];
    const sizes = [asking, answering].map(([from, to]) => (to - from) / SLOTS) as [number, number];
    if (!keysSent) await cipher.take(await wire.exchange("Keys", await cipher.key(), cipher.keyBytes), wire.party);
    keysSent = true;
    const asked = await cipher.seal(batchesOf(encrypted, asking));
    const theirs = await wire.exchange("Factors", asked, cipher.factorBytes(terms * sizes[1]));
    const made = await cipher.answer(theirs, batchesOf(factors, answering), terms, wire.party);
    const answers = await wire.exchange("Answers", made.bytes, cipher.answerBytes(sizes[0]));
    const own = await cipher.open(answers, sizes[0], wire.party);
    discard(asked, theirs, made.bytes, answers);

    const inOrder = wire.role === "first" ? [own, made.shares] : [made.shares, own];
    const low = joinWords(inOrder.map((shares) => shares.low));
    const large = new Uint8Array(low.length / 8);
    large.set(inOrder[0]!.large);
    large.set(inOrder[1]!.large, inOrder[0]!.large.length);
    const wrapped = await bitsAsWords(large, low.length, -1n, choosing);
    for (let i = 0; i < low.length; i++) low[i] = low[i]! - BigInt.asUintN(64, wrapped[i]! * SLOTS_PRODUCT);
    return low;
  };
}

/** Fewer of each direction than are made at once. */
function wordTransfers(source: TransferSource) {
  return async (_: "words", sent: number, received: number) => {
    const made = await source.bulk(sent, received, { kind: "words" });
    const half = made.sent.length / 2;
    return { sent: { zero: made.sent.subarray(0, half), one: made.sent.subarray(half) }, received: made.received };
  };
}
