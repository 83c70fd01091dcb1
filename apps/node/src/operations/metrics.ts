/** What Prometheus scrapes: this process, its jobs, partners, disk and certificates. Labels name parties, never data. */
import { X509Certificate } from "node:crypto";
import { sql } from "kysely";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { diskFree } from "../config/data-folder.ts";
import type { NodeContext } from "../context.ts";
import type { Answered, Connection } from "../partner/side.ts";
import { version } from "../version.ts";

/** Of the network; absent in a context without partners. */
export interface PartnerView {
  partners(): Promise<readonly string[]>;
  connection(party: string): Connection | null;
  answered(): readonly Answered[];
}

const REQUEST_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export class NodeMetrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram;

  constructor(context: NodeContext, network: PartnerView) {
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: "tombolo_http_request_duration_seconds",
      help: "Requests of the API, by route",
      labelNames: ["method", "route", "status"],
      buckets: REQUEST_SECONDS,
      registers: [this.#registry],
    });
    this.#ofNode(context);
    this.#ofWork(context);
    this.#ofPartners(network);
    this.#ofRequests(network);
  }

  readonly contentType: string = this.#registry.contentType;

  /** `route` is the pattern, not the address. */
  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  text = (): Promise<string> => this.#registry.metrics();

  #ofNode({ config, keys, paths, journal }: NodeContext): void {
    this.#gauge("tombolo_info", "1; version and party are labels", ["party", "version"], async (gauge) =>
      gauge.set({ party: config.party, version }, 1),
    );
    this.#gauge("tombolo_disk_free_bytes", "Free on the data directory's disk", [], async (gauge) =>
      gauge.set(await diskFree(paths)),
    );
    this.#gauge("tombolo_journal_entries", "Entries of the journal", [], async (gauge) =>
      gauge.set(await journal.size()),
    );
    const certificates = { partners: keys.tls.certificatePem, console: keys.console.certificatePem };
    this.#gauge(
      "tombolo_certificate_expires_timestamp_seconds",
      "End of the certificate that partners or browsers see",
      ["certificate"],
      async (gauge) => {
        for (const [certificate, pem] of Object.entries(certificates))
          gauge.set({ certificate }, new X509Certificate(pem).validToDate.getTime() / 1000);
      },
    );
  }

  #ofWork({ store }: NodeContext): void {
    this.#gauge("tombolo_jobs", "Jobs by status", ["status"], async (gauge) => {
      gauge.reset();
      const { rows } = await sql<{ status: string; n: number }>`
        select status, count(*)::int as n from jobs group by status`.execute(store.db);
      for (const { status, n } of rows) gauge.set({ status }, n);
    });
    this.#gauge("tombolo_tasks_running", "Own parts of tasks under way", [], async (gauge) => {
      const running = store.db.selectFrom("attempts").where("status", "=", "RUNNING");
      gauge.set(Number((await running.select((eb) => eb.fn.countAll().as("n")).executeTakeFirstOrThrow()).n));
    });
    this.#gauge("tombolo_exchanged_bytes", "Bytes of tasks so far", ["partner", "direction"], async (gauge) => {
      const { rows } = await sql<{ partner: string; direction: string; n: number }>`
        select partner, direction, sum(bytes)::float8 as n from meter group by partner, direction`.execute(store.db);
      for (const { partner, direction, n } of rows) gauge.set({ partner, direction }, n);
    });
  }

  #ofPartners(network: PartnerView): void {
    this.#gauge("tombolo_partner_up", "1 while the partner is connected", ["partner"], async (gauge) => {
      gauge.reset();
      for (const partner of await network.partners())
        gauge.set({ partner }, network.connection(partner)?.state === "up" ? 1 : 0);
    });
    this.#gauge("tombolo_partner_rtt_seconds", "Last ping to the partner", ["partner"], async (gauge) => {
      gauge.reset();
      for (const partner of await network.partners()) {
        const rttMs = network.connection(partner)?.rttMs;
        if (rttMs !== null && rttMs !== undefined) gauge.set({ partner }, rttMs / 1000);
      }
    });
  }

  #ofRequests(network: PartnerView): void {
    const counter: Counter = new Counter({
      name: "tombolo_partner_requests_total",
      help: "Requests of partners, by path",
      labelNames: ["partner", "path"],
      registers: [this.#registry],
      collect() {
        counter.reset();
        for (const { partner, path, requests } of network.answered()) counter.inc({ partner, path }, requests);
      },
    });
  }

  #gauge(name: string, help: string, labelNames: readonly string[], fill: (gauge: Gauge) => Promise<void>): void {
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.#registry], collect: () => fill(gauge) });
  }
}
