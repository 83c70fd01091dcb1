/** Who keeps a sealed copy of another's table: goal, messages and guarantees are in guest.ts. */
import type { Peer } from "@tombolo/channel";
import { rowsOf, type Table } from "../../pir/simple/index.ts";
import { host as answerRows } from "../../pir/two-server/index.ts";
import { plainNamed } from "../../renamed.ts";
import { refused } from "./host.ts";
import type { messages } from "./messages.ts";

/** `bytesMax`: a larger table is refused before any of it is taken. */
export async function receiveCopy(owner: Peer<typeof messages, "keeper">, bytesMax: number): Promise<Table> {
  const description = await owner.receive("copyDescription");
  const size = rowsOf(description) * description.columns;
  if (size > bytesMax) throw refused("size", "the table is larger than agreed", owner.party);
  const cells = new Uint8Array(size);
  let filled = 0;
  for await (const part of owner.receiveEach("copyCells")) {
    if (part.length === 0 || filled + part.length > size) throw wrongSize(owner.party);
    cells.set(part, filled);
    filled += part.length;
  }
  if (filled !== size) throw wrongSize(owner.party);
  return { description, cells };
}

/** Answers until the guest has asked its last; returns how many rows were asked for. `admit` is awaited before each. */
export const keeper = (
  table: Table,
  guest: Peer<typeof messages, "host">,
  admit: () => Promise<void>,
): Promise<number> => answerRows(table, plainNamed("row", guest), admit);

const wrongSize = (party: string) => refused("size", "the partner's table has another size than it said", party);
