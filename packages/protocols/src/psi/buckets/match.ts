/**
 * Matching of sets of any size between two or more parties: bucket by bucket, each with a protocol for sets that fit memory.
 * Everyone talks to everyone: the guest at place 0 and the hosts after it, in an order that all know.
 *
 * 1. All: row count; commitment to a coin; what an earlier attempt of this task left, if anything (crossing).
 * 2. All: opening of the coin (crossing). All hash them to the joint key, unless all kept the same agreement.
 *    All digest their ids under the joint key and spread them over 2^b buckets by the leading bits of the digest,
 *    b a public function of the row counts. Each bucket is filled up to a public capacity, so that its size tells nothing.
 *    For each bucket in turn, the bucket protocol with fresh keys; the next bucket is read meanwhile.
 * 3. All: hash of all matched digests in order, or one-sided of nothing but how many buckets there were (crossing).
 *    Nobody returns before it is every partner's too.
 *
 * The joint order is that of the digests: a PRF of the ids under a key that nobody chose and that was unknown until
 * all sizes were fixed, so it tells nothing about anyone's rows (SECURITY.md rule 7).
 *
 * Learns. Each party: every partner's row count, and which of its own rows all others have, as the bucket protocol tells;
 * one-sided a host learns the row counts alone, and no message, receipt or kept agreement depends on what matched.
 * Nobody: how many ids of a partner fall into a bucket, nor how many of a partner's rows are repeated or unusable.
 * Adversary: that of the bucket protocol. Who would fill buckets unevenly can only make its own run overflow; who tells
 * several parties different things gives them different keys, under which nothing matches, or ends the run.
 *
 * A new attempt goes on after the last bucket that all parties have done, if all kept the same key, sizes and
 * receipts; else from the start with a new key. Kept are digests and results, never a key of the bucket protocol.
 *
 * Rounds: 3 and those of the bucket protocol per bucket. Bytes: 72 + 96 + 32 each way of a pair, and those of the bucket
 * protocol.
 */
import { concat, equalBytes, TomboloError } from "@tombolo/base";
import { DIGEST_BYTES, gather, ID_DIGEST_BYTES } from "@tombolo/crypto";
import { combineCoins, makeCoin } from "../../coin-toss/index.ts";
import { BUCKET_ROWS_MAX, bucketBits, bucketCapacity } from "./capacity.ts";
import { type Offer, type Opened, ROWS_MAX } from "./messages.ts";
import type { Agreed, Bucket, IdStore, MatchOptions, MatchResult } from "./options.ts";
import { agreedHash, bucketBinding, checkedPositions, filled, idPrefix, nextReceipt, roundBinding } from "./steps.ts";

/** One party's end: what guest and hosts do alike, under their own names of the messages. */
export interface Side {
  readonly place: number;
  readonly binding: Uint8Array;
  /** All others, by place. */
  readonly partners: readonly Partner[];
}

export interface Partner {
  readonly party: string;
  offer(own: Offer): Promise<Offer>;
  opened(own: Opened): Promise<Opened>;
  receipt(own: Uint8Array): Promise<Uint8Array>;
}

/** Of the whole run. */
const FAILURE_BITS = 40;
const NOTHING = new Uint8Array(DIGEST_BYTES);

export async function match(ids: IdStore, of: Side, options: MatchOptions): Promise<MatchResult> {
  const { round = 0 } = options;
  const side = round === 0 ? of : { ...of, binding: await roundBinding(of.binding, round) };
  if (ids.rowCount > ROWS_MAX) throw new TomboloError("input.rows", `matching takes at most ${ROWS_MAX} rows`);
  const { agreed, resumed } = await agree(ids, side, options); // 1, 2
  const { jointKey, bits, rows } = agreed;
  if (!resumed) {
    await ids.spread(idPrefix(jointKey), bits);
    if (bits > 0) await options.agreed.save(agreed);
  }
  const receipts = await matchBuckets(ids, side, options, agreed);
  const own = receipts.at(-1) ?? NOTHING;
  const theirs = await all(side, (partner) => partner.receipt(own)); // 3
  checkSame(theirs, own, side, "came to another result");
  return { rows, buckets: 2 ** bits, jointKey };
}

const all = <T>({ partners }: Side, ask: (partner: Partner) => Promise<T>): Promise<T[]> =>
  Promise.all(partners.map(ask));

/** What all parties have, by place. */
const withOwn = <T>(theirs: readonly T[], own: T, { place }: Side): T[] => theirs.toSpliced(place, 0, own);

function checkSame(theirs: readonly Uint8Array[], own: Uint8Array, { partners }: Side, what: string): void {
  const other = theirs.findIndex((each) => !equalBytes(each, own));
  if (other < 0) return;
  const { party } = partners[other]!;
  throw new TomboloError("protocol.result", `a partner ${what}`, { stage: "psi/buckets", blame: party });
}

