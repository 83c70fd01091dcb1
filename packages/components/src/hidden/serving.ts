/** Questions to a prepared table that stays with its owner, one by one, as callers of a service ask them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, fromHex, TomboloError } from "@tombolo/base";
import { ID_DIGEST_BYTES } from "@tombolo/crypto";
import {
  type Description,
  DIMENSION,
  description as descriptions,
  HintProducts,
  Prepared,
  rowsOf,
  WithoutHint,
} from "@tombolo/protocols/pir/simple";
import { guest, host, IDS_MAX_HIDDEN, serviceMessages } from "@tombolo/protocols/query/hidden";
import type { Answers, Asking } from "@tombolo/protocols/query/keyword";
import { REFERENCE_BYTES } from "../authorisation.ts";
import { type AnsweringService, type AskingContext, countedAnswers, type LineForm } from "../catalogue/serving.ts";
import { FILES, type StoredCatalogue } from "../catalogue/stored.ts";
import type { TaskContext } from "../component.ts";
import { guestPeer, hostsOf } from "../tables.ts";
import { PreparedAhead } from "./prepared.ts";

export { serviceMessages as messages } from "@tombolo/protocols/query/hidden";

/** Some ten seconds of work at a table of the largest size. */
const KEYS_MAX = 256;
/** Likewise, where each key takes a product of the hint besides. */
const KEYS_MAX_UNHINTED = 16;

/** By retrieval from the partner's table. */
export const byRetrieval: LineForm = {
  of: "retrieval",
  async open(context, stored) {
    const { secrets, parameters } = context;
    const { padTo } = parameters;
    const peer = await context.peer(serviceMessages, "guest", "host", hostsOf(context)[0]!.party);
    const description = describedBy(stored);
    const ahead = keepsHint(stored) ? await preparedAhead(context, description) : null;
    const setup = ahead ?? new WithoutHint(description, peer, secrets);
    const accompany = (references: Uint8Array): Promise<void> => peer.send("companion", references);
    const options = { secrets, header: stored.header, setup, padTo, accompany };
    return {
      get wear() {
        return peer.wear;
      },
      keysMax: ahead === null ? KEYS_MAX_UNHINTED : KEYS_MAX,
      questions: (use) => guest(peer, options, (ask) => use(inParts(ask, padTo, stored.header.recordBytes))),
      close: async () => ahead?.close(),
    };
  },
};

const keepsHint = ({ retrieval }: StoredCatalogue): boolean => retrieval?.hint === "kept";

async function preparedAhead(context: AskingContext, description: Description): Promise<PreparedAhead> {
  const hint = await keptHint(await context.inputs.modelFolder("catalogue"), description);
  return new PreparedAhead(description, () => Prepared.make({ description, hint }, context.secrets));
}

function describedBy({ retrieval }: StoredCatalogue): Description {
  return descriptions.decode(fromHex(retrieval?.description ?? ""));
}

async function keptHint(folder: string, description: Description): Promise<Uint32Array> {
  const bytes = await readFile(join(folder, FILES.hint));
  if (bytes.length !== 4 * DIMENSION * rowsOf(description)) throw incomplete("hint");
  return new Uint32Array(new Uint8Array(bytes).buffer);
}

const incomplete = (what: string): TomboloError =>
  new TomboloError("state.catalogue", `the prepared table's ${what} is not here as it was left`, {
    remedy: "Prepare the table anew.",
  });

/** A question holds so many ids; more go one after another, each part with the references of its ids. */
function inParts(ask: Asking, padTo: number, recordBytes: number): Asking {
  const most = Math.floor(IDS_MAX_HIDDEN / padTo) * padTo;
  return async (digests, companion) => {
    const count = digests.length / ID_DIGEST_BYTES;
    const parts: Answers[] = [];
    for (let from = 0; from < count; from += most) {
      const to = Math.min(count, from + most);
      const references = companion?.subarray(from * REFERENCE_BYTES, to * REFERENCE_BYTES);
      const part = digests.subarray(from * ID_DIGEST_BYTES, to * ID_DIGEST_BYTES);
      parts.push(await ask(part, ...(references === undefined ? [] : [references])));
    }
    const found = concat(...parts.map((each) => each.found));
    return { found, records: recordBytes === 0 ? new Uint8Array(0) : concat(...parts.map((each) => each.records)) };
  };
}

/** The owner's part, until the last question. */
export async function serveFromTable(
  context: TaskContext<AnsweringService, unknown>,
  columns: readonly string[],
): Promise<void> {
  const { answers, ...counting } = await countedAnswers(context, { staying: columns });
  const description = describedBy(answers.stored);
  const folder = await context.inputs.modelFolder("catalogue");
  const cells = new Uint8Array(await readFile(join(folder, FILES.cells)));
  if (cells.length !== rowsOf(description) * description.columns) throw incomplete("table");
  const peer = await guestPeer(context, serviceMessages);
  const hint = keepsHint(answers.stored) ? null : await keptHint(folder, description);
  const hints = hint === null ? {} : { hints: new HintProducts({ description, hint }, peer, context.secrets) };
  const referred = context.parameters.authorisedFor != null;
  const companion = referred ? { companion: () => peer.receive("companion") } : {};
  await host(peer, { ...answers, ...counting, ...companion, ...hints, table: { description, cells } });
}
