/** Both sides mean the same training, of as many rows, and go on after the last tree that both still have. */
import { type Sampling, type Secrets, TomboloError, toHex } from "@tombolo/base";
import { parametersAsJson, sha256Hex } from "../agreement.ts";
import type { BoostingParameters } from "../parameters.ts";
import type { SharedCheckpoint } from "./checkpoint.ts";
import type { SharedGuestPeer, SharedHostPeer } from "./ends.ts";
import type { Opening, Start } from "./messages.ts";
import { SHARED_ENTRIES_MAX, SHARED_ROWS_MAX, SHARED_SIDES_MAX } from "./parameters.ts";
import type { Offer, Side, Sides } from "./products.ts";

const LABEL = "tombolo/boosting/shared/3";

export interface OwnSide {
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  readonly rows: number;
  readonly offer: Offer;
  /** The guest's. */
  readonly weightBits: number | null;
  /** Newest last. */
  readonly kept: readonly SharedCheckpoint[];
}

export interface Opened {
  /** The partner's. */
  readonly offer: Offer;
  readonly candidates: Sides<number>;
  /** Of the largest weight of a row; null where all count alike. */
  readonly weightBits: number | null;
  readonly run: string;
  readonly from: SharedCheckpoint | null;
}

export async function openAsGuest(own: OwnSide, peer: SharedGuestPeer, secrets: Secrets): Promise<Opened> {
  const opening = await openingOf(own);
  const theirs = await peer.exchange("guestOpening", opening, "hostOpening");
  requireSame(opening, theirs, peer.party);
  const trees = commonTrees(opening, theirs);
  const start: Start = { run: trees > 0 ? opening.kept!.run : toHex(secrets.bytes(16)), trees };
  await peer.send("sharedStart", start);
  return openedAs("guest", own, theirs, start, peer.party);
}

export async function openAsHost(own: OwnSide, peer: SharedHostPeer): Promise<Opened> {
  const opening = await openingOf(own);
  const theirs = await peer.exchange("hostOpening", opening, "guestOpening");
  requireSame(opening, theirs, peer.party);
  const start = await peer.receive("sharedStart");
  const weighted = own.parameters.weighted || own.parameters.scalePosWeight !== 1;
  if ((theirs.weightBits !== null) !== weighted)
    throw new TomboloError(
      "protocol.malformed",
      "the guest says otherwise than the parameters whether rows have weights",
      {
        blame: peer.party,
      },
    );
  return openedAs("host", own, theirs, start, peer.party);
}

function openedAs(side: Side, own: OwnSide, theirs: Opening, start: Start, party: string): Opened {
  const { candidates, columns, cells } = theirs;
  const [mine, other] = [own.offer.candidates, candidates];
  return {
    offer: { candidates, columns, cells },
    candidates: side === "guest" ? { guest: mine, host: other } : { guest: other, host: mine },
    weightBits: side === "guest" ? own.weightBits : theirs.weightBits,
    run: start.run,
    from: keptAt(own, start, party),
  };
}

async function openingOf({ parameters, sampling, rows, offer, weightBits, kept }: OwnSide): Promise<Opening> {
  if (rows > SHARED_ROWS_MAX)
    throw new TomboloError("input.rows", `level shared takes at most ${SHARED_ROWS_MAX} rows`, {
      remedy: "Train on fewer rows, or at level standard.",
    });
  const agreement = await sha256Hex([LABEL, parametersAsJson(parameters), sampling.fork("boosting/agreement").next()]);
  const last = kept.at(-1);
  const trees = kept.filter(({ run }) => run === last?.run).map((each) => each.trees.length);
  return { agreement, rows, ...offer, weightBits, kept: last === undefined ? null : { run: last.run, trees } };
}

function requireSame(own: Opening, theirs: Opening, party: string): void {
  if (own.agreement !== theirs.agreement)
    throw new TomboloError("protocol.agreement", "the parties have other parameters, seeds or versions", {
      blame: party,
    });
  if (own.rows !== theirs.rows)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows", { blame: party });
  const { candidates, columns, cells } = theirs;
  const none = candidates === 0 || columns === 0 || cells === 0;
  if (
    (none && candidates + columns + cells > 0) ||
    columns * theirs.rows > SHARED_ENTRIES_MAX ||
    candidates * columns * cells > SHARED_SIDES_MAX
  )
    throw new TomboloError("protocol.malformed", "the partner says it has more candidate splits than it may", {
      blame: party,
    });
  if (own.candidates + theirs.candidates === 0)
    throw new TomboloError("input.columns", "no column of either party can be split", {
      remedy: "Read columns with different values, or lower minimumRows.",
    });
}

const commonTrees = (own: Opening, theirs: Opening): number =>
  own.kept === null || own.kept.run !== theirs.kept?.run
    ? 0
    : Math.max(0, ...own.kept.trees.filter((trees) => theirs.kept!.trees.includes(trees)));

function keptAt({ kept, rows }: OwnSide, { run, trees }: Start, party: string): SharedCheckpoint | null {
  if (trees === 0) return null;
  const found = kept.find((each) => each.run === run && each.trees.length === trees);
  if (found !== undefined && found.margins.length === rows) return found;
  throw new TomboloError("protocol.malformed", "the partner goes on from trees that are not kept here", {
    blame: party,
  });
}
