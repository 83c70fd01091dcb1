/**
 * Flips, drops, repeats or delays each message of a protocol in turn and checks that it ends well: at every party a
 * typed error, or a result that the protocol documents as right in spite of the change. Hanging is a failure.
 */
import type { MessageTable } from "@tombolo/channel";
import { type TamperAction, tamperFrame } from "@tombolo/transport-memory";
import { type Me, runWorld, type World } from "./run-world.ts";

export interface TamperSuite<R> {
  readonly parties: readonly string[];
  readonly table: MessageTable;
  readonly run: (me: Me) => Promise<R>;
  readonly seed: number;
  /** Default: all. */
  readonly actions?: readonly TamperAction[];
  /** Default: all of the table; fewer where it has rows that this run does not need. */
  readonly names?: readonly string[];
  /** Names whose change a semi-honest protocol cannot notice, with why: it may then end without an error. */
  readonly tolerated?: Readonly<Record<string, string>>;
  /** Also checked for each run, with the name of the message that was changed. */
  readonly check?: (world: World<R>, name: string, action: TamperAction) => void;
  readonly deadlineMs?: number;
}

const ACTIONS: readonly TamperAction[] = ["flip", "replace", "drop", "duplicate", "reorder"];

export async function tamperEvery<R>(suite: TamperSuite<R>): Promise<void> {
  for (const name of suite.names ?? Object.keys(suite.table))
    for (const action of suite.actions ?? ACTIONS) await tamperOne(suite, name, action);
}

async function tamperOne<R>(suite: TamperSuite<R>, name: string, action: TamperAction): Promise<void> {
  const where = `${action} of "${name}" (seed ${suite.seed})`;
  const deadlineMs = suite.deadlineMs ?? 500;
  const attempt = async (deadlineMs: number): Promise<World<R> | undefined> => {
    const hook = tamperFrame({ table: suite.table, name, action });
    const options = { seed: suite.seed, tamper: hook.tamper, deadlineMs };
    const world = await runWorld(suite.parties, options, suite.run);
    return hook.hit() ? world : undefined;
  };
  // On a loaded machine a party may compute for longer than the deadline before the message is sent at all.
  const world = (await attempt(deadlineMs)) ?? (await attempt(20 * deadlineMs));
  if (world === undefined) throw new Error(`${where}: the message never came by`);
  suite.check?.(world, name, action);
  for (const party of suite.parties) {
    const outcome = world.outcomes[party]!;
    if (!outcome.ok && outcome.error.code === "state.internal")
      throw new Error(`${where}: ${party} failed without a typed error: ${outcome.error.message}`, {
        cause: outcome.error,
      });
  }
  const noticed = suite.parties.some((party) => !world.outcomes[party]!.ok);
  if (!noticed && suite.tolerated?.[name] === undefined) throw new Error(`${where}: nobody noticed`);
}
