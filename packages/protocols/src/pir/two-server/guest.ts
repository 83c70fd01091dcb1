/**
 * Hidden retrieval of single values by key from two hosts that have the same table and do not pool what they see: neither learns
 * anything of the key, whatever it can compute.
 *
 * Paper: Chor, Goldreich, Kushilevitz, Sudan, "Private information retrieval", FOCS 1995 (two servers, a square's side of
 * communication), over the keyword index and table of pir/simple. Deviation: the choice u, with a one at each of a key's three columns, is
 * shared by addition modulo 256 instead of XOR, so that table, index and kernel are those of pir/simple.
 *
 * 1. guest -> both: it begins.   2. both -> guest: sizes and seeds, which must be the same.
 * 3. guest -> one: r, uniform; guest -> other: u - r, uniform as well.   4. both -> guest: D·r and D·(u - r), of which the sum is D·u.
 * 3 and 4 go on until a query is empty.
 *
 * Learns. A host: how many queries, and when; nothing else, unconditionally, as long as the two do not pool their queries: together they know
 * all. Guest: its value, or that there is none; and sums of entries of other groups (pir/simple: seal what it must not learn).
 * Adversary: hosts semi-honest and apart; a wrong answer goes unnoticed unless the check bytes tell. Guest any.
 *
 * Rounds: 2, then 1 a query. Bytes: `columns` to each host, a byte a row back from each.
 */
import { equalBytes, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  description as codec,
  type Description,
  digestsOf,
  entryBytes,
  groupOf,
  KEY_BYTES,
  positionsOf,
  rowsOf,
  valueIn,
} from "../simple/index.ts";
import type { messages } from "./messages.ts";

export const STAGE = "pir/two-server";
export type Host = Peer<typeof messages, "guest">;

/** The value of a 16-byte key; null: there is none. */
export type Retrieve = (key: Uint8Array) => Promise<Uint8Array | null>;

/** Lets `use` ask, and tells both hosts when it is done. */
export async function guest<T>(
  hosts: readonly [Host, Host],
  secrets: Secrets,
  use: (retrieve: Retrieve) => Promise<T>,
): Promise<T> {
  await Promise.all(hosts.map((host) => host.send("open", undefined))); // 1
  const [first, second] = await Promise.all(hosts.map((host) => host.receive("description"))); // 2
  if (!equalBytes(codec.encode(first!), codec.encode(second!)))
    throw new TomboloError("protocol.copies", "the two partners' tables are not copies of one another", {
      stage: STAGE,
    });
  const result = await use((key) => retrieveOne(key, hosts, first!, secrets));
  await Promise.all(hosts.map((host) => host.send("query", new Uint8Array(0))));
  return result;
}

async function retrieveOne(
  key: Uint8Array,
  hosts: readonly [Host, Host],
  description: Description,
  secrets: Secrets,
): Promise<Uint8Array | null> {
  if (key.length !== KEY_BYTES) throw new RangeError("a key of a wrong length");
  const digest = await digestsOf(key, description.hashSeed);
  const group = groupOf(digest, description);
  const share = secrets.bytes(description.columns).slice(); // r
  const other = share.map((byte) => -byte); // -r
  for (const position of positionsOf(digest, description.salts[group]!, description)) other[position]! += 1; // u - r
  const ask = async (host: Host, query: Uint8Array): Promise<Uint8Array> => {
    const [answer] = await Promise.all([host.receive("answer"), host.send("query", query)]); // 3, 4
    if (answer.length !== rowsOf(description))
      throw refused("size", "the partner's answer has another size", host.party);
    return answer;
  };
  const [a, b] = await Promise.all([ask(hosts[0], share), ask(hosts[1], other)]);
  const width = entryBytes(description);
  const entry = Uint8Array.from({ length: width }, (_, byte) => a[group * width + byte]! + b[group * width + byte]!);
  return valueIn(entry, digest);
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
