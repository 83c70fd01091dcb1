/** Sessions of a host with all others, in the flow's order of hosts: of each two the one that comes first is the earlier. */
import type { MessageTable, Peer } from "@tombolo/channel";
import type { TaskContext } from "../component.ts";
import { hostsOf } from "../tables.ts";

export type PairOf<M extends MessageTable> =
  | { readonly side: "earlier"; readonly peer: Peer<M, "earlier"> }
  | { readonly side: "later"; readonly peer: Peer<M, "later"> };

export function otherHosts<M extends MessageTable>(
  context: TaskContext<unknown, unknown>,
  messages: M,
): Promise<PairOf<M>[]> {
  const hosts = hostsOf(context).map(({ party }) => party);
  const place = hosts.indexOf(context.self.party);
  return Promise.all(
    hosts.flatMap((party, there): Promise<PairOf<M>>[] => {
      if (there === place) return [];
      if (place < there)
        return [context.peer(messages, "earlier", "later", party).then((peer) => ({ side: "earlier", peer }))];
      return [context.peer(messages, "later", "earlier", party).then((peer) => ({ side: "later", peer }))];
    }),
  );
}
