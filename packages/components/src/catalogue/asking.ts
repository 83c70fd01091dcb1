/** Who keeps a catalogue, when it asks question after question. */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { idDigests } from "@tombolo/crypto";
import { TagFile } from "@tombolo/datasets";
import { type EncodedIds, encodeIds } from "@tombolo/protocols/psi/ids";
import { entryBytes, idPrefix } from "@tombolo/protocols/psi/unbalanced";
import { type Answers, guest, messages, PAD_MAX } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import type { TaskContext, TaskTable } from "../component.ts";
import { columnNames, field } from "../fields.ts";
import { columnNamed, hostsOf } from "../tables.ts";
import { decodeStored, FILES, type StoredCatalogue } from "./stored.ts";

export const columns = field(
  columnNames.min(1),
  { en: "Columns to get", zh: "获取的列" },
  {
    en: "All columns of the catalogue's records, in their order: what the consent names.",
    zh: "目录记录中的全部列，按其次序列出，即同意书所载内容。",
  },
);

export const idsMax = field(
  z
    .number()
    .int()
    .min(1)
    .max(2 ** 27)
    .default(100_000),
  { en: "Most ids asked", zh: "最多查询标识数" },
  {
    en: "More ids than this in one run are refused before any is answered.",
    zh: "一次查询的标识数超过此值时，在作答前即拒绝。",
  },
);

export const padTo = field(
  z.number().int().min(1).max(PAD_MAX).default(16),
  { en: "Padding step of questions", zh: "提问填充步长" },
  {
    en: "The partner is told the number of ids in steps of this many; the ids that fill a step count against limits too.",
    zh: "向对方提问的标识数按此步长填充；填充的标识同样计入限额。",
  },
);

type Context = TaskContext<{ readonly padTo: number }, unknown>;

export interface Asked {
  readonly data: TaskTable;
  readonly stored: StoredCatalogue;
  /** Rows of `data` with a usable key, and the answer for each. */
  readonly rows: Uint32Array;
  readonly answers: Answers;
}

/** Asks about the keys of all rows of the own table, repeated or not; rows without a usable one are left out. */
export async function askAboutTable(context: Context, check: (stored: StoredCatalogue) => void): Promise<Asked> {
  const stored = decodeStored(await context.inputs.model("catalogue"));
  check(stored);
  const { header } = stored;
  const data = await context.inputs.table("data");
  const ids = idsOf(data, stored);
  const digests = await idDigests(idPrefix(header.catalogue), ids.messages, ids.offsets);
  const peer = await context.peer(messages, "guest", "host", hostsOf(context)[0]!.party);
  context.progress({ stage: "ask", done: 0, total: 1 });
  const entries = await openEntries(context, stored);
  try {
    const { secrets, parameters } = context;
    const answers = await guest(peer, { secrets, header, entries, padTo: parameters.padTo }, (ask) => ask(digests));
    context.progress({ stage: "done", done: 1, total: 1, rows: data.rowCount });
    return { data, stored, rows: ids.rows, answers };
  } finally {
    await entries.close();
  }
}

function idsOf(data: TaskTable, { normalise: rules }: StoredCatalogue): EncodedIds {
  const keys = data.keys.map((name) => ({ column: columnNamed(data, name), rules }));
  return encodeIds(keys, { duplicates: "keep", empty: "remove" });
}

export async function openEntries({ inputs }: Pick<Context, "inputs">, { header }: StoredCatalogue): Promise<TagFile> {
  return TagFile.open(join(await inputs.modelFolder("catalogue"), FILES.tags), entryBytes(header), header.tagBytes);
}

export const noRecords = (): TomboloError =>
  new TomboloError("input.model", "the catalogue holds no records, only ids", {
    remedy: "Make a catalogue with columns, or ask with match-lookup or query-verify.",
  });

/** It would let who asks open records, which the consent says nothing of. */
export const holdsRecords = (): TomboloError =>
  new TomboloError("input.model", "the catalogue holds records, which verification must not open", {
    remedy: "Make a catalogue of the same columns without records.",
  });

/** Why questions are refused, after "that". */
export const REFUSED = {
  query: {
    en: "that too many ids were asked about, that the catalogue's epoch is over, or that it holds other columns",
    zh: "查询数超限、目录已到期，或目录所含的列不符",
  },
  verification: {
    en: "that too many keys were asked about, that the catalogue's epoch is over, or that it holds records",
    zh: "查询数超限、目录已到期，或目录带有记录",
  },
} as const;
