/**
 * ECDH-PSI over ristretto255 in a star: the guest and two or more hosts learn which of their rows are in everyone's
 * set, and agree on an order of them that tells nothing.
 *
 * Papers: blinding twice, Huberman, Franklin, Hogg (EC 1999). Keyed fingerprints, as between two parties (pair.ts), would
 * show the guest each pairwise match; the catalogue is a table that gives a share of zero for each id (Kolesnikov, Matania, Pinkas, Rosulek,
 * Trieu, "Practical Multi-party PSI", CCS 2017, augmented semi-honest variant), filled as in band-table.ts.
 *
 * H is RFC 9380 hashing to ristretto255 under a tag with the session in it. Keys are fresh for each run.
 *
 * 1. host -> guest: row count; commitment to a coin; ephemeral public key.
 * 2. guest -> host: row count; all commitments and public keys.
 * 3. guest -> host: a·H(x) of each own id, in its own order.
 * 4. host -> guest: b·a·H(x), same order; guest divides by a: b·H(x).   (3 and 4 overlap)
 * 5. host -> guest: the table, as if SHA-256(b·H(y)) -> share(y). guest: x is matched if its shares from all hosts add up
 *    to zero.
 * 6. host -> guest: opening of its coin.       7. guest -> host: all openings; all hash them to the joint key.
 * 8. guest -> host: sorted truncated SHA-256(b·H(x)) of matched x. Everyone orders by SHA-256(joint key, id).
 * 9. host -> guest: hash of the ordered result.   10. guest -> host: all are equal. Nobody returns before.
 *
 * Learns. Everyone: which of its own rows are in every party's set, hence how many. The guest: each host's row count.
 * A host: the guest's row count and the number of hosts. Nobody: ids it does not have itself; who
 * has an id that not everyone has, nor any pairwise count; a host, another host's row count.
 * Adversary: semi-honest; DDH in ristretto255, SHA-256 and H as random oracles; static corruption of any parties.
 * Together, the guest and all hosts but one can match the guest's ids with the remaining host's set, as they could
 * by pretending to hold the guest's ids; with one more honest host they cannot. A guest that meddles with the hosts'
 * public keys (it carries them) can see pairwise matches: that is outside the semi-honest model. The fingerprints are
 * short because they only need to be distinct: shorter ones tell the guest less.
 *
 * Rounds: 6, whatever the sizes. Bytes: `trafficBytes` in steps.ts.
 */
