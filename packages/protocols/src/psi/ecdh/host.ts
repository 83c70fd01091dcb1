/** The host's part of ECDH-PSI: goal, messages and guarantees are in guest.ts. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { COMMITMENT_BYTES, DIGEST_BYTES, matchIndices, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { type Coin, checkOwn, combineCoins, makeCoin } from "../../coin-toss/index.ts";
import type { EncodedIds } from "../ids/index.ts";
import { fillTable } from "./band-table.ts";
import type { messages, Roster } from "./messages.ts";
import {
  checkOwnRows,
  checkPartnerRows,
  chunkRowsOf,
  ProgressCounter,
  type PsiOptions,
  type PsiResult,
} from "./options.ts";
import { cut, onPoints, pointCount, wrongSize } from "./receiving.ts";
import { findDuplicate, firstNotAscending, gather, sortedOrder } from "./sorting.ts";
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
import { type AgreementKey, agreementKey, pairKeys, wordsOf, zeroShares } from "./zero-shares.ts";

export type GuestPeer = Peer<typeof messages, "host">;

/** What one run of the host works with. */
interface Run {
  readonly ids: EncodedIds;
  readonly peer: GuestPeer;
  readonly options: PsiOptions;
  readonly chunkRows: number;
  readonly roster: Roster;
  readonly hostCount: number;
  readonly tagWidth: number;
  /** b */
  readonly key: Uint8Array;
  readonly progress: ProgressCounter;
}

export async function host(ids: EncodedIds, peer: GuestPeer, options: PsiOptions): Promise<PsiResult> {
  checkOwnRows(ids.rows.length);
  const coin = await makeCoin(peer.binding, options.secrets);
  const agreement = await agreementKey(options.secrets);
  await peer.send("offer", { rows: ids.rows.length, commitment: coin.commitment, publicKey: agreement.publicKey }); // 1
  const run = startRun(ids, peer, options, await peer.receive("roster")); // 2
  checkRoster(run, coin, agreement);
  await options.admit?.(run.roster.guestRows, peer.party);
  const own = emptyCatalogue(run);
  const steps = ownCatalogue(run, own);
  await Promise.all([exhaust(steps), peer.sendEach("evaluated", evaluate(run, steps))]); // 3, 4
  const order = sortedOrder(own.tags, run.tagWidth);
  const tags = gather(own.tags, run.tagWidth, order);
  const catalogue = await shareTable(run, own.cells, agreement);
  await peer.sendEach("catalogue", cut(catalogue, run.chunkRows * POINT_BYTES)); // 5
  await peer.send("opening", coin.opening); // 6
  const jointKey = await receiveJointKey(run, coin); // 7
  const places = await receiveMatched(run, tags); // 8
  const { rows, receipt } = await jointOrder(
    ids,
    places.map((place) => order[place]!),
    peer.binding,
    jointKey,
  );
  await peer.send("receipt", receipt); // 9
  await peer.receive("agreed"); // 10
  run.progress.add("order", 0);
  return { rows, partnerRows: [run.roster.guestRows] };
}

function startRun(ids: EncodedIds, peer: GuestPeer, options: PsiOptions, roster: Roster): Run {
  checkPartnerRows(roster.guestRows, peer.party, options);
  const hostCount = roster.publicKeys.length / POINT_BYTES;
  return {
    ids,
    peer,
    options,
    chunkRows: chunkRowsOf(options),
    roster,
    hostCount,
    tagWidth: tagBytes(roster.guestRows, ids.rows.length, hostCount),
    key: ristretto255.randomScalar(options.secrets),
    progress: new ProgressCounter(options, roster.guestRows + ids.rows.length),
  };
}

function checkRoster({ roster, peer, hostCount, options }: Run, coin: Coin, agreement: AgreementKey): void {
  if (hostCount !== options.hostCount) throw refused("roster", "the roster is not of the agreed parties", peer.party);
  checkOwn(roster.commitments, coin.commitment, roster.index);
  const at = (roster.index - 1) * POINT_BYTES;
  if (agreement.publicKey.some((byte, i) => byte !== roster.publicKeys[at + i]))
    throw refused("roster", "the own public key was replaced on its way", peer.party);
}

/**
 * a·H(x) -> b·a·H(x), in the guest's order. While the own catalogue takes longer than that, empty chunks say that this
 * side is alive.
 */
