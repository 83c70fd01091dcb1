/** Candidates' sums by linear answers, the host's side. */
import { discard, type Secrets } from "@tombolo/base";
import type { OutputSets, SumColumns } from "@tombolo/crypto";
import { NO_BIN, type OwnerPeer, paddedRows, SumsOwner, sumDifference } from "@tombolo/protocols/linear-answers";
import type { Feature } from "./binning.ts";
import { binOffsets, countBins, schedule } from "./histogram.ts";
import type { HostPeer, HostSums } from "./host.ts";
import { itemsOf, offeredPlan, readItems, setsOf } from "./items.ts";
import { type ColumnShape, columnsInOrder, encodeLayout, outputOffsets, shapeOfColumn } from "./layout.ts";
import { planTreeSums, type SumsPlan } from "./limbs.ts";
import { batchesOf } from "./linear-offers.ts";
import { countsForH } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { Partition } from "./partition.ts";
import type { ShuffledPlan } from "./shuffle.ts";
import { candidateFeature, planNode } from "./split.ts";
import { chunked } from "./wire.ts";

/** The same session under the protocol's own roles, with which the table's rows were made. */
const ownerPeer = (peer: HostPeer): OwnerPeer => peer as unknown as OwnerPeer;

interface NodeSums {
  readonly sums: SumColumns;
  /** Vectors behind them. */
  readonly terms: number;
  /** Rows by column and bin. */
  readonly counts: Int32Array;
}

export interface LinearHost {
  readonly peer: HostPeer;
  readonly features: readonly Feature[];
  readonly parameters: BoostingParameters;
  readonly rows: number;
  readonly secrets: Secrets;
}

export class LinearSums implements HostSums {
  /** As given, with their codes within what the answers are made from. */
  readonly features: readonly Feature[];
  readonly #host: LinearHost;
  readonly #order: readonly number[];
  readonly #shapes: readonly ColumnShape[];
  readonly #offsets: Int32Array;
  readonly #countOffsets: Int32Array;
  readonly #opened: { readonly owner: SumsOwner; readonly plan: SumsPlan } | null;
  #nodes = new Map<number, NodeSums>();

  private constructor(host: LinearHost, order: readonly number[], opened: { owner: SumsOwner; plan: SumsPlan } | null) {
    this.#host = host;
    this.features = host.features;
    this.#order = order;
    this.#shapes = order.map((f) => shapeOfColumn(host.features[f]!));
    this.#offsets = outputOffsets(this.#shapes);
    this.#countOffsets = binOffsets(host.features);
    this.#opened = opened;
  }

  /** Sends the columns, without names and in secret order, and the hint. The features' codes move: those given are discarded. */
  static async open(host: LinearHost): Promise<LinearSums> {
    const { peer, features, parameters, rows, secrets } = host;
    const order = columnsInOrder(features, secrets);
    const shapes = order.map((f) => shapeOfColumn(features[f]!));
    const outputs = outputOffsets(shapes).at(-1)!;
    // What cannot be hidden or held is refused here, before the guest is asked to.
    const plan = outputs === 0 ? null : planTreeSums({ rows, columns: order.length, outputs }, parameters);
    await peer.send("layout", encodeLayout(shapes));
    if (plan === null) return new LinearSums(host, order, null);
    const bins = Uint32Array.from(shapes, (shape) => shape.bins);
    // A text column's code of unseen categories is above its bins, and so in none.
    const moved = movedTogether(features, order, rows);
    const owner = await SumsOwner.open(plan.linear, { codes: moved.codes, bins }, ownerPeer(peer), secrets);
    return new LinearSums({ ...host, features: moved.features }, order, { owner, plan });
  }

  async startTree(): Promise<void> {
    this.#nodes = new Map();
  }