import { concat, equalBytes } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { DIGEST_BYTES, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { combineCoins, makeCoin } from "../../coin-toss/index.ts";
import type { EncodedIds } from "../ids/index.ts";
import { readTable, slotCount, VALUE_WORDS } from "./band-table.ts";
import type { messages, Offer } from "./messages.ts";
import {
  checkHostCount,
  checkOwnRows,
  checkPartnerRows,
  chunkRowsOf,
  ProgressCounter,
  type PsiOptions,
  type PsiResult,
} from "./options.ts";
import { collect, cut, onPoints, pointCount, wrongSize } from "./receiving.ts";
import { findDuplicate, gather, sortedOrder } from "./sorting.ts";
import {
  digestPoints,
  groupTag,
  hashPrefix,
  idRange,
  jointOrder,
  LABEL,
  ranges,
  refused,
  tagBytes,
  truncateInto,
} from "./steps.ts";
import { wordsOf } from "./zero-shares.ts";

export type HostPeer = Peer<typeof messages, "guest">;

/** What one run of the guest works with. */
interface Run {
  readonly ids: EncodedIds;
  readonly binding: Uint8Array;
  readonly hostCount: number;
  readonly chunkRows: number;
  /** 1 / a */
  readonly unblind: Uint8Array;
  readonly blinded: SharedChunks;
  readonly pulse: Pulse;
  readonly progress: ProgressCounter;
}

export async function guest(ids: EncodedIds, hosts: readonly HostPeer[], options: PsiOptions): Promise<PsiResult> {
  checkHostCount(hosts.length, options);
  checkOwnRows(ids.rows.length);
  const binding = hosts[0]!.binding;
  const coin = await makeCoin(binding, options.secrets);
  const offers = await Promise.all(hosts.map((host) => host.receive("offer"))); // 1
  offers.forEach((offer, i) => {
    checkPartnerRows(offer.rows, hosts[i]!.party, options);
  });
  for (const [i, { rows }] of offers.entries()) await options.admit?.(rows, hosts[i]!.party);
  const commitments = concat(coin.commitment, ...offers.map((offer) => offer.commitment));
  const publicKeys = concat(...offers.map((offer) => offer.publicKey));
  await Promise.all(
    hosts.map((host, i) => host.send("roster", { index: i + 1, guestRows: ids.rows.length, commitments, publicKeys })),
  ); // 2
  const run = startRun(ids, binding, hosts.length, options);
  const answers = await Promise.all(
    hosts.map(async (host, i) => {
      const answer = await query(run, host, offers[i]!); // 3, 4, 5, 6
      run.pulse.finish();
      await host.sendEach("waiting", run.pulse.untilAllFinish());
      return answer;
    }),
  );
  const matched = matchShares(answers);
  run.progress.add("match", 0);
  const openings = concat(coin.opening, ...answers.map((answer) => answer.opening));
  const jointKey = await combineCoins(binding, commitments, openings);
  await Promise.all(hosts.map((host, i) => report(run, host, i + 1, openings, answers[i]!, matched))); // 7, 8
  const { rows, receipt } = await jointOrder(ids, matched, binding, jointKey);
  await Promise.all(hosts.map((host) => checkReceipt(host, receipt))); // 9
  await Promise.all(hosts.map((host) => host.send("agreed", undefined))); // 10
  run.progress.add("order", 0);
  return { rows, partnerRows: offers.map((offer) => offer.rows) };
}

function startRun(ids: EncodedIds, binding: Uint8Array, hostCount: number, options: PsiOptions): Run {
  const a = ristretto255.randomScalar(options.secrets);
  const progress = new ProgressCounter(options, ids.rows.length * (1 + hostCount));
  const chunkRows = chunkRowsOf(options);
  const blind = async ([from, to]: readonly [number, number]): Promise<Uint8Array> => {
    const { messages, offsets } = idRange(ids, from, to);
    const points = await ristretto255.hashAndMultiply(messages, offsets, groupTag(binding), a); // a·H(x)
    progress.add("blind", to - from);
    return points;
  };
  const blinded = new SharedChunks([...ranges(ids.rows.length, chunkRows)], blind, hostCount);
  const unblind = ristretto255.invertScalar(a);
  return { ids, binding, hostCount, chunkRows, unblind, blinded, pulse: new Pulse(hostCount), progress };
}

/** Passes each sign of life from one host on to those that are done and wait for it, or their deadline would pass. */
class Pulse {
  #unfinished: number;
  #next = Promise.withResolvers<void>();

  constructor(hostCount: number) {
    this.#unfinished = hostCount;
  }

  beat(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  finish(): void {
    this.#unfinished -= 1;
    this.beat();
  }

  async *untilAllFinish(): AsyncGenerator<void> {
    while (this.#unfinished > 0) {
      await this.#next.promise;
      yield;
    }
  }
}

/** Computes each chunk once, when the first host's window has room for it, and forgets it after the last. */
class SharedChunks {
  readonly #ranges: readonly (readonly [number, number])[];
  readonly #make: (range: readonly [number, number]) => Promise<Uint8Array>;
  readonly #readers: number;
  readonly #made = new Map<number, { readonly chunk: Promise<Uint8Array>; left: number }>();

  constructor(
    chunkRanges: readonly (readonly [number, number])[],
    make: (range: readonly [number, number]) => Promise<Uint8Array>,
    readers: number,
  ) {
    this.#ranges = chunkRanges;
    this.#make = make;
    this.#readers = readers;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (const [i, range] of this.#ranges.entries()) {
      const entry = this.#made.get(i) ?? { chunk: this.#make(range), left: this.#readers };
      this.#made.set(i, entry);
      entry.left -= 1;
      if (entry.left === 0) this.#made.delete(i);
      yield await entry.chunk;
    }
  }
}

/** One host's answers to all own ids. */
interface Answer {
  readonly tagWidth: number;
  /** Of b·H(x), in own order. */
  readonly tags: Uint8Array;
  /** The share this host's table gives each own id. */
  readonly shares: Uint32Array;
  readonly opening: Uint8Array;
}

async function query(run: Run, host: HostPeer, offer: Offer): Promise<Answer> {
  const tagWidth = tagBytes(run.ids.rows.length, offer.rows, run.hostCount);
  const [, { tags, cells }] = await Promise.all([
    host.sendEach("blinded", run.blinded.read()),
    receiveEvaluated(run, host, tagWidth),
  ]);
  const repeated = findDuplicate(tags, tagWidth);
  if (repeated >= 0) throw refused("duplicate", "the partner sent a point twice", host.party, { index: repeated });
  const length = slotCount(offer.rows) * VALUE_WORDS * 4;
  const received = await collect(host.receiveEach("catalogue"), length, host.party);
  const opening = await host.receive("opening");
  return { tagWidth, tags, shares: readTable(new Uint32Array(received.buffer), wordsOf(cells)), opening };
}

/** b·a·H(x) / a = b·H(x) of each own id, and only what is kept of it. */
async function receiveEvaluated(
  { ids, binding, unblind, pulse, progress }: Run,
  host: HostPeer,
  tagWidth: number,
): Promise<{ tags: Uint8Array; cells: Uint8Array }> {
  const count = ids.rows.length;
  const tags = new Uint8Array(count * tagWidth);
  const cells = new Uint8Array(count * DIGEST_BYTES);
  let done = 0;
  for await (const chunk of host.receiveEach("evaluated")) {
    pulse.beat();
    const size = pointCount(chunk, POINT_BYTES, host.party);
    if (done + size > count) throw wrongSize(host.party);
    if (size === 0) continue; // the host is still at its catalogue
    const points = await onPoints(host.party, done, () => ristretto255.multiply(chunk, unblind));
    truncateInto(tags, done, await digestPoints(hashPrefix(LABEL.tag, binding), points), tagWidth);
    cells.set(await digestPoints(hashPrefix(LABEL.cell, binding), points), done * DIGEST_BYTES);
    done += size;
    progress.add("evaluate", size);
  }
  if (done !== count) throw wrongSize(host.party);
  return { tags, cells };
}

/** Own ids whose shares add up to zero; by chance with probability 2^-96 each. */
function matchShares(answers: readonly Answer[]): Uint32Array {
  const sums = answers[0]!.shares.slice();
  for (const { shares } of answers.slice(1)) for (let i = 0; i < sums.length; i++) sums[i]! ^= shares[i]!;
  const matched: number[] = [];
  for (let id = 0; id < sums.length / VALUE_WORDS; id++) {
    const at = id * VALUE_WORDS;
    if ((sums[at]! | sums[at + 1]! | sums[at + 2]!) === 0) matched.push(id);
  }
  return Uint32Array.from(matched);
}

async function report(
  run: Run,
  host: HostPeer,
  index: number,
  openings: Uint8Array,
  { tags, tagWidth }: Answer,
  matched: Uint32Array,
): Promise<void> {
  await host.send("openings", { index, list: openings });
  const found = gather(tags, tagWidth, matched);
  const sorted = gather(found, tagWidth, sortedOrder(found, tagWidth));
  await host.sendEach("matched", cut(sorted, run.chunkRows * POINT_BYTES));
}

async function checkReceipt(host: HostPeer, expected: Uint8Array): Promise<void> {
  if (!equalBytes(await host.receive("receipt"), expected))
    throw refused("result", "the partner came to another result", host.party);
}
