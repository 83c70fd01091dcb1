/** Both sides mean the same training, of as many rows, and go on from the last step that both still have. */
import { canonicalJson, type Secrets, TomboloError, toHex } from "@tombolo/base";
import type { Checkpoint } from "./checkpoint.ts";
import type { GuestPeer, HostPeer } from "./ends.ts";
import type { Opening, Start } from "./messages.ts";
import type { RegressionParameters } from "./parameters.ts";
import type { Sides } from "./products.ts";

const LABEL = "tombolo/regression/agreement/1";

export interface OwnSide {
  readonly parameters: RegressionParameters;
  readonly rowCount: number;
  /** Of the own matrix. */
  readonly columns: number;
  /** Newest last. */
  readonly kept: readonly Checkpoint[];
}

export interface Opened {
  readonly columns: Sides<number>;
  readonly start: Start;
  readonly from: Checkpoint | null;
}

export async function openAsGuest(
  own: OwnSide,
  about: Pick<Start, "weighted" | "offset" | "labelExponent">,
  peer: GuestPeer,
  secrets: Secrets,
): Promise<Opened> {
  const opening = await openingOf(own);
  const theirs = await peer.exchange("guestOpening", opening, "hostOpening");
  requireSame(opening, theirs, peer.party);
  const columns = { guest: own.columns, host: theirs.columns };
  requireEnough(own, columns);
  const common = opening.kept?.run === theirs.kept?.run ? commonStep(opening, theirs) : 0;
  const run = common > 0 ? opening.kept!.run : toHex(secrets.bytes(16));
  const start: Start = { run, step: common, ...about };
  await peer.send("start", start);
  return { columns, start, from: keptAt(own, start, peer.party) };
}

export async function openAsHost(own: OwnSide, peer: HostPeer): Promise<Opened> {
  const opening = await openingOf(own);
  const theirs = await peer.exchange("hostOpening", opening, "guestOpening");
  requireSame(opening, theirs, peer.party);
  const columns = { guest: theirs.columns, host: own.columns };
  requireEnough(own, columns);
  const start = await peer.receive("start");
  return { columns, start, from: keptAt(own, start, peer.party) };
}

async function openingOf({ parameters, rowCount, columns, kept }: OwnSide): Promise<Opening> {
  const last = kept.at(-1);
  const steps = kept.filter(({ run }) => run === last?.run).map(({ iterations }) => iterations.length);
  const bytes = canonicalJson([LABEL, { ...parameters }]);
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return {
    agreement: toHex(new Uint8Array(digest)),
    rows: rowCount,
    columns,
    kept: last === undefined ? null : { run: last.run, steps },
  };
}

function requireSame(own: Opening, theirs: Opening, party: string): void {
  if (theirs.agreement !== own.agreement)
    throw new TomboloError("protocol.agreement", "guest and host have different parameters", { blame: party });
  if (theirs.rows !== own.rows)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows", { blame: party });
}

/** Each looks at both sides' sizes, so that neither has to trust the other to keep to them. */
function requireEnough({ parameters, rowCount }: OwnSide, { guest, host }: Sides<number>): void {
  const { rowsPerTerm, hostTermsMin, intercept } = parameters;
  // The guest's constant column is among its own.
  const terms = guest + host - (intercept ? 1 : 0);
  const least = rowsPerTerm * (terms + 1);
  if (rowCount < least)
    throw new TomboloError("input.rows", `${terms} terms of both parties need ${least} rows, and there are fewer`, {
      remedy: "Match more rows, or choose fewer columns, or text columns with fewer categories.",
    });
  if (host < hostTermsMin)
    throw new TomboloError("consent.few-columns", `the host brings ${host} terms, and ${hostTermsMin} are needed`, {
      remedy: "Train with more columns of the host, or lower hostTermsMin, which its approver then sees.",
    });
}

const commonStep = (own: Opening, theirs: Opening): number =>
  Math.max(0, ...(own.kept?.steps ?? []).filter((step) => theirs.kept?.steps.includes(step)));

function keptAt({ kept, columns }: OwnSide, { run, step }: Start, party: string): Checkpoint | null {
  if (step === 0) return null;
  const found = kept.find((each) => each.run === run && each.iterations.length === step);
  if (found === undefined || found.weights.length < columns)
    throw new TomboloError("protocol.order", "the guest goes on from a step that is not there", { blame: party });
  return found;
}
