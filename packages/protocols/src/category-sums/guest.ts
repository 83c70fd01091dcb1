/**
 * Category sums: of each bin of each of the host's columns, how many of its rows have label 1. For weights of evidence and
 * information values of columns that another party has (Fang et al., "FATE", hetero feature binning: there with Paillier).
 *
 * Encryption: ElGamal in the exponent (Cramer, Gennaro, Schoenmakers, EUROCRYPT 1997). G generates the group, K = s·G.
 *
 * 1. host -> guest: of each column its bins, of each bin its rows, in the clear.
 * 2., 3. guest -> host: K, and of each row i with label y_i: (r_i·G, r_i·K + y_i·G).
 * 4. host -> guest: of each bin b, (Σ r_i + t_b)·G and (Σ r_i + t_b)·K + (Σ y_i)·G over its rows i, each times the cofactor, with fresh t_b.
 *    The guest finds Σ y_i, which is at most the bin's rows.
 *
 * Learns. Guest: of each bin its rows and its rows with label 1; columns and bins by number. Host: the number of rows.
 * Neither: which row is in which bin; a label. The answers are perfectly independent of all but those sums (a fresh t_b each).
 * Adversary: semi-honest guest; a dishonest one can encrypt other numbers than 0 and 1 (README.md says what it reads so). A dishonest host
 * sees ciphertexts only; it can answer wrongly, and is noticed where a sum is above its bin's rows or columns' totals differ from the guest's own.
 * Assumption: decisional Diffie-Hellman in the prime-order group of edwards25519, 128 bits.
 *
 * Rounds: 3. Bytes: 128 a row to the host; 4 a column and 132 a bin to the guest.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ELGAMAL_CIPHERTEXT_BYTES, ElGamalSecretKey } from "@tombolo/crypto";
import { ahead } from "../ahead.ts";
import { blaming, wrongCount } from "../ciphertexts.ts";
import { checkSize, decodeLayout, type Layout, limitsOf, refused, STAGE } from "./layout.ts";
import { AT_ONCE, type messages } from "./messages.ts";

export type GuestPeer = Peer<typeof messages, "guest">;

export interface GuestOptions {
  readonly secrets: Secrets;
  /** Agreed: no bin that is told has fewer rows, unless it has none. */
  readonly minimumRows: number;
  /** Share of rows sent, 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** By bin. */
export interface CategoryCounts {
  readonly rows: Uint32Array;
  /** Rows with label 1. */
  readonly ones: Uint32Array;
}

/** `labels`: 0 or 1 a row, in the order of the host's rows. Of each of the host's columns its counts. */
export async function guest(labels: Uint8Array, peer: GuestPeer, options: GuestOptions): Promise<CategoryCounts[]> {
  const { secrets, minimumRows, progress } = options;
  checkSize(labels.length, minimumRows);
  checkLabels(labels);
  const layout = decodeLayout(await peer.receive("categoryRows"), labels.length, minimumRows, peer.party); // 1
  const key = await ElGamalSecretKey.generate(secrets);
  await peer.send("categoryKey", key.publicKey); // 2
  await peer.sendEach("categoryLabels", ahead(encrypted(labels, key, secrets, progress))); // 3
  return opened(layout, labels, key, peer); // 4
}

async function* encrypted(labels: Uint8Array, key: ElGamalSecretKey, secrets: Secrets, progress = (_: number) => {}) {
  for (let at = 0; at < labels.length; at += AT_ONCE) {
    yield await key.encrypt(labels.subarray(at, at + AT_ONCE), secrets);
    progress(Math.min(1, (at + AT_ONCE) / labels.length));
  }
}

async function opened(layout: Layout, labels: Uint8Array, key: ElGamalSecretKey, peer: GuestPeer) {
  const limits = limitsOf(layout);
  const sums = new Uint8Array(limits.length * ELGAMAL_CIPHERTEXT_BYTES);
  let at = 0;
  for await (const chunk of peer.receiveEach("categorySums")) {
    if (chunk.length === 0 || at + chunk.length > sums.length) throw wrongCount(peer.party);
    sums.set(chunk, at);
    at += chunk.length;
  }
  if (at !== sums.length) throw wrongCount(peer.party);
  const ones = await blaming(peer.party, () => key.open(sums, limits));
  let first = 0;
  const counts = layout.map((rows) => {
    first += rows.length;
    return { rows, ones: ones.slice(first - rows.length, first) };
  });
  checkTotals(counts, labels, peer.party);
  return counts;
}

/** Every column has all rows, so the guest knows the total. */
function checkTotals(counts: readonly CategoryCounts[], labels: Uint8Array, party: string): void {
  const total = (values: Uint8Array | Uint32Array): number => {
    let sum = 0;
    for (const value of values) sum += value;
    return sum;
  };
  const expected = total(labels);
  if (counts.some(({ ones }) => total(ones) !== expected))
    throw refused("sums", "the sums of a partner's column do not add up to this party's labels", party);
}

function checkLabels(labels: Uint8Array): void {
  if (labels.some((label) => label > 1))
    throw new TomboloError("input.label", "labels must be 0 or 1", { stage: STAGE });
}