async function* evaluate(
  { peer, roster, key, progress }: Run,
  steps: AsyncGenerator<void>,
): AsyncGenerator<Uint8Array> {
  // Half of each point is enough to see a repeat, and 2^-128 to see one where there is none.
  const halves = new Uint8Array((roster.guestRows * POINT_BYTES) / 2);
  let done = 0;
  for await (const chunk of peer.receiveEach("blinded")) {
    const count = pointCount(chunk, POINT_BYTES, peer.party);
    if (done + count > roster.guestRows) throw wrongSize(peer.party);
    truncateInto(halves, done, chunk, POINT_BYTES / 2);
    yield await onPoints(peer.party, done, () => ristretto255.multiply(chunk, key));
    done += count;
    progress.add("evaluate", count);
  }
  if (done !== roster.guestRows) throw wrongSize(peer.party);
  const repeated = findDuplicate(halves, POINT_BYTES / 2);
  if (repeated >= 0) throw refused("duplicate", "the partner sent an id twice", peer.party, { index: repeated });
  while ((await steps.next()).done !== true) yield new Uint8Array(0);
}

interface OwnCatalogue {
  readonly tags: Uint8Array;
  /** The place, band and mask of each id in the table of shares. */
  readonly cells: Uint8Array;
}

function emptyCatalogue({ ids, tagWidth }: Run): OwnCatalogue {
  const count = ids.rows.length;
  return {
    tags: new Uint8Array(count * tagWidth),
    cells: new Uint8Array(count * DIGEST_BYTES),
  };
}

/** b·H(y) of each own id, and only what is kept of it. Stops after each chunk; whoever asks for the next gets it done. */
async function* ownCatalogue(run: Run, { tags, cells }: OwnCatalogue): AsyncGenerator<void> {
  const { ids, peer, tagWidth, key, chunkRows, progress } = run;
  for (const [from, to] of ranges(ids.rows.length, chunkRows)) {
    const { messages, offsets } = idRange(ids, from, to);
    const points = await ristretto255.hashAndMultiply(messages, offsets, groupTag(peer.binding), key);
    truncateInto(tags, from, await digestPoints(hashPrefix(LABEL.tag, peer.binding), points), tagWidth);
    cells.set(await digestPoints(hashPrefix(LABEL.cell, peer.binding), points), from * DIGEST_BYTES);
    progress.add("catalogue", to - from);
    yield;
  }
}

async function exhaust(steps: AsyncGenerator<void>): Promise<void> {
  while ((await steps.next()).done !== true);
}

async function shareTable(run: Run, cells: Uint8Array, agreement: AgreementKey): Promise<Uint8Array> {
  const { ids, peer, roster, options } = run;
  const keys = await onPoints(peer.party, 0, () =>
    pairKeys(agreement, roster.index - 1, roster.publicKeys, peer.binding),
  );
  const shares = await zeroShares(ids, keys, peer.binding);
  const table = fillTable(wordsOf(cells), shares, options.secrets);
  if (table === undefined)
    throw new TomboloError("state.table", "the table of shares could not be filled; this happens once in 2^40 runs", {
      stage: "psi/ecdh",
      remedy: "Run the match again.",
    });
  return new Uint8Array(table.buffer);
}

async function receiveJointKey({ peer, roster }: Run, coin: Coin): Promise<Uint8Array> {
  for await (const _ of peer.receiveEach("waiting"));
  const openings = await peer.receive("openings");
  if (openings.index !== roster.index) throw refused("roster", "the place changed between rounds", peer.party);
  if (openings.list.length / coin.opening.length !== roster.commitments.length / COMMITMENT_BYTES)
    throw refused("roster", "the number of parties changed between rounds", peer.party);
  checkOwn(openings.list, coin.opening, roster.index);
  return combineCoins(peer.binding, roster.commitments, openings.list);
}

/** Places in the sorted catalogue. */
async function receiveMatched({ peer, roster, tagWidth }: Run, tags: Uint8Array): Promise<Uint32Array> {
  const most = Math.min(tags.length / tagWidth, roster.guestRows);
  // Of one size whatever the partner sends, in however small chunks.
  const room = new Uint8Array(most * tagWidth);
  let length = 0;
  for await (const chunk of peer.receiveEach("matched")) {
    if (chunk.length === 0 || length + chunk.length > room.length) throw wrongSize(peer.party);
    room.set(chunk, length);
    length += chunk.length;
  }
  const matched = room.subarray(0, length);
  if (length % tagWidth !== 0) throw wrongSize(peer.party);
  const unsorted = firstNotAscending(matched, tagWidth);
  if (unsorted >= 0) throw refused("order", "matched fingerprints are not ascending", peer.party, { index: unsorted });
  const { right } = await matchIndices(matched, tags, tagWidth);
  if (right.length !== length / tagWidth)
    throw refused("matched", "the partner reported a match that is not in the catalogue", peer.party);
  return right;
}