/** The joint key and the sizes it was made for: those of an earlier attempt where all parties kept them. */
async function agree(ids: IdStore, side: Side, options: MatchOptions): Promise<{ agreed: Agreed; resumed: boolean }> {
  const before = await options.agreed.load();
  const usable = before !== undefined && before.rows[side.place] === ids.rowCount ? before : undefined;
  const kept = usable === undefined ? NOTHING : await agreedHash(usable);
  const coin = await makeCoin(side.binding, options.secrets);
  const offer = { rows: ids.rowCount, commitment: coin.commitment, kept, done: usable?.receipts.length ?? 0 };
  const offers = await all(side, (partner) => partner.offer(offer)); // 1
  checkPartnerRows(offers, side, options);
  const known = withOwn(offers, offer, side);
  const rows = known.map((each) => each.rows);
  const bits = bucketBits(Math.max(...rows), options.bucketRowsMax ?? BUCKET_ROWS_MAX, rows.length);
  await admitPartners(offers, bits, side, options);
  const same =
    usable !== undefined && known.every((each, i) => equalBytes(kept, each.kept) && each.rows === usable.rows[i]);
  const common = same ? usable.receipts.slice(0, Math.min(...known.map(({ done }) => done))) : [];
  const receipt = common.at(-1) ?? NOTHING;
  const opened = await all(side, (partner) => partner.opened({ opening: coin.opening, receipt })); // 2
  if (same) {
    checkSame(
      opened.map((each) => each.receipt),
      receipt,
      side,
      "kept another result",
    );
    return { agreed: { ...usable, receipts: common }, resumed: true };
  }
  const commitments = concat(...known.map(({ commitment }) => commitment));
  const openings = withOwn(opened, { opening: coin.opening, receipt }, side).map(({ opening }) => opening);
  const jointKey = await combineCoins(side.binding, commitments, concat(...openings));
  return { agreed: { jointKey, rows, bits, receipts: [] }, resumed: false };
}

/** What the protocol enforces: a partner could fill every bucket with ids (SECURITY.md rule 8). */
async function admitPartners(
  offers: readonly Offer[],
  bits: number,
  { partners }: Side,
  { admit, asksOf = (capacity) => capacity }: MatchOptions,
): Promise<void> {
  for (const [i, { rows }] of offers.entries()) {
    const capacity = bucketCapacity(rows, bits, partners.length + 1);
    await admit?.(2 ** bits * asksOf(capacity, FAILURE_BITS + bits), partners[i]!.party);
  }
}

/** Sizes are in the disclosure, and so is this refusal. */
function checkPartnerRows(offers: readonly Offer[], { partners }: Side, options: MatchOptions): void {
  const { partnerRowsMin = 0, partnerRowsMax = ROWS_MAX, partnerRows } = options;
  const other = offers.findIndex(({ rows }) => partnerRows !== undefined && rows !== partnerRows);
  if (other >= 0)
    throw new TomboloError("protocol.size", "a partner declared another number of rows before", {
      stage: "psi/buckets",
      blame: partners[other]!.party,
    });
  const outside = offers.findIndex(({ rows }) => rows < partnerRowsMin || rows > partnerRowsMax);
  if (outside < 0) return;
  throw new TomboloError("consent.rows", "a partner's number of rows is outside the agreed limits", {
    stage: "psi/buckets",
    blame: partners[outside]!.party,
    remedy: "Match other data, or agree on other limits.",
  });
}

/** All receipts, those of earlier attempts included. */
async function matchBuckets(
  ids: IdStore,
  side: Side,
  options: MatchOptions,
  agreed: Agreed,
): Promise<readonly Uint8Array[]> {
  const { bits, receipts: before } = agreed;
  const buckets = 2 ** bits;
  const receipts = [...before];
  let ahead: Promise<Bucket> | undefined;
  for (let bucket = before.length; bucket < buckets; bucket++) {
    const present = await (ahead ?? ids.bucket(bucket, bits));
    if (bucket + 1 < buckets) {
      ahead = ids.bucket(bucket + 1, bits);
      ahead.catch(() => {}); // seen by the await of the next turn
    }
    const positions = await matchBucket(present, bucket, side, options, agreed);
    await options.matches.put(bucket, present, positions);
    const shown =
      options.output === "both" ? await gather(present.digests, ID_DIGEST_BYTES, positions) : new Uint8Array(0);
    receipts.push(await nextReceipt(receipts.at(-1) ?? NOTHING, shown));
    if (bits > 0) await options.agreed.save({ ...agreed, receipts });
  }
  return receipts;
}

async function matchBucket(
  present: Bucket,
  bucket: number,
  { place, binding, partners }: Side,
  { protocol, secrets, progress }: MatchOptions,
  { jointKey, bits, rows }: Agreed,
): Promise<Uint32Array> {
  const counts = rows.map((each) => bucketCapacity(each, bits, rows.length));
  const digests = filled(present, { bucket, bits, place }, counts[place]!, secrets);
  const positions = await protocol(digests, {
    binding: await bucketBinding(binding, jointKey, bucket),
    counts,
    failureBits: FAILURE_BITS + bits,
    progress: (share) => progress?.(Math.floor((100 * (bucket + share)) / 2 ** bits) / 100),
  });
  const only = partners.length === 1 ? partners[0]!.party : undefined;
  return checkedPositions(positions, present.rows.length, only);
}
