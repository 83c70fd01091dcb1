/** Both sides mean the same training, of as many rows, and go on from the last step that both still have. */
import { canonicalJson, type Secrets, TomboloError, toHex } from "@tombolo/base";
import type { Checkpoint } from "./checkpoint.ts";
import { TERMS_MAX } from "./design.ts";
import type { ComputingPeer, GuestPeer, HostPeer, OwnerPeer } from "./ends.ts";
import { familyOf } from "./families/index.ts";
import { COLUMNS_MAX, noErrors } from "./inference/standard-errors.ts";
import type { Computation, Opening, Start } from "./messages.ts";
import type { RegressionParameters } from "./parameters.ts";
import type { Sides } from "./products.ts";

const LABEL = "tombolo/regression/agreement/3";

export interface OwnSide {
  readonly parameters: RegressionParameters;
  /** The model that training starts from. */
  readonly earlier: string | null;
  readonly rowCount: number;
  /** Of the own matrix. */
  readonly columns: number;
  /** Newest last. */
  readonly kept: readonly Checkpoint[];
}

export interface Opened {
  readonly columns: Sides<number>;
  /** Of further hosts. */
  readonly others: readonly number[];
  readonly start: Start;
  readonly from: Checkpoint | null;
}

export async function openAsGuest(
  own: OwnSide,
  about: Pick<Start, "weighted" | "offset" | "labelExponent">,
  { peer, owners }: { readonly peer: GuestPeer; readonly owners: readonly ComputingPeer[] },
  secrets: Secrets,
): Promise<Opened> {
  const opening = await openingOf(own);
  const others = await columnsOfOwners(opening, owners);
  const theirs = await peer.exchange("guestOpening", opening, "hostOpening");
  requireSame(opening, theirs, peer.party);
  const columns = { guest: own.columns, host: theirs.columns };
  requireEnough(own, [columns.guest, columns.host, ...others]);
  const common = opening.kept?.run === theirs.kept?.run ? commonStep(opening, theirs) : 0;
  const run = common > 0 ? opening.kept!.run : toHex(secrets.bytes(16));
  const start: Start = { run, step: common, ...about };
  await peer.send("start", start);
  await startOwners(owners, { columns, others, start });
  return { columns, others, start, from: keptAt(own, start, peer.party) };
}

export async function openAsHost(
  own: OwnSide,
  { peer, owners }: { readonly peer: HostPeer; readonly owners: readonly ComputingPeer[] },
): Promise<Opened> {
  const opening = await openingOf(own);
  const others = await columnsOfOwners(opening, owners);
  const theirs = await peer.exchange("hostOpening", opening, "guestOpening");
  requireSame(opening, theirs, peer.party);
  const columns = { guest: theirs.columns, host: own.columns };
  requireEnough(own, [columns.guest, columns.host, ...others]);
  const start = await peer.receive("start");
  await startOwners(owners, { columns, others, start });
  return { columns, others, start, from: keptAt(own, start, peer.party) };
}

/** A further host, with both that compute: they have to say the same. `place`: among the further hosts. */
export async function openAsOwner(own: OwnSide, peers: Sides<OwnerPeer>, place: number): Promise<Computation> {
  const opening = await openingOf(own);
  const started = async (peer: OwnerPeer): Promise<Computation> => {
    requireSame(opening, await peer.exchange("ownerOpening", opening, "computingOpening"), peer.party);
    return peer.receive("ownerStart");
  };
  const [computation, other] = await Promise.all([started(peers.guest), started(peers.host)]);
  const same = toHex(canonicalJson(computation)) === toHex(canonicalJson(other));
  if (!same || computation.columns[place + 2] !== own.columns)
    throw new TomboloError("protocol.agreement", "those who compute say different things of the training");
  requireEnough(own, computation.columns);
  return computation;
}

const columnsOfOwners = (opening: Opening, owners: readonly ComputingPeer[]): Promise<number[]> =>
  Promise.all(
    owners.map(async (peer) => {
      const theirs = await peer.exchange("computingOpening", { ...opening, kept: null }, "ownerOpening");
      requireSame(opening, theirs, peer.party);
      return theirs.columns;
    }),
  );

async function startOwners(
  owners: readonly ComputingPeer[],
  { columns, others, start }: Pick<Opened, "columns" | "others" | "start">,
): Promise<void> {
  const { run, weighted, labelExponent } = start;
  const computation = { run, weighted, labelExponent, columns: [columns.guest, columns.host, ...others] };
  await Promise.all(owners.map((peer) => peer.send("ownerStart", computation)));
}

async function openingOf({ parameters, earlier, rowCount, columns, kept }: OwnSide): Promise<Opening> {
  const last = kept.at(-1);
  const steps = kept.filter(({ run }) => run === last?.run).map(({ iterations }) => iterations.length);
  const earlyStopping = parameters.earlyStopping && { ...parameters.earlyStopping };
  const bytes = canonicalJson([LABEL, { ...parameters, earlyStopping }, earlier]);
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
    throw new TomboloError(
      "protocol.agreement",
      "guest and host have different parameters, or other models to start from",
      { blame: party },
    );
  if (theirs.rows !== own.rows)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows", { blame: party });
}

/** Each looks at all sides' sizes, so that none has to trust another to keep to them. The guest's columns come first. */
function requireEnough({ parameters, rowCount }: OwnSide, columns: readonly number[]): void {
  const { hostTermsMin } = parameters;
  const { outputs } = familyOf(parameters);
  if (outputs > 1) requireFew(columns, outputs);
  const host = Math.min(...columns.slice(1));
  // The guest's constant column is among its own.
  const total = columns.reduce((sum, count) => sum + count);
  if (parameters.inference && total > COLUMNS_MAX) throw noErrors();
  const least = rowsLeast(parameters, columns);
  if (rowCount < least)
    throw new TomboloError(
      "input.rows",
      `${termsOf(parameters, columns)} terms of all parties need ${least} rows, and there are fewer`,
      {
        remedy: "Match more rows, or choose fewer columns, or text columns with fewer categories.",
      },
    );
  if (host < hostTermsMin)
    throw new TomboloError("consent.few-columns", `a host brings ${host} terms, and ${hostTermsMin} are needed`, {
      remedy: "Train with more columns of the host, or lower hostTermsMin, which its approver then sees.",
    });
}

const termsOf = ({ intercept }: RegressionParameters, columns: readonly number[]): number =>
  columns.reduce((sum, count) => sum + count) - (intercept ? 1 : 0);

/** Rows that a training takes, by all parties' columns; each class has coefficients of its own. */
export const rowsLeast = (parameters: RegressionParameters, columns: readonly number[]): number =>
  parameters.rowsPerTerm * familyOf(parameters).outputs * (termsOf(parameters, columns) + 1);

function requireFew(columns: readonly number[], classes: number): void {
  if (classes * columns.reduce((sum, count) => sum + count) > TERMS_MAX)
    throw new TomboloError("input.columns", `all classes together have more than ${TERMS_MAX} coefficients`, {
      remedy: "Choose fewer columns, or join classes.",
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
