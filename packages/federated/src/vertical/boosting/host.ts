/**
 * SecureBoost, the host's side: columns without labels.
 *
 * Goal, paper, leakage, adversary, rounds and bytes: see guest.ts. A host learns which rows share a node at every level
 * of every tree but the last, and which of its own splits were taken; it never decrypts anything.
 */
import { type Sampling, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { agreementDigest } from "./agreement.ts";
import { binColumns, type ColumnSource, type Feature } from "./binning.ts";
import { guestOnly, treesMax } from "./classes.ts";
import { orderColumns } from "./column-order.ts";
import { EncryptedSums, receiveKey } from "./encrypted-sums.ts";
import { LinearSums } from "./linear-sums.ts";
import type { trainingMessages } from "./messages.ts";
import { firstTrees, type HostModel, type HostTree, hostDigests } from "./model.ts";
import { type BoostingParameters, checkParameters } from "./parameters.ts";
import { Partition } from "./partition.ts";
import { flags, partRows, treeColumns, treeRows } from "./sample.ts";
import { type ShuffledPlan, shapeOf, unshuffle } from "./shuffle.ts";
import { type Branch, localBranch } from "./site.ts";
import type { Progress } from "./train.ts";
import { openChildren } from "./tree.ts";
import { decodeOrders, decodeRoutes, encodeBranches, type SplitOrder } from "./wire.ts";

export type HostPeer = Peer<typeof trainingMessages, "host">;

export interface HostInput {
  /** Rows aligned with the guest's. */
  readonly columns: ColumnSource;
  readonly rowCount: number;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  /** This host's part of an earlier attempt. */
  readonly resumeFrom?: HostModel;
  /** How many trees of it every party still had; not called where training starts afresh. */
  readonly onResume?: (trees: number) => void;
  /** After each tree, with the part so far; the next tree waits for it. */
  readonly onTree?: (model: HostModel) => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export async function trainHost(input: HostInput, peer: HostPeer, secrets: Secrets): Promise<HostModel> {
  checkParameters(input.parameters);
  const session = await open(input, peer, secrets);
  for (;;) {
    input.signal?.throwIfAborted();
    const keep = await peer.receive("verdict");
    if (keep > 0) {
      const { model } = session;
      if (keep > model.trees.length)
        throw new TomboloError("protocol.order", "the guest keeps trees that were not trained");
      const kept = firstTrees(model, keep);
      if (input.parameters.hostColumns === "named") await peer.send("columnNames", namesIn(kept));
      return kept;
    }
    if (session.model.trees.length >= treesMax(input.parameters))
      throw new TomboloError("protocol.order", "the guest asks for more trees than agreed");
    const tree = await nextTree(session, session.model.trees.length);
    session.model = { ...session.model, trees: [...session.model.trees, tree] };
    await input.onTree?.(session.model);
  }
}

/** Of the columns that the kept trees split: those of trees that are not kept stay without a name. */
function namesIn({ trees, featureNumbers }: HostModel): { number: number; name: string }[] {
  const used = new Set(trees.flatMap(({ splits }) => splits.map(({ split }) => split.feature)));
  const numbered = [...used].map((name) => ({ number: featureNumbers[name]!, name }));
  return numbered.sort((a, b) => a.number - b.number);
}

async function nextTree(session: HostSession, number: number): Promise<HostTree> {
  const { parameters } = session.input;
  if (guestOnly(parameters, number)) return { splits: [] };
  const { splits } = await new TreeSession(session, number).grow();
  if (parameters.maxLeaves === null) return { splits };
  const kept = await session.peer.receive("kept");
  const staying = splits.filter(({ node }) => kept.includes(node));
  if (staying.length !== kept.length)
    throw new TomboloError("protocol.malformed", "the guest keeps splits that this host did not make");
  return { splits: staying };
}

/** How the sums behind this host's candidates go to the guest. */
export interface HostSums {
  /** The columns behind the sums, as from now on. */
  readonly features: readonly Feature[];
  startTree(rows: Int32Array, active: Uint8Array): Promise<void>;
  /** Of each open node what is offered, once its sums are sent. */
  offer(open: readonly number[], active: Uint8Array, partition: Partition): Promise<ShuffledPlan[]>;
}

interface HostSession {
  readonly input: HostInput;
  readonly peer: HostPeer;
  readonly sums: HostSums;
  readonly site: number;
  /** In the order of `orderColumns`. */
  readonly features: readonly Feature[];
  readonly training: Int32Array;
  model: HostModel;
}

async function open(input: HostInput, peer: HostPeer, secrets: Secrets): Promise<HostSession> {
  const { parameters, sampling, rowCount } = input;
  const { training } = partRows(rowCount, parameters, sampling);
  // Before the guest is told that all can start: from then on no host keeps the others waiting.
  const binned = await binColumns(input.columns, rowCount, training, parameters);
  const features = await orderColumns(binned, training, sampling);
  const hello = await peer.receive("hello");
  if (hello.agreement !== (await agreementDigest(parameters, sampling)))
    throw new TomboloError("protocol.agreement", "the guest trains with other parameters or another seed");
  if (hello.rows !== rowCount) throw new TomboloError("protocol.rows", "guest and host have different numbers of rows");
  const key = parameters.scheme === "lattice" ? null : await receiveKey(parameters, peer);
  const digests = input.resumeFrom === undefined ? [hello.digests[0]!] : await hostDigests(input.resumeFrom);
  await peer.send("ready", { rows: rowCount, columns: features.length, digests });
  const { trees: common, modelId } = await peer.receive("start");
  const kept = common < digests.length && digests[common] === hello.digests[common];
  if (common > 0 && !(kept && modelId === input.resumeFrom?.modelId))
    throw new TomboloError("protocol.order", "the guest goes on from trees this host does not have");
  const model = startingModel(input, binned, modelId, common);
  if (common > 0) input.onResume?.(common);
  const sums =
    key === null
      ? await LinearSums.open({ peer, features, parameters, rows: rowCount, secrets })
      : new EncryptedSums({ peer, key, features, parameters, secrets });
  // By lattices the columns' codes have moved.
  return { input, peer, sums, site: hello.site, features: sums.features, training, model };
}

/** The trees both sides kept, or a new model none of whose columns has been shown. */
function startingModel(input: HostInput, binned: readonly Feature[], modelId: string, common: number): HostModel {
  if (common > 0) return firstTrees(input.resumeFrom!, common);
  const featureNumbers = Object.fromEntries(binned.map(({ name }) => [name, 0]));
  return { kind: "boosting/host", version: 1, modelId, featureNumbers, trees: [] };
}

/**
 * What the guest may call each of these columns. Columns are numbered as the guest first sees a split of theirs: that
 * tells it no more than which splits are of one column, and comes out the same in every run.
 */
function numbersOf(session: HostSession, names: readonly string[]): number[] {
  const numbers: Record<string, number> = { ...session.model.featureNumbers };
  let last = Math.max(0, ...Object.values(numbers));
  for (const name of names) if (numbers[name] === 0) numbers[name] = ++last;
  session.model = { ...session.model, featureNumbers: numbers };
  return names.map((name) => numbers[name]!);
}

/** One tree. The steps are those of `growTree`, seen from here. */
class TreeSession {
  private readonly session: HostSession;
  private readonly tree: number;
  private readonly rows: Int32Array;
  private readonly active: Uint8Array;
  private readonly partition: Partition;

  constructor(session: HostSession, tree: number) {
    const { parameters, sampling, rowCount } = session.input;
    this.session = session;
    this.tree = tree;
    this.rows = treeRows(session.training, tree, parameters, sampling);
    this.active = treeColumns(session.features.length, session.site, tree, parameters, sampling);
    this.partition = new Partition(flags(rowCount, this.rows));
  }

  async grow(): Promise<HostTree> {
    const { parameters } = this.session.input;
    this.report("encrypt", 0);
    await this.session.sums.startTree(this.rows, this.active);
    const splits: HostTree["splits"][number][] = [];
    let openNodes = this.rows.length >= 2 * parameters.minimumRows ? [1] : [];
    for (let level = 0; level < parameters.depth && openNodes.length > 0; level++) {
      this.report("grow", level);
      const plans = await this.session.sums.offer(openNodes, this.active, this.partition);
      const orders = decodeOrders(await this.session.peer.receive("splits"), plans.map(shapeOf));
      const own = await this.sendBranches(openNodes, plans, orders);
      splits.push(...own.map(({ node, split }) => ({ node, split: split! })));
      if (level === parameters.depth - 1) break;
      await this.route(openNodes, orders, own);
      openNodes = openChildren(
        orders.map((order, i) => ({ node: openNodes[i]!, choice: order.kind === "leaf" ? undefined : order })),
        this.partition,
        parameters.minimumRows,
      );
    }
    return { splits };
  }

  private report(stage: Progress["stage"], level: number): void {
    this.session.input.signal?.throwIfAborted();
    this.session.input.onProgress?.({
      stage,
      tree: this.tree,
      level,
      done: this.tree,
      total: treesMax(this.session.input.parameters),
    });
  }

  private async sendBranches(
    openNodes: readonly number[],
    plans: readonly ShuffledPlan[],
    orders: readonly SplitOrder[],
  ): Promise<Branch[]> {
    const { features, peer } = this.session;
    const branches = orders.flatMap((order, i) => {
      if (order.kind !== "yours") return [];
      return [
        localBranch(
          features,
          plans[i]!.plan,
          unshuffle(plans[i]!, order),
          openNodes[i]!,
          this.partition,
          this.session.site,
        ),
      ];
    });
    const numbers = numbersOf(
      this.session,
      branches.map(({ feature }) => features[feature]!.name),
    );
    if (branches.length > 0)
      await peer.send("branches", encodeBranches(branches.map(({ left }, i) => ({ left, number: numbers[i]! }))));
    return branches;
  }

  private async route(
    openNodes: readonly number[],
    orders: readonly SplitOrder[],
    own: readonly Branch[],
  ): Promise<void> {
    const foreign = openNodes.filter((_, i) => orders[i]!.kind === "other");
    const counts = foreign.map((node) => this.partition.rows(node).length);
    const bits = foreign.length === 0 ? [] : decodeRoutes(await this.session.peer.receive("routes"), counts);
    foreign.forEach((node, i) => {
      this.partition.split(node, bits[i]!);
      this.checkChildren(node);
    });
    for (const { node, left } of own) this.partition.split(node, left);
  }

  /** A small child would let the guest subtract its sibling's sums from its parent's. Honest guests make none. */
  private checkChildren(node: number): void {
    const least = this.session.input.parameters.minimumRows;
    if ([2 * node, 2 * node + 1].some((child) => this.partition.sampledRows(child).length < least))
      throw new TomboloError("protocol.minimum", "a split of another party makes a node with too few rows");
  }
}
