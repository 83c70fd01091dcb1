/** All three of a replicated computation in one process. */
import { type Cost, type Me, runWorld } from "@tombolo/test-kit";
import { messages, type Replicated, type Ring, type Role, replicated } from "../replicated/index.ts";

const PARTIES = { alice: "first", bob: "second", carol: "third" } as const;
type Name = keyof typeof PARTIES;
const NAMES: readonly Name[] = ["alice", "bob", "carol"];

export async function ringOf(me: Me): Promise<Ring> {
  const place = (NAMES as readonly string[]).indexOf(me.id);
  const at = (steps: number): Name => NAMES[(place + steps) % NAMES.length]!;
  // Two ends that each wait for the other's first session would wait for ever: both are opened at once.
  const [next, previous] = await Promise.all([
    me.peer(messages, "left", at(1), "right"),
    me.peer(messages, "right", at(2), "left"),
  ]);
  return { role: PARTIES[at(0)], next, previous };
}

export interface Three<R> {
  readonly results: Readonly<Record<Role, R>>;
  readonly cost: Cost;
}

export async function runThree<R>(
  seed: number,
  program: (me: Replicated) => Promise<R>,
  window = 8,
): Promise<Three<R>> {
  const world = await runWorld(NAMES, { seed, window }, async (me) =>
    program(await replicated(await ringOf(me), me.secrets)),
  );
  return {
    results: { first: world.result("alice"), second: world.result("bob"), third: world.result("carol") },
    cost: world.cost,
  };
}
