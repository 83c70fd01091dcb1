import { type LoadResult, load } from "./http-load.ts";
import { type PartyProcess, withParties } from "./party-process.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { COLUMNS, cellOf, idOf } from "./serving-model.ts";
import type { BatchFigures, BatchOrder, ServingFigures, ServingOrder } from "./serving-party.ts";

const PARTY = new URL("./serving-party.ts", import.meta.url);
const TREES = 50;
const BODIES = 500;
const MIB = 2 ** 20;

interface Sizes {
  readonly rows: number;
  readonly seconds: number;
  readonly connections: number;
  /** At which latency is looked at too, calls a second. */
  readonly rate: number;
  readonly batchRows: number;
}

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const sizes: Sizes = smoke
    ? { rows: 500, seconds: 0.3, connections: 4, rate: 100, batchRows: 500 }
    : { rows: 100_000, seconds: 10, connections: 64, rate: 2500, batchRows: 1e6 };
  await withParties<ServingOrder, void>(PARTY, async ([bank, telco]) => {
    const port = await serve(bank, telco, sizes.rows);
    await measure(report, { bank, telco, port, ...sizes });
    await Promise.all([bank.do({ kind: "end" }), telco.do({ kind: "end" })]);
    await measureBatch(report, bank, telco, sizes.batchRows, "branches");
    await measureBatch(report, bank, telco, sizes.batchRows / 10, "sum-only");
  });
}

/** Answers the bank's port, once rows are scored there. */
async function serve(bank: Party, telco: Party, rows: number): Promise<number> {
  const [port] = await Promise.all([
    bank.do({ kind: "serve", role: "guest", trees: TREES, rows }),
    telco.do({ kind: "serve", role: "host", trees: TREES, rows }),
  ]);
  await served(port as number);
  return port as number;
}

type Party = PartyProcess<ServingOrder>;

/** Until a known row has a score. */
async function served(port: number): Promise<void> {
  const [body] = bodiesOf(1, 1);
  let last: unknown;
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: body!.toString() };
    const answer = await fetch(`http://127.0.0.1:${port}/score`, options).then((each) => each.json());
    last = answer;
    if ((answer as { rows?: { score?: number }[] }).rows?.[0]?.score !== undefined) return;
  }
  throw new Error(`the service did not come up: ${JSON.stringify(last)}`);
}

/** Of `rowsEach` rows of the host's table, one after another. */
const bodiesOf = (count: number, rowsEach: number, rows = count * rowsEach): Buffer[] =>
  Array.from({ length: count }, (_, call) => {
    const body = Array.from({ length: rowsEach }, (_, i) => {
      const row = (call * rowsEach + i) % rows;
      const names = Array.from({ length: COLUMNS }, (_, c) => [`x${c}`, cellOf(row, c)] as const);
      return { id: idOf(row), features: Object.fromEntries(names) };
    });
    return Buffer.from(JSON.stringify({ rows: body }));
  });

interface Setup extends Sizes {
  readonly bank: Party;
  readonly telco: Party;
  readonly port: number;
}

async function measure(
  report: Reporter,
  { bank, telco, port, rows, seconds, connections, rate }: Setup,
): Promise<void> {
  const single = bodiesOf(Math.min(BODIES, rows), 1, rows);
  const hundred = bodiesOf(20, 100, rows);
  const run = async (path: string, bodies: readonly Buffer[], rate: number | null, sockets = connections) => {
    const result = await load({ port, path, bodies, connections: sockets, seconds, rate });
    if (result.failed > 0) throw new Error(`${result.failed} of ${result.calls} calls to ${path} failed`);
    return result;
  };
  await run("/score", single, null); // warms up
  const echo = await run("/echo", single, null);
  const [before, there] = [await figures(bank), await figures(telco)];
  const own = process.cpuUsage();
  const score = await run("/score", single, null);
  const { user, system } = process.cpuUsage(own);
  const [after, now] = [await figures(bank), await figures(telco)];
  row(report, "yardstick: echo, one row a call", echo.perSecond, "calls/s");
  row(report, `scores, one row a call, ${TREES} trees`, score.perSecond, "scores/s", score.perSecond / echo.perSecond);
  row(report, "bytes between the parties, a score", (after.bytes - before.bytes) / score.calls, "B");
  const times = {
    "the bank's node": after.nodeSeconds - before.nodeSeconds,
    "the bank's runner": after.runnerSeconds - before.runnerSeconds,
    "the telco's node": now.nodeSeconds - there.nodeSeconds,
    "the telco's runner": now.runnerSeconds - there.runnerSeconds,
    "the generator of load": (user + system) / 1e6,
  };
  for (const [who, cpu] of Object.entries(times))
    row(report, `processor time of ${who}, a score`, (cpu * 1e6) / score.calls, "us");
  const halfEcho = await run("/echo", single, score.perSecond / 2);
  const half = await run("/score", single, score.perSecond / 2);
  latencies(report, "yardstick: echo at that rate", halfEcho);
  latencies(report, "at half the load", half, halfEcho);
  const fixed = await run("/score", single, rate);
  latencies(report, `at ${Math.round(fixed.perSecond)} scores/s`, fixed);
  const echoMany = await run("/echo", hundred, null, 8);
  const many = await run("/score", hundred, null, 8);
  row(report, "yardstick: echo, 100 rows a call", echoMany.perSecond * 100, "rows/s");
  const ratio = many.perSecond / echoMany.perSecond;
  row(report, `scores, 100 rows a call, ${TREES} trees`, many.perSecond * 100, "scores/s", ratio);
  for (const [party, { nodeBytes, runnerBytes }] of [
    ["bank", await figures(bank)],
    ["telco", await figures(telco)],
  ] as const) {
    row(report, `memory of the ${party}'s runner`, runnerBytes / MIB, "MiB");
    row(report, `memory of the ${party}'s node`, nodeBytes / MIB, "MiB");
  }
}

/** A whole table, from start of the tasks to the table written. */
async function measureBatch(
  report: Reporter,
  bank: Party,
  telco: Party,
  rows: number,
  form: BatchOrder["form"],
): Promise<void> {
  const order = { kind: "batch", trees: TREES, rows, form } as const;
  const [guest, host] = (await Promise.all([
    bank.do({ ...order, role: "guest" }),
    telco.do({ ...order, role: "host" }),
  ])) as [BatchFigures, BatchFigures];
  const million = rows === 1e6 ? "10^6" : String(rows);
  row(report, `${million} rows of a table, ${TREES} trees, ${form}`, Math.max(guest.seconds, host.seconds), "s");
  row(report, "processor time of that, the bank's runner", guest.cpuSeconds, "s");
  row(report, "processor time of that, the telco's runner", host.cpuSeconds, "s");
  row(report, "most memory of that, the bank's runner", guest.peakBytes / MIB, "MiB");
  row(report, "most memory of that, the telco's runner", host.peakBytes / MIB, "MiB");
}

/** The meter is told four times a second. */
async function figures(party: Party): Promise<ServingFigures> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return (await party.do({ kind: "figures" })) as ServingFigures;
}

function latencies(report: Reporter, name: string, { p50, p99 }: LoadResult, yardstick?: LoadResult): void {
  row(report, `p50 ${name}`, p50, "ms", yardstick && yardstick.p50 / p50);
  row(report, `p99 ${name}`, p99, "ms", yardstick && yardstick.p99 / p99);
}

const row = (report: Reporter, name: string, value: number, unit: string, ratio?: number): void =>
  report.row({ bench: "serving", case: name, value, unit, ...(ratio === undefined ? {} : { ratio }) });
