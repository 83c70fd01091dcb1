/** All parties of an additive computation in one process. */
import { type Cost, type Me, runWorld, type WorldOptions } from "@tombolo/test-kit";
import { type Additive, type AdditivePeer, additive, messages, type Parties } from "../additive/index.ts";
import type { RoundCounter } from "./rounds.ts";

export async function partiesOf(me: Me): Promise<Parties> {
  const place = me.parties.indexOf(me.id);
  const peers = await Promise.all(
    me.parties.map(async (role, there): Promise<readonly [string, AdditivePeer] | null> => {
      if (there === place) return null;
      return place < there
        ? [role, await me.peer(messages, "first", role, "second")]
        : [role, await me.peer(messages, "second", role, "first")];
    }),
  );
  return { roles: me.parties, self: me.id, peers: new Map(peers.filter((peer) => peer !== null)) };
}

export interface Several<R> {
  readonly results: Readonly<Record<string, R>>;
  readonly cost: Cost;
}

export async function runSeveral<R>(
  roles: readonly string[],
  { observe, ...options }: WorldOptions & { readonly observe?: RoundCounter },
  program: (me: Additive) => Promise<R>,
): Promise<Several<R>> {
  const world = await runWorld(roles, options, async (me) => {
    const parties = await partiesOf(me);
    return program(await additive(observe?.observe(parties) ?? parties, me.secrets));
  });
  const results = Object.fromEntries(roles.map((role) => [role, world.result(role)]));
  return { results, cost: world.cost };
}
