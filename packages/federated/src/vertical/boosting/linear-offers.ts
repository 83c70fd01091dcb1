/** A host's offers by linear answers, the guest's side: what is sent, and how candidates come out of it. */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { SumColumns } from "@tombolo/crypto";
import {
  Asker,
  type AskerPeer,
  phaseDifference,
  VECTORS_MAX,
  type VectorBatch,
  VectorSource,
} from "@tombolo/protocols/linear-answers";
import type { Offer } from "./choose.ts";
import { type Histogram, schedule } from "./histogram.ts";
import { offerOfItems, readItems, setsOf } from "./items.ts";
import { type ColumnShape, decodeLayout, outputOffsets } from "./layout.ts";
import { fillLimb, joinLimbs, leastSums, planTreeSums, type SumsPlan } from "./limbs.ts";
import type { trainingMessages } from "./messages.ts";
import type { Gradients } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { Partition } from "./partition.ts";
import { blaming, type OfferSource } from "./remote-site.ts";
import type { Level } from "./site.ts";
import { collect } from "./wire.ts";

type GuestPeer = Peer<typeof trainingMessages, "guest">;

/** The same session under the protocol's own roles, with which the table's rows were made. */
const askerPeer = (peer: GuestPeer): AskerPeer => peer as unknown as AskerPeer;

/** The nodes of a level whose sums come from rows, in batches of so many vectors as are sent side by side. */
export function batchesOf(nodes: readonly number[], limbs: number): number[][] {
  const each = Math.max(1, Math.floor(VECTORS_MAX / limbs));
  return Array.from({ length: Math.ceil(nodes.length / each) }, (_, i) => nodes.slice(i * each, (i + 1) * each));
}

/** The vectors of a level, encrypted once for all hosts that have the same limbs. */
export class LevelVectors {
  readonly source: VectorSource;
  readonly #made = new Map<string, { batch: VectorBatch; left: number }>();
  readonly #takers = new Map<string, number>();

  constructor(rows: number, secrets: Secrets) {
    this.source = new VectorSource(rows, secrets);
  }

  /** Each host once, before the first batch. */
  join(plan: SumsPlan): void {
    const key = keyOf(plan);
    this.#takers.set(key, (this.#takers.get(key) ?? 0) + 1);
  }

  batch(
    tree: number,
    nodes: readonly number[],
    plan: SumsPlan,
    gradients: Gradients,
    partition: Partition,
  ): VectorBatch {
    const key = `${tree} ${nodes.join()} ${keyOf(plan)}`;
    const takers = this.#takers.get(keyOf(plan))!;
    const entry = this.#made.get(key) ?? { batch: this.#make(nodes, plan, gradients, partition, takers), left: takers };
    entry.left--;
    if (entry.left === 0) this.#made.delete(key);
    else this.#made.set(key, entry);
    return entry.batch;
  }

  #make(
    nodes: readonly number[],
    plan: SumsPlan,
    gradients: Gradients,
    partition: Partition,
    takers: number,
  ): VectorBatch {
    const { limbs, linear } = plan;
    const rows = nodes.map((node) => partition.sampledRows(node));
    const vectors = {
      count: nodes.length * limbs.length,
      fill(v: number, first: number, out: Int32Array): void {
        fillLimb(gradients, rows[Math.floor(v / limbs.length)]!, limbs[v % limbs.length]!, out, first);
      },
    };
    return this.source.batch(vectors, linear.delta, takers);
  }
}

const keyOf = ({ linear, limbs }: SumsPlan): string =>
  `${linear.delta} ${limbs.map(({ of, shift }) => of + shift).join()}`;

interface OpenedHost {
  readonly peer: GuestPeer;
  readonly vectors: LevelVectors;
  readonly shapes: readonly ColumnShape[];
  readonly plan: SumsPlan;
  readonly asker: Asker;
}

export class LinearOffers implements OfferSource {
  readonly #host: OpenedHost | null;
  readonly #peer: GuestPeer;
  readonly #offsets: Int32Array;
  #tree = -1;
  #phases = new Map<number, SumColumns>();

  private constructor(peer: GuestPeer, host: OpenedHost | null) {
    this.#peer = peer;
    this.#host = host;
    this.#offsets = outputOffsets(host?.shapes ?? []);
  }

