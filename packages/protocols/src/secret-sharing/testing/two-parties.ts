/** Both parties of a two-party computation in one process. */
import { type Cost, type Me, runParties } from "@tombolo/test-kit";
import { Engine, type EngineOptions } from "../engine/index.ts";
import {
  type Link,
  type MessageCost,
  messages,
  type Role,
  type TwoParty,
  type TwoPartyPeer,
  twoParty,
} from "../two-party/index.ts";

export const ends = {
  first: async (me: Me): Promise<TwoPartyPeer> => ({
    role: "first",
    peer: await me.peer(messages, "first", "bob", "second"),
  }),
  second: async (me: Me): Promise<TwoPartyPeer> => ({
    role: "second",
    peer: await me.peer(messages, "second", "alice", "first"),
  }),
};

export interface Run<R> {
  readonly first: R;
  readonly second: R;
  readonly cost: Cost;
}

export async function run<R>(
  seed: number,
  program: (me: TwoParty) => Promise<R>,
  window = 8,
  link: Link = "fast",
): Promise<Run<R>> {
  const start = (role: Role) => async (me: Me) =>
    program(await twoParty(await ends[role](me), { secrets: me.secrets, link }));
  const { results, world } = await runParties({ seed, window }, ["alice", start("first")], ["bob", start("second")]);
  return { first: results[0], second: results[1], cost: world.cost };
}

export const runEngines = <R>(seed: number, program: (me: Engine) => Promise<R>, options?: EngineOptions) =>
  run(seed, (backend) => program(new Engine(backend, options)));

/** Messages of a direction that were sent at all, as a dry run counts them. */
export const sent = (counts: Readonly<Record<string, MessageCost>>): Readonly<Record<string, MessageCost>> =>
  Object.fromEntries(Object.entries(counts).filter(([, { messages }]) => messages > 0));
