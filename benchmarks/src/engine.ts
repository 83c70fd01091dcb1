import { systemSecrets } from "@tombolo/base";
import { SLOTS } from "@tombolo/crypto";
import { dryRun } from "@tombolo/protocols/secret-sharing/engine";
import type { EngineFigures, EngineOrder } from "./engine-party.ts";
import { type Operation, program } from "./engine-program.ts";
import { type Parties, withParties } from "./party-process.ts";
import { type BenchOptions, linkRows, type Reporter } from "./report.ts";
import type { LinkSpeed } from "./slow-link.ts";
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

/** Over a link that is slow. */
const LINK_CASES: readonly (readonly [Operation, number])[] = [
  ["compare", 1e4],
  ["compare", 1e5],
  ["compare short", 1e5],
  ["sigmoid fast", 1e5],
  ["multiply", 1e5],
];

export async function bench(report: Reporter, { smoke, link }: BenchOptions): Promise<void> {
  if (link !== undefined) return benchLink(report, smoke, link);
  const perSecond = x25519PerSecond(smoke ? YARDSTICK_MS / 10 : YARDSTICK_MS);
  report.row({ bench: "engine", case: "yardstick: X25519", value: perSecond, unit: "op/s" });
  await withParties<EngineOrder, void>(PARTY, async (parties) => {
    await Promise.all([
      parties[0].do({ kind: "open", role: "first", transfers: "fast" }),
      parties[1].do({ kind: "open", role: "second", transfers: "fast" }),
    ]);
    await runBoth(parties, "multiply", KEYS_COUNT, false);
    const cases = smoke
      ? CASES.filter(([, count]) => count === 1e5).map(([name]) => [name, SMOKE_COUNT] as const)
      : CASES;
    for (const [operation, count] of cases) await benchCase(report, parties, operation, count, perSecond);
  });
}

/** With what takes least processor time, and with what takes least bytes; beside the whole what its rounds and bytes alone take. */
async function benchLink(report: Reporter, smoke: boolean, link: LinkSpeed): Promise<void> {
  await withParties<EngineOrder, void>(
    PARTY,
    async (parties) => {
      for (const transfers of ["fast", "slow"] as const) {
        await Promise.all(ROLES.map((role, i) => parties[i]!.do({ kind: "open", role, transfers })));
        await runBoth(parties, "multiply", KEYS_COUNT, false);
        for (const [operation, count] of smoke ? LINK_CASES.slice(0, 1) : LINK_CASES) {
          const all = await runBoth(parties, operation, smoke ? SMOKE_COUNT : count, false);
          const name = `${operation} ${count.toLocaleString("en")}, ${transfers === "fast" ? "softspoken" : "silent"}`;
          linkRows(report, "engine", name, slowest(all), link);
        }
      }
    },
    { link },
  );
}

const slowest = (all: readonly [EngineFigures, EngineFigures]): EngineFigures =>
  all[0].seconds > all[1].seconds ? all[0] : all[1];

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
