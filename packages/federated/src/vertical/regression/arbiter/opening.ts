/** All mean the same training, under the same key, of as many rows, and go on from the last epoch that all still have. */
import { canonicalJson, type Secrets, TomboloError, toHex } from "@tombolo/base";
import { type HePublicKey, hePublicKeyFromBytes } from "@tombolo/crypto";
import { partsOf } from "../parts.ts";
import type { ArbiterCheckpoint } from "./checkpoint.ts";
import { type OwnState, startOf } from "./descent.ts";
import type { ArbiterModeOpening, ArbiterModeStart, OwnerOpening } from "./messages.ts";
import type { ArbiterParameters } from "./parameters.ts";
import type { ArbiterGuestPeer, ArbiterHostPeer, ToArbiterPeer } from "./peers.ts";

const LABEL = "tombolo/regression/arbiter/agreement/1";

export interface OwnSizes {
  readonly parameters: ArbiterParameters;
  readonly rowCount: number;
  readonly terms: number;
  /** Columns of the own matrix. */
  readonly columns: number;
  /** Newest last. */
  readonly kept: readonly ArbiterCheckpoint[];
}

export interface OpenedTraining {
  readonly key: HePublicKey;
  readonly start: ArbiterModeStart;
  readonly state: OwnState;
}

const digestOf = async (bytes: Uint8Array): Promise<string> =>
  toHex(new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))));

export const agreementOf = (parameters: ArbiterParameters): Promise<string> =>
  digestOf(canonicalJson([LABEL, { ...parameters }]));

export async function openAtGuest(
  own: OwnSizes,
  labelExponent: number,
  { hosts, arbiter }: { readonly hosts: readonly ArbiterGuestPeer[]; readonly arbiter: ToArbiterPeer },
  secrets: Secrets,
): Promise<OpenedTraining> {
  const { key, opening } = await openWithArbiter(own, arbiter);
  const theirs = await Promise.all(
    hosts.map(async (peer) => {
      const other = await peer.exchange("guestOpening", opening, "hostOpening");
      requireSame(opening, other, peer.party);
      return other;
    }),
  );
  const terms = [own.terms, ...theirs.map((other) => other.terms)];
  requireBatches(own, terms);
  const epoch = commonEpoch(opening, theirs);
  const run = epoch > 0 ? opening.kept!.run : toHex(secrets.bytes(16));
  const start: ArbiterModeStart = { run, epoch, labelExponent, terms };
  await Promise.all(hosts.map((peer) => peer.send("start", start)));
  return { key, start, state: stateAt(own, start, arbiter.self) };
}

/** `place`: among the hosts. */
export async function openAtHost(
  own: OwnSizes,
  { guest, arbiter }: { readonly guest: ArbiterHostPeer; readonly arbiter: ToArbiterPeer },
  place: number,
): Promise<OpenedTraining> {
  const { key, opening } = await openWithArbiter(own, arbiter);
  requireSame(opening, await guest.exchange("hostOpening", opening, "guestOpening"), guest.party);
  const start = await guest.receive("start");
  if (start.terms[place + 1] !== own.terms)
    throw new TomboloError("protocol.agreement", "the guest says another number of columns than there are here", {
      blame: guest.party,
    });
  requireBatches(own, start.terms);
  return { key, start, state: stateAt(own, start, guest.party) };
}

async function openWithArbiter(own: OwnSizes, arbiter: ToArbiterPeer) {
  const { parameters, rowCount, terms, kept } = own;
  const sizes: OwnerOpening = { agreement: await agreementOf(parameters), rows: rowCount, terms };
  await arbiter.send("ownerOpening", sizes);
  const bytes = await arbiter.receive("key");
  const key = hePublicKeyFromBytes(bytes);
  if (key.scheme !== parameters.scheme || key.keyBits !== parameters.keyBits)
    throw new TomboloError("protocol.public-key", "the arbiter's key is of another kind than agreed", {
      blame: arbiter.party,
    });
  const run = kept.at(-1)?.run;
  const epochs = kept.filter((each) => each.run === run).map(({ state }) => state.gradients.length);
  const opening: ArbiterModeOpening = {
    ...sizes,
    key: await digestOf(bytes),
    kept: run === undefined ? null : { run, epochs },
  };
  return { key, opening };
}

function requireSame(own: ArbiterModeOpening, theirs: ArbiterModeOpening, party: string): void {
  if (theirs.agreement !== own.agreement)
    throw new TomboloError("protocol.agreement", "the parties have different parameters", { blame: party });
  if (theirs.key !== own.key)
    throw new TomboloError(
      "protocol.public-key",
      "the arbiter gave the parties different keys, or one of them says so",
      {
        blame: party,
      },
    );
  if (theirs.rows !== own.rows)
    throw new TomboloError("protocol.rows", "the parties have different numbers of rows", { blame: party });
}

/** Owners and the arbiter look at it, so that none has to trust another to keep to it. The guest's terms come first. */
export function requireBatches(
  { parameters, rowCount }: Pick<OwnSizes, "parameters" | "rowCount">,
  terms: readonly number[],
): void {
  const { batchRows, rowsPerTerm, hostTermsMin } = parameters;
  const least = Math.floor(rowCount / partsOf(rowCount, batchRows));
  const total = terms.reduce((sum, count) => sum + count);
  const needed = rowsPerTerm * (total + 1);
  if (least < needed)
    throw new TomboloError(
      "input.rows",
      `${total} terms of all parties need batches of ${needed} rows, and there are fewer`,
      { remedy: "Take larger batches, match more rows, or choose fewer columns." },
    );
  if (Math.min(...terms.slice(1)) < hostTermsMin)
    throw new TomboloError(
      "consent.few-columns",
      `a host brings fewer than the ${hostTermsMin} terms that are needed`,
      {
        remedy: "Train with more columns of the host, or lower hostTermsMin, which its approver then sees.",
      },
    );
}

const commonEpoch = ({ kept }: ArbiterModeOpening, theirs: readonly ArbiterModeOpening[]): number =>
  Math.max(
    0,
    ...(kept?.epochs ?? []).filter((epoch) =>
      theirs.every((other) => other.kept?.run === kept?.run && other.kept?.epochs.includes(epoch)),
    ),
  );

function stateAt({ kept, columns }: OwnSizes, { run, epoch }: ArbiterModeStart, party: string): OwnState {
  if (epoch === 0) return startOf(columns);
  const found = kept.find((each) => each.run === run && each.state.gradients.length === epoch);
  if (found?.state.weights.length !== columns)
    throw new TomboloError("protocol.order", "the guest goes on from an epoch that is not there", { blame: party });
  return found.state;
}
