import { systemSecrets } from "@tombolo/base";
import { SLOTS } from "@tombolo/crypto";
import { dryRun } from "@tombolo/protocols/secret-sharing/engine";
import type { EngineFigures, EngineOrder } from "./engine-party.ts";
import { type Operation, program } from "./engine-program.ts";
import { type Parties, withParties } from "./party-process.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./engine-party.ts", import.meta.url);
const YARDSTICK_MS = 500;
const ROLES = ["first", "second"] as const;
const CASES: readonly (readonly [Operation, number])[] = [
  ["compare", 1e5],
  ["compare", 1e6],
  ["compare short", 1e6],
  ["sigmoid fast", 1e5],
  ["sigmoid fast", 1e6],
  ["sigmoid", 1e5],
  ["multiply", 1e5],
  ["multiply", 1e6],
];
/** A whole batch: keys are exchanged before anything is timed, and no product is left over. */
const KEYS_COUNT = SLOTS;
const SMOKE_COUNT = 200;
/** Beyond it a dry run would take longer than what it counts is worth knowing here: it grows with the count. */
const AHEAD_MAX = 1e5;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "engine", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  await withParties<EngineOrder, void>(PARTY, async (parties) => {
    await Promise.all([
      parties[0].do({ kind: "open", role: "first" }),
      parties[1].do({ kind: "open", role: "second" }),
    ]);
    await runBoth(parties, "multiply", KEYS_COUNT, false);
    const cases = smoke
      ? CASES.filter(([, count]) => count === 1e5).map(([name]) => [name, SMOKE_COUNT] as const)
      : CASES;
    for (const [operation, count] of cases) await benchCase(report, parties, operation, count, perSecond);
  });
}

async function benchCase(
  report: Reporter,
  parties: Parties<EngineOrder>,
  operation: Operation,
  count: number,
  perSecond: number,
): Promise<void> {
  const name = `${operation} ${count.toLocaleString("en")}`;
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "engine", case: name + what, value, unit });
  const all = await runBoth(parties, operation, count, false);
  const seconds = Math.max(...all.map((figures) => figures.seconds));
  report.row({ bench: "engine", case: name, value: seconds, unit: "s", ratio: count / seconds / perSecond });
  row(", processor time of both", all[0].cpuSeconds + all[1].cpuSeconds, "s");
  row(", bytes", all[0].bytes / 1e6, "MB");
  row(", peak memory", Math.max(...all.map(({ peakBytes }) => peakBytes)) / 2 ** 20, "MiB");
  if (count > AHEAD_MAX) return;
  const cost = await dryRun("first", systemSecrets(), program(operation, count));
  row(", rounds", cost.rounds, "");
  const keys = ROLES.reduce((sum, role) => sum + ({ ...cost.out, ...cost.in }[`${role}Keys`]?.bytes ?? 0), 0);
  const foreseen = cost.bytes - SET_UP_BYTES - keys;
  if (foreseen !== all[0].bytes) throw new Error(`${foreseen} bytes foreseen, ${all[0].bytes} moved`);
  const ahead = await runBoth(parties, operation, count, true);
  row(", made ahead", Math.max(...ahead.map((figures) => figures.aheadSeconds)), "s");
  row(", online", Math.max(...ahead.map((figures) => figures.seconds)), "s");
}

/** What both directions of base transfers, and those of one in sixteen, took when the session was opened. */
const SET_UP_BYTES = 2 * (8192 + 4096 + 4096 + 992 + 7680);

async function runBoth(parties: Parties<EngineOrder>, operation: Operation, count: number, ahead: boolean) {
  const run = async (place: 0 | 1): Promise<EngineFigures> => {
    const cost = ahead ? await dryRun(ROLES[place], systemSecrets(), program(operation, count)) : null;
    return (await parties[place].do({
      kind: "run",
      operation,
      count,
      ahead: cost?.correlations ?? null,
    })) as EngineFigures;
  };
  return Promise.all([run(0), run(1)]);
}