  /** Receives the host's columns, without names, and the hint. */
  static async open(
    peer: GuestPeer,
    vectors: LevelVectors,
    columns: number,
    parameters: BoostingParameters,
  ): Promise<LinearOffers> {
    const layout = await peer.receive("layout");
    const shapes = await blaming(peer.party, async () => decodeLayout(layout, columns, parameters.bins));
    if (shapes.length === 0) return new LinearOffers(peer, null);
    const outputs = outputOffsets(shapes).at(-1)!;
    const plan = planTreeSums({ rows: vectors.source.rows, columns: shapes.length, outputs }, parameters);
    vectors.join(plan);
    const asker = await Asker.open(plan.linear, vectors.source, askerPeer(peer));
    return new LinearOffers(peer, { peer, vectors, shapes, plan, asker });
  }

  async startTree(tree: number): Promise<void> {
    this.#tree = tree;
    this.#phases = new Map();
  }

  async offers(level: Level, gradients: Gradients): Promise<readonly Offer[]> {
    const none = { g: new Float64Array(0), h: new Float64Array(0) };
    if (this.#host === null) return level.open.map(() => ({ singles: none, groups: [] }));
    await this.#send(this.#host, level, gradients);
    const items = await this.#items(this.#host, level.open.length);
    const { plan, asker, shapes } = this.#host;
    const counts = await this.#counts(plan, items);
    const answers = await asker.receive(
      level.open.map((node, i) => ({
        phases: this.#phases.get(node)!,
        sets: setsOf(items[i]!, this.#offsets),
        least: leastSums(gradients, level.partition.sampledRows(node), plan.limbs),
      })),
    );
    return level.open.map((_, i) => {
      const sums = joinLimbs(answers[i]!, plan.limbs, counts?.[i] ?? null);
      checkTotals(items[i]!, sums, level.totals[i]!);
      return offerOfItems(items[i]!, shapes, sums);
    });
  }

  /** Vectors of the smaller children; the phases of the others are differences. */
  async #send({ vectors, plan, asker }: OpenedHost, { open, partition }: Level, gradients: Gradients): Promise<void> {
    const { direct, derived } = schedule(open, partition);
    const next = new Map<number, SumColumns>();
    const count = plan.limbs.length;
    for (const nodes of batchesOf(direct, count)) {
      const sums = await asker.send(vectors.batch(this.#tree, nodes, plan, gradients, partition));
      nodes.forEach((node, i) => {
        next.set(node, { sums, width: nodes.length * count, at: i * count, count });
      });
    }
    for (const node of derived) {
      const sums = await phaseDifference(this.#phases.get(node >> 1)!, next.get(node ^ 1)!);
      next.set(node, { sums, width: count, at: 0, count });
    }
    this.#phases = next;
  }

  /** By node, rows of each item; null where sums of h are asked for. */
  async #counts({ limbs }: SumsPlan, items: readonly number[][][][]): Promise<Uint32Array[] | null> {
    if (limbs.some(({ of }) => of === "h")) return null;
    const sizes = items.map(itemCount);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const all = new Uint32Array(total);
    let at = 0;
    for await (const chunk of this.#peer.receiveEach("itemCounts")) {
      if (chunk.length === 0 || at + chunk.length > total) throw wrongCounts(this.#peer.party);
      all.set(chunk, at);
      at += chunk.length;
    }
    if (at !== total) throw wrongCounts(this.#peer.party);
    let end = 0;
    return sizes.map((size) => {
      end += size;
      return all.subarray(end - size, end);
    });
  }

  /** By node, by column, by item its bins. */
  async #items({ shapes }: OpenedHost, nodes: number): Promise<number[][][][]> {
    const outputs = this.#offsets.at(-1)!;
    const bytes = await collect(this.#peer.receiveEach("items"), nodes * outputs);
    return Array.from({ length: nodes }, (_, node) =>
      shapes.map((shape, f) =>
        readItems(bytes.subarray(node * outputs + this.#offsets[f]!, node * outputs + this.#offsets[f + 1]!), shape),
      ),
    );
  }
}

const wrongCounts = (party: string): TomboloError =>
  new TomboloError("protocol.malformed", "a wrong number of counts of rows", { blame: party });

const itemCount = (columns: readonly (readonly unknown[])[]): number =>
  columns.reduce((sum, items) => sum + items.length, 0);

/** Every column's items hold all rows of the node. */
function checkTotals(
  columns: readonly (readonly number[][])[],
  { g, h }: Histogram,
  total: { g: number; h: number },
): void {
  let at = 0;
  for (const items of columns) {
    const own = [g, h].map((sums) => sums.subarray(at, at + items.length).reduce((sum, x) => sum + x, 0));
    if (items.length > 0 && (own[0] !== total.g || own[1] !== total.h))
      throw new TomboloError("protocol.sums", "the sums of a column do not add up to its node");
    at += items.length;
  }
}
