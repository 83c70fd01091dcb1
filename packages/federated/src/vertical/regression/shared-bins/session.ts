/** How a training with columns in shared bins begins at either side: train.ts does the rest. */
import { TomboloError } from "@tombolo/base";
import type { Design } from "../design.ts";
import type { GuestPeer } from "../ends.ts";
import type { BinsTold } from "../messages.ts";
import type { Opened } from "../opening.ts";
import { checkedDesign, type HostInput, type Settled } from "../sides.ts";
import { type BinWeights, binnedMatrix, type WeighedBins, weighedBins } from "./bins.ts";

export interface SharedBins {
  readonly told: BinsTold;
  /** At the guest. */
  readonly weights: readonly WeighedBins[] | null;
}

type GuestBins = Settled<Pick<HostInput, "parameters" | "rowCount">> & {
  readonly binWeights?: readonly BinWeights[] | undefined;
};

/** What the host tells of its columns; null where their weights are its own. */
export async function binsAtGuest(
  { parameters, binWeights }: GuestBins,
  { columns, others }: Opened,
  peer: GuestPeer,
): Promise<SharedBins | null> {
  if (!parameters.sharedBins) return null;
  if (others.length > 0 || binWeights === undefined)
    throw new TomboloError("input.parameters", "columns in shared bins take one host, and their weights at the guest");
  const told = await peer.receive("hostBins");
  return { told, weights: weighedBins(told, binWeights, columns.host, peer.party) };
}

/** The matrix that it multiplies, and what it tells of it. */
export async function hostDesign(
  input: Settled<HostInput>,
): Promise<{ readonly design: Design; readonly bins: SharedBins | null }> {
  const { parameters, columns, bins, rowCount } = input;
  if (!parameters.sharedBins) return { design: await checkedDesign(input, "host"), bins: null };
  const empty = await checkedDesign({ ...input, columns: [] }, "host");
  const made = await binnedMatrix(columns, bins ?? [], rowCount, parameters);
  return { design: { ...empty, columns: made.columns }, bins: { told: made.told, weights: null } };
}
