/** Two-party computing within a session of guest and host: the guest is its first, the host its second. */
import type { Message, MessageTable, Peer } from "@tombolo/channel";
import { messages, type TwoPartyPeer } from "@tombolo/protocols/secret-sharing/two-party";

type Sided<M extends MessageTable> = {
  readonly [K in keyof M]: M[K] extends Message<infer From, infer To, infer T, infer S>
    ? Message<Side<From>, Side<To>, T, S>
    : never;
};
type Side<Role> = Role extends "first" ? "guest" : Role extends "second" ? "host" : Role;
const side = (role: string): string => (role === "first" ? "guest" : role === "second" ? "host" : role);

const sided = <M extends MessageTable>(table: M): Sided<M> =>
  // Object.fromEntries forgets what the type above computes.
  Object.fromEntries(
    Object.entries(table).map(([name, row]) => [name, { ...row, from: side(row.from), to: side(row.to) }]),
  ) as unknown as Sided<M>;

export const engineMessages = sided(messages);

/** `peer` of a table that has `engineMessages`. Roles go with the table, which is made of the engine's by other names of the same roles. */
export const engineEnd = (
  side: "guest" | "host",
  peer: Peer<typeof engineMessages, "guest"> | Peer<typeof engineMessages, "host">,
): TwoPartyPeer => ({ role: side === "guest" ? "first" : "second", peer }) as unknown as TwoPartyPeer;
