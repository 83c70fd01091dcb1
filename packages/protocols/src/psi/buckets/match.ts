/**
 * Two-party matching of sets of any size: bucket by bucket, each with a protocol for sets that fit memory.
 *
 * 1. Both: row count; commitment to a coin; what an earlier attempt of this task left, if anything (crossing).
 * 2. Both: opening of the coin (crossing). All hash them to the joint key, unless both kept the same agreement.
 *    Both digest their ids under the joint key and spread them over 2^b buckets by the leading bits of the digest,
 *    b a public function of the row counts. Each bucket is filled up to a public capacity, so that its size tells nothing.
 *    For each bucket in turn, the bucket protocol with fresh keys; the next bucket is read meanwhile.
 * 3. Both: hash of all matched digests in order, or one-sided of nothing but how many buckets there were (crossing).
 *    Nobody returns before it is the partner's too.
 *
 * The joint order is that of the digests: a PRF of the ids under a key that nobody chose and that was unknown until
 * both sizes were fixed, so it tells nothing about anyone's rows (SECURITY.md rule 7).
 *
 * Learns. Each party: the partner's row count, and which of its own rows the partner has, as the bucket protocol tells;
 * one-sided the host learns the row count alone, and no message, receipt or kept agreement depends on what matched.
 * Nobody: how many ids of the partner fall into a bucket, nor how many of the partner's rows are repeated or unusable.
 * Adversary: that of the bucket protocol. Who would fill buckets unevenly can only make its own run overflow.
 *
 * A new attempt goes on after the last bucket that both parties have done, if both kept the same key, sizes and
 * receipts; else from the start with a new key. Kept are digests and results, never a key of the bucket protocol.
 *
 * Rounds: 3 and those of the bucket protocol per bucket. Bytes: 72 + 96 + 32 each way, and those of the bucket protocol.
 */
import { concat, equalBytes, TomboloError } from "@tombolo/base";
import { DIGEST_BYTES } from "@tombolo/crypto";
import { combineCoins, makeCoin } from "../../coin-toss/index.ts";
import { BUCKET_ROWS_MAX, bucketBits, bucketCapacity } from "./capacity.ts";
import { type Offer, type Opened, ROWS_MAX } from "./messages.ts";
import type { Agreed, Bucket, IdStore, MatchOptions, MatchResult } from "./options.ts";
import {
  agreedHash,
  bucketBinding,
  checkedPositions,
  filled,
  gatherDigests,
  idPrefix,
  nextReceipt,
  type Role,
  roundBinding,
} from "./steps.ts";

/** One party's end: what guest and host do alike, under their own names of the messages. */
export interface Side {
  readonly role: Role;
  readonly party: string;
  readonly binding: Uint8Array;
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
  const { jointKey, bits, partnerRows } = agreed;
  if (!resumed) {
    await ids.spread(idPrefix(jointKey), bits);
    if (bits > 0) await options.agreed.save(agreed);
  }
  const receipts = await matchBuckets(ids, side, options, agreed);
  const own = receipts.at(-1) ?? NOTHING;
  if (!equalBytes(await side.receipt(own), own)) throw refused("result", "the partner came to another result", side); // 3
  return { partnerRows, buckets: 2 ** bits, jointKey };
}

/** The joint key and the sizes it was made for: those of an earlier attempt where both parties kept them. */
async function agree(ids: IdStore, side: Side, options: MatchOptions): Promise<{ agreed: Agreed; resumed: boolean }> {
  const before = await options.agreed.load();
  const usable = before !== undefined && before.ownRows === ids.rowCount ? before : undefined;
  const kept = usable === undefined ? NOTHING : await agreedHash(side.role, usable);
  const coin = await makeCoin(side.binding, options.secrets);
  const done = usable?.receipts.length ?? 0;
  const theirs = await side.offer({ rows: ids.rowCount, commitment: coin.commitment, kept, done }); // 1
  checkPartnerRows(theirs.rows, side, options);
  const bits = bucketBits(Math.max(ids.rowCount, theirs.rows), options.bucketRowsMax ?? BUCKET_ROWS_MAX);
  // What the protocol enforces: a partner could fill every bucket with ids (SECURITY.md rule 8).
  const { admit, asksOf = (capacity: number) => capacity } = options;
  await admit?.(2 ** bits * asksOf(bucketCapacity(theirs.rows, bits), FAILURE_BITS + bits), side.party);
  const both = usable !== undefined && equalBytes(kept, theirs.kept) && theirs.rows === usable.partnerRows;
  const common = both ? usable.receipts.slice(0, Math.min(done, theirs.done)) : [];
  const receipt = common.at(-1) ?? NOTHING;
  const { opening, receipt: their } = await side.opened({ opening: coin.opening, receipt }); // 2
  if (both) {
    if (!equalBytes(receipt, their)) throw refused("result", "the partner kept another result", side);
    return { agreed: { ...usable, receipts: common }, resumed: true };
  }
  const inOrder = (own: Uint8Array, other: Uint8Array) =>
    side.role === "guest" ? concat(own, other) : concat(other, own);
  const jointKey = await combineCoins(
    side.binding,
    inOrder(coin.commitment, theirs.commitment),
    inOrder(coin.opening, opening),
  );
  const agreed = { jointKey, ownRows: ids.rowCount, partnerRows: theirs.rows, bits, receipts: [] };
  return { agreed, resumed: false };
}

/** Sizes are in the disclosure, and so is this refusal. */
function checkPartnerRows(rows: number, side: Side, options: MatchOptions): void {
  const { partnerRowsMin = 0, partnerRowsMax = ROWS_MAX, partnerRows = rows } = options;
  if (rows !== partnerRows) throw refused("size", "the partner declared another number of rows before", side);
  if (rows >= partnerRowsMin && rows <= partnerRowsMax) return;
  throw new TomboloError("consent.rows", "the partner's number of rows is outside the agreed limits", {
    stage: "psi/buckets",
    blame: side.party,
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
    const shown = options.output === "both" ? gatherDigests(present.digests, positions) : new Uint8Array(0);
    receipts.push(await nextReceipt(receipts.at(-1) ?? NOTHING, shown));
    if (bits > 0) await options.agreed.save({ ...agreed, receipts });
  }
  return receipts;
}

async function matchBucket(
  present: Bucket,
  bucket: number,
  side: Side,
  { protocol, secrets, progress }: MatchOptions,
  { jointKey, bits, ownRows, partnerRows }: Agreed,
): Promise<Uint32Array> {
  const digests = filled(present, { bucket, bits, role: side.role }, bucketCapacity(ownRows, bits), secrets);
  const positions = await protocol(digests, {
    binding: await bucketBinding(side.binding, jointKey, bucket),
    partnerCount: bucketCapacity(partnerRows, bits),
    failureBits: FAILURE_BITS + bits,
    progress: (share) => progress?.(Math.floor((100 * (bucket + share)) / 2 ** bits) / 100),
  });
  return checkedPositions(positions, present.rows.length, side.party);
}

const refused = (code: string, what: string, { party }: Side): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "psi/buckets", blame: party });
