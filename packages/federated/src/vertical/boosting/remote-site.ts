/** A host's columns as the growing of a tree sees them at the guest. */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { Choice, Offer } from "./choose.ts";
import type { trainingMessages } from "./messages.ts";
import type { Gradients } from "./objective.ts";
import type { Partition } from "./partition.ts";
import type { Branch, Decision, Level, NodeTotal, Site } from "./site.ts";
import { decodeBranches, encodeOrders, encodeRoutes } from "./wire.ts";

export type GuestPeer = Peer<typeof trainingMessages, "guest">;

/** How the sums behind a host's candidates come to the guest. */
export interface OfferSource {
  startTree(tree: number, gradients: Gradients, rows: Int32Array): Promise<void>;
  offers(level: Level, gradients: Gradients): Promise<readonly Offer[]>;
}

export interface RemoteHost {
  readonly peer: GuestPeer;
  readonly source: OfferSource;
  /** As the host said. */
  readonly columns: number;
  /** The only host: it can be told of the guest's branches at once, which saves a round a level. */
  readonly alone: boolean;
  readonly secrets: Secrets;
}

export class RemoteSite implements Site {
  private readonly host: RemoteHost;
  private gradients: Gradients | undefined;
  private offered: readonly Offer[] = [];

  constructor(host: RemoteHost) {
    this.host = host;
  }

  async startTree(tree: number, gradients: Gradients, rows: Int32Array): Promise<void> {
    this.gradients = gradients;
    await this.host.source.startTree(tree, gradients, rows);
  }

  offers(level: Level): Promise<readonly Offer[]> {
    return blaming(this.host.peer.party, async () => {
      this.offered = await this.host.source.offers(level, this.gradients!);
      this.offered.forEach((offer, i) => {
        checkOffer(offer, level.totals[i]!);
      });
      return this.offered;
    });
  }

  async decide(
    decisions: readonly Decision[],
    site: number,
    level: Level,
    own: readonly Branch[],
  ): Promise<readonly Branch[]> {
    const { peer, columns, alone, secrets } = this.host;
    const choices = decisions.map(({ choice }, i) =>
      choice?.site === site ? hideSides(choice, this.offered[i]!, secrets) : choice,
    );
    await peer.send("splits", encodeOrders(choices, site));
    if (alone) await this.sendRoutes(own, level);
    const mine = [...decisions.keys()].filter((i) => decisions[i]!.choice?.site === site);
    if (mine.length === 0) return [];
    const rowCounts = mine.map((i) => level.partition.rows(decisions[i]!.node).length);
    return blaming(peer.party, async () => {
      const branches = decodeBranches(await peer.receive("branches"), rowCounts, columns);
      return branches.map(({ number, left }, j) => {
        const i = mine[j]!;
        this.checkBranch(decisions[i]!, this.offered[i]!, left, level.partition);
        return { node: decisions[i]!.node, left, feature: number, site };
      });
    });
  }

  async route(branches: readonly Branch[], level: Level, site: number): Promise<void> {
    if (!this.host.alone)
      await this.sendRoutes(
        branches.filter((branch) => branch.site !== site),
        level,
      );
  }

  private async sendRoutes(branches: readonly Branch[], { last }: Level): Promise<void> {
    if (last || branches.length === 0) return;
    const ordered = [...branches].sort((a, b) => a.node - b.node);
    await this.host.peer.send("routes", encodeRoutes(ordered));
  }

  /** The rows sent left must sum to one of the candidates chosen: a host cannot offer one split and make another. */
  private checkBranch({ node, choice }: Decision, offer: Offer, left: Uint8Array, partition: Partition): void {
    const { g, h } = leftSums(node, left, partition, this.gradients!);
    const singles = choice!.singles.some((i) => offer.singles.g[i] === g && offer.singles.h[i] === h);
    const sumOver = (members: readonly number[], cells: Float64Array) =>
      members.reduce((sum, member) => sum + cells[member]!, 0);
    const groups = choice!.groups.some(({ group, left: members }) => {
      const cells = offer.groups[group]!;
      const fits = (side: readonly number[]) => sumOver(side, cells.g) === g && sumOver(side, cells.h) === h;
      return fits(members) || fits(complement(members, cells.g.length));
    });
    if (!singles && !groups) throw new TomboloError("protocol.sums", "the host's branches do not fit the sums it sent");
  }
}

/**
 * Each partition of a group as either of its sides, by a secret coin. The guest finds it as the categories of lower
 * gradients against those of higher ones: which is which would tell the owner where the labels are.
 */
export function hideSides(choice: Choice, offer: Offer, secrets: Secrets): Choice {
  const coins = secrets.bytes(choice.groups.length);
  const groups = choice.groups.map(({ group, left }, i) => {
    const side = (coins[i]! & 1) === 1 ? left : complement(left, offer.groups[group]!.g.length);
    return { group, left: side };
  });
  return { ...choice, groups };
}

const complement = (members: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => !members.includes(i));

/** Names the party whose message broke the protocol. */
export async function blaming<T>(party: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TomboloError) || error.family !== "protocol" || error.blame !== undefined) throw error;
    throw new TomboloError(error.code, error.message, { blame: party, stage: "boosting/sums", cause: error });
  }
}

/** No subset of the node's rows sums to less than its negative g or more than its positive g; groups sum to the node. */
function checkOffer(offer: Offer, total: NodeTotal): void {
  const { least, most } = total;
  for (const { g, h } of [offer.singles, ...offer.groups]) {
    const outside = g.some((sum) => sum < least || sum > most) || h.some((sum) => sum < 0 || sum > total.h);
    if (outside) throw new TomboloError("protocol.bound", "a sum is more than the rows of its node can give");
  }
  const add = (a: number, b: number): number => a + b;
  for (const { g, h } of offer.groups)
    if (g.reduce(add, 0) !== total.g || h.reduce(add, 0) !== total.h)
      throw new TomboloError("protocol.sums", "the sums of a column do not add up to its node");
}

/** Sums over the sampled rows that go left; rows not sampled have g = h = 0. */
function leftSums(
  node: number,
  left: Uint8Array,
  partition: Partition,
  gradients: Gradients,
): { g: number; h: number } {
  let [g, h] = [0, 0];
  const rows = partition.rows(node);
  for (let i = 0; i < rows.length; i++) {
    if (left[i] === 0) continue;
    g += gradients.g[rows[i]!]!;
    h += gradients.h[rows[i]!]!;
  }
  return { g, h };
}
