import { PartyProcess, withParties } from "./party-process.ts";
import type { HiddenFigures, KeywordOrder, QueryOrder } from "./queries-party.ts";
import type { BenchOptions, Reporter } from "./report.ts";

const PARTY = new URL("./queries-party.ts", import.meta.url);

interface Sizes {
  readonly speed: { readonly bytes: number; readonly rounds: number };
  readonly keyword: { readonly rows: number; readonly asked: number; readonly batches: number };
  readonly verify: { readonly rows: number; readonly asked: number; readonly batches: number; readonly rate: number };
  readonly hidden: { readonly rows: number; readonly asked: number };
}

const FULL: Sizes = {
  speed: { bytes: 2 ** 28, rounds: 20 },
  keyword: { rows: 1e7, asked: 1000, batches: 9 },
  verify: { rows: 1e6, asked: 1000, batches: 2000, rate: 200 },
  hidden: { rows: 1e6, asked: 50 },
};
const SMOKE: Sizes = {
  speed: { bytes: 2 ** 21, rounds: 2 },
  keyword: { rows: 2000, asked: 20, batches: 1 },
  verify: { rows: 2000, asked: 20, batches: 10, rate: 200 },
  hidden: { rows: 500, asked: 2 },
};
const RECORD_BYTES = 32;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const sizes = smoke ? SMOKE : FULL;
  await benchSpeed(report, sizes.speed);
  await withParties<QueryOrder, void>(PARTY, async ([bank, telco]) => {
    await benchHidden(report, bank, telco, sizes.hidden);
    const batch = { name: "keyword", recordBytes: RECORD_BYTES, rate: null, ...sizes.keyword };
    const { asked, rows } = batch;
    const keyword = `${asked} keys in ${rows.toLocaleString("en")} rows, ${RECORD_BYTES} B each`;
    row(report, keyword, quantile(await ask(bank, telco, batch), 0.5) / 1000, "s");
    const single = { name: "verify", recordBytes: 0, ...sizes.verify };
    const took = await ask(bank, telco, single);
    row(report, `verification at ${single.rate}/s, p50`, quantile(took, 0.5), "ms");
    row(report, `verification at ${single.rate}/s, p99`, quantile(took, 0.99), "ms");
  });
}

/** On one core: the kernels take all there are otherwise. */
async function benchSpeed(report: Reporter, size: Sizes["speed"]): Promise<void> {
  const alone = new PartyProcess<QueryOrder>(PARTY, "server", { RAYON_NUM_THREADS: "1" });
  try {
    const { answer, read } = (await alone.do({ kind: "speed", ...size })) as { answer: number[]; read: number[] };
    const gigabytes = (secondsPerByte: readonly number[]): number => 1e-9 / Math.min(...secondsPerByte);
    row(report, "yardstick: plain read of memory, a core", gigabytes(read), "GB/s");
    row(report, "hidden retrieval, a core", gigabytes(answer), "GB/s", gigabytes(answer) / gigabytes(read));
  } finally {
    await alone.end();
  }
}

type Party = PartyProcess<QueryOrder>;

async function benchHidden(report: Reporter, bank: Party, telco: Party, sizes: Sizes["hidden"]): Promise<void> {
  const order = { kind: "hidden", recordBytes: RECORD_BYTES, ...sizes } as const;
  const [guest, host] = (await Promise.all([
    bank.do({ ...order, role: "guest" }),
    telco.do({ ...order, role: "host" }),
  ])) as [HiddenFigures, HiddenFigures];
  const name = `hidden retrieval, ${sizes.rows.toLocaleString("en")} x ${RECORD_BYTES} B`;
  row(report, `${name}, one look-up`, quantile(guest.milliseconds, 0.5), "ms");
  row(report, `${name}, p99`, quantile(guest.milliseconds, 0.99), "ms");
  row(report, `${name}, server`, quantile(host.server, 0.5), "ms");
  row(report, `${name}, prepared ahead`, quantile(guest.preparing, 0.5), "ms");
  row(report, `${name}, table made once`, host.seconds, "s");
  row(report, `${name}, table in memory`, host.cells / 1e6, "MB");
  row(report, `${name}, hint kept by the asker`, host.hint / 1e6, "MB");
}

/** Milliseconds of each question. */
async function ask(bank: Party, telco: Party, order: Omit<KeywordOrder, "kind" | "role">): Promise<number[]> {
  const [took] = await Promise.all([
    bank.do({ kind: "keyword", role: "guest", ...order }),
    telco.do({ kind: "keyword", role: "host", ...order }),
  ]);
  return took as number[];
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

const row = (report: Reporter, name: string, value: number, unit: string, ratio?: number): void =>
  report.row({ bench: "queries", case: name, value, unit, ...(ratio === undefined ? {} : { ratio }) });
