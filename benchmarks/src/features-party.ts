/** One party of the features benchmark: a table that it makes up, then one step after another of what is done with it. */
import { discard, systemSecrets } from "@tombolo/base";
import { createMeter, openPeer } from "@tombolo/channel";
import { type BinCounts, binColumn, countBins, evidence, type FineOptions } from "@tombolo/federated/binning";
import { describeColumns } from "@tombolo/federated/features";
import { type CategoryColumn, guest, host, messages } from "@tombolo/protocols/category-sums";
import { type MadeUpShape, madeUpColumns, madeUpLabels, type Side } from "./boosting-data.ts";
import { obeyOrders, openSession, peakBytes, stopwatch } from "./party-task.ts";

export type FeaturesOrder =
  | { readonly step: "make"; readonly shape: MadeUpShape; readonly side: Side }
  | { readonly step: "explore" }
  | { readonly step: "bin"; readonly bins: number }
  | { readonly step: "sums"; readonly session: string };

export interface FeaturesFigures {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** So far. */
  readonly peakBytes: number;
}

const DEADLINE_MS = 3_600_000;
const MINIMUM_ROWS = 50;
const SMOOTHING = 0.5;

class Party {
  readonly side: Side;
  readonly rowCount: number;
  readonly labels: Float64Array | null;
  readonly #values: Float64Array[];
  #binned: (CategoryColumn & { readonly codes: Uint8Array })[] = [];
  #own: BinCounts[] = [];

  constructor(shape: MadeUpShape, side: Side) {
    this.side = side;
    this.rowCount = shape.rows;
    // A generated column is gone when the next is asked for.
    this.#values = Array.from(madeUpColumns(shape, side), (column) =>
      column.kind === "number" ? column.values.slice() : new Float64Array(0),
    );
    this.labels = side === "guest" ? madeUpLabels(shape) : null;
  }

  explore(): void {
    for (const [i, values] of this.#values.entries())
      describeColumns({ rowCount: this.rowCount, columns: [{ kind: "number", name: `${i}`, values }] }, this.labels);
  }

  bin(bins: number): void {
    const options: FineOptions = { method: "quantile", bins, minimumRows: MINIMUM_ROWS, edges: null, special: [] };
    this.#binned = this.#values.map((values, i) => {
      const { fine, codes } = binColumn({ kind: "number", name: `${i}`, values }, options);
      return { codes, bins: fine.rows.length };
    });
    discard(...this.#values.splice(0));
    const { labels } = this;
    if (labels !== null) this.#own = this.#binned.map(({ codes, bins: count }) => countBins(codes, count, labels));
  }

  async sums(name: string): Promise<number> {
    const meter = createMeter();
    const { link, options } = await openSession({ name, protocol: "features", meter, deadlineMs: DEADLINE_MS });
    const shared = { secrets: systemSecrets(), minimumRows: MINIMUM_ROWS };
    if (this.labels === null) {
      const peer = await openPeer(link, messages, { ...options, role: "host", peerRole: "guest" });
      await host(this.#binned, peer, { ...shared, rows: this.rowCount });
    } else {
      const peer = await openPeer(link, messages, { ...options, role: "guest", peerRole: "host" });
      const counts = await guest(Uint8Array.from(this.labels), peer, shared);
      for (const each of [...this.#own, ...counts.map(({ rows, ones }) => ({ rows: [...rows], ones: [...ones] }))])
        evidence(each, SMOOTHING);
    }
    return meter.total("out") + meter.total("in");
  }
}

let party: Party | null = null;

async function obey(order: FeaturesOrder): Promise<FeaturesFigures> {
  const elapsed = stopwatch();
  let bytes = 0;
  if (order.step === "make") party = new Party(order.shape, order.side);
  else if (party === null) throw new Error("no order has made a table");
  else if (order.step === "explore") party.explore();
  else if (order.step === "bin") party.bin(order.bins);
  else bytes = await party.sums(order.session);
  return { cpuSeconds: elapsed().cpuSeconds, bytes, peakBytes: peakBytes() };
}

obeyOrders(obey);
