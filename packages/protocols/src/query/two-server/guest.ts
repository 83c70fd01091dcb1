/**
 * Keyword query with two servers: the record of single keys from a sealed table that its owner and a second party have; neither
 * learns anything of the keys, whatever it can compute, as long as the two stay apart. It is query/hidden with pir/two-server in place
 * of pir/simple.
 *
 * Papers: Chor, Goldreich, Kushilevitz, Sudan, FOCS 1995 (two servers); Freedman, Ishai, Pinkas, Reingold, TCC 2005 (retrieval made symmetric by
 * an oblivious function). Deviation: the second server needs no copy of the rows. The owner hands it the table of sealed entries,
 * which are random to whoever has not had the function evaluated.
 *
 * Offline: host -> keeper: the table.   Once: host -> guest: what it is.
 * 1. Questions as in query/keyword, with the host.   2. For each id of a question, padding included, a retrieval of pir/two-server with both.
 *
 * Learns. Host: how many ids are asked about, rounded up to the guest's step, and when. Keeper: the same, and the table's size. Guest: of each id it
 * asks about whether the table has it, and its record; the table's size. Host and keeper together: every tag that is asked for, and so the host
 * every id. Guest and keeper together: what a holder of a catalogue of query/keyword has, no more.
 * Adversary: guest malicious (as in query/keyword); host and keeper semi-honest and apart.
 *
 * Rounds: 1 a question and 1 an id of it, after 3. Bytes: those of both.
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { guest as retrieveRows } from "../../pir/two-server/index.ts";
import type { CatalogueHeader } from "../../psi/unbalanced/index.ts";
import { plainNamed } from "../../renamed.ts";
import { askByRetrieval } from "../hidden/index.ts";
import type { Asking } from "../keyword/index.ts";
import type { messages } from "./messages.ts";

export interface TwoServerOptions {
  readonly secrets: Secrets;
  readonly header: CatalogueHeader;
  /** Questions have a multiple of so many ids; 1: as many as are asked. */
  readonly padTo: number;
}

type Server = Peer<typeof messages, "guest">;

/** `host` is the owner, who evaluates the function. */
export function guest<T>(
  host: Server,
  keeper: Server,
  options: TwoServerOptions,
  use: (ask: Asking) => Promise<T>,
): Promise<T> {
  const servers = [plainNamed("row", host), plainNamed("row", keeper)] as const;
  return retrieveRows(servers, options.secrets, (retrieve) => askByRetrieval(host, options, retrieve, use));
}