  /** Takes in the level's vectors and answers with the sums of its items. */
  async offer(open: readonly number[], active: Uint8Array, partition: Partition): Promise<ShuffledPlan[]> {
    const { features, parameters, peer } = this.#host;
    const empty = { plan: { singles: [], groups: [] }, singles: [], groups: [] };
    if (this.#opened === null) return open.map(() => empty);
    const { owner, plan } = this.#opened;
    await this.#advance(open, partition, owner, plan.limbs.length);
    const plans = open.map((node) =>
      planNode(features, active, this.#nodes.get(node)!.counts, this.#countOffsets, parameters.minimumRows),
    );
    const items = open.map((node, i) => this.#items(plans[i]!.singles, this.#nodes.get(node)!.counts, active));
    await peer.sendEach("items", chunkedAll(items));
    const sets = items.map((own) => setsOf(this.#bins(own), this.#offsets));
    if (countsForH(parameters))
      await peer.sendEach("itemCounts", chunkedCounts(open.map((node, i) => this.#counts(node, sets[i]!))));
    await owner.answer(
      open.map((node, i) => {
        const { sums, terms } = this.#nodes.get(node)!;
        return { sums, terms, sets: sets[i]! };
      }),
    );
    return plans.map((own) => offeredPlan(own, this.#order));
  }

  /** By column, by item its bins. */
  #bins(items: Uint8Array): number[][][] {
    return this.#shapes.map((shape, f) => readItems(items.subarray(this.#offsets[f]!, this.#offsets[f + 1]!), shape));
  }

  /** Rows of the node in each set of outputs. */
  #counts(node: number, { offsets, members }: OutputSets): Uint32Array {
    const { counts } = this.#nodes.get(node)!;
    const byOutput = this.#order.flatMap((f, i) =>
      Array.from({ length: this.#shapes[i]!.bins }, (_, bin) => counts[this.#countOffsets[f]! + bin]!),
    );
    const rowsOf = (members: Uint32Array): number => members.reduce((sum, output) => sum + byOutput[output]!, 0);
    return Uint32Array.from({ length: offsets.length - 1 }, (_, set) =>
      rowsOf(members.subarray(offsets[set]!, offsets[set + 1]!)),
    );
  }

  /** Sums of the smaller children from their vectors; of the others by subtraction. */
  async #advance(open: readonly number[], partition: Partition, owner: SumsOwner, count: number): Promise<void> {
    const { features } = this.#host;
    const { direct, derived } = schedule(open, partition);
    const next = new Map<number, NodeSums>();
    for (const nodes of batchesOf(direct, count)) {
      const sums = await owner.sums(nodes.length * count);
      nodes.forEach((node, i) => {
        const counts = countBins(features, this.#countOffsets, partition.sampledRows(node));
        next.set(node, { sums: { sums, width: nodes.length * count, at: i * count, count }, terms: 1, counts });
      });
    }
    for (const node of derived) {
      const [parent, sibling] = [this.#nodes.get(node >> 1)!, next.get(node ^ 1)!];
      const sums = await sumDifference(parent.sums, sibling.sums);
      const counts = parent.counts.map((rows, bin) => rows - sibling.counts[bin]!);
      next.set(node, { sums: { sums, width: count, at: 0, count }, terms: parent.terms + sibling.terms, counts });
    }
    this.#nodes = next;
  }

  /** Of all columns, in the guest's order; none of a column that this tree leaves out. */
  #items(keys: readonly number[], counts: Int32Array, active: Uint8Array): Uint8Array {
    const byColumn = Map.groupBy(keys, candidateFeature);
    const out = new Uint8Array(this.#offsets.at(-1)!);
    this.#order.forEach((f, i) => {
      if (active[f] === 0) return;
      const feature = this.#host.features[f]!;
      const own = counts.subarray(this.#countOffsets[f]!, this.#countOffsets[f + 1]!);
      out.set(itemsOf(feature, byColumn.get(f) ?? [], own, this.#host.parameters.minimumRows), this.#offsets[i]!);
    });
    return out;
  }
}

/** One array of the columns in this order, padded, and the features with their codes in it: a byte a row and column in memory, not two. */
function movedTogether(
  features: readonly Feature[],
  order: readonly number[],
  rows: number,
): { readonly codes: Uint8Array; readonly features: readonly Feature[] } {
  const width = paddedRows(rows);
  const codes = new Uint8Array(order.length * width).fill(NO_BIN);
  const moved = [...features];
  order.forEach((f, i) => {
    const feature = features[f]!;
    codes.set(feature.codes, i * width);
    discard(feature.codes);
    moved[f] = { ...feature, codes: codes.subarray(i * width, i * width + rows) };
  });
  return { codes, features: moved };
}

const COUNTS_AT_ONCE = 2 ** 17;

function* chunkedCounts(parts: readonly Uint32Array[]): Iterable<Uint32Array> {
  for (const part of parts)
    for (let at = 0; at < part.length; at += COUNTS_AT_ONCE) yield part.subarray(at, at + COUNTS_AT_ONCE);
}

function* chunkedAll(parts: readonly Uint8Array[]): Iterable<Uint8Array> {
  for (const part of parts) yield* chunked(part);
}
