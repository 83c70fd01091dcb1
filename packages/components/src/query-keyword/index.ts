/**
 * Keyword query: the guest asks about the keys of its rows with a catalogue it keeps, and gets chosen columns of the host's
 * rows beside those that it has; the host learns only how many were asked. Protocol, leakage and adversary:
 * packages/protocols, query/keyword.
 */
import { takeTable } from "@tombolo/base";
import { messages } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { authorisation, referenceLearnt } from "../authorisation.ts";
import { answerAboutTable, checkColumns } from "../catalogue/answering.ts";
import { askAboutTable, columns, idsMax, noRecords, padTo, REFUSED } from "../catalogue/asking.ts";
import {
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  type Participant,
  report,
  type TaskContext,
  table,
} from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { decodeLabels } from "../match-label/labels.ts";
import { hostsOf } from "../tables.ts";

const parameters = z.strictObject({
  columns,
  idsMax,
  padTo,
  authorisation,
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryKeyword = component({
  name: "query-keyword",
  version: "1.1.0",
  title: { en: "Query columns by keyword", zh: "关键字匿踪查询" },
  summary: {
    en: "Keeps the rows whose keys are in a partner's table, with columns of the partner's rows beside them, asked with a catalogue made before; only the asking party learns which.",
    zh: "利用事先构建的目录，保留键值存在于对方表中的行，并取得对方选定列的取值；仅查询方知道是哪些。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: onlyAt(table(), "guest"), catalogue: model() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/keyword", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: {
    guest: runGuest,
    host: (context) => answerAboutTable(context, context.parameters.columns, "query-keyword"),
  },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const [most, step, columns] = [given.idsMax, given.padTo, given.columns.join(", ")];
  return betweenTwo(participants, (guest, partner) => [
    learns(guest, partner, "matched-rows", {
      en: `which of its own rows ${partner.party} had too when the catalogue was made, asking about ${most} ids at most`,
      zh: `自己的哪些行在目录构建时也存在于 ${partner.party}，最多查询 ${most} 个标识`,
    }),
    learns(guest, partner, "matched-values", {
      en: `of each of these, the values of ${columns} as they were in the table of ${partner.party}`,
      zh: `其中每一行在 ${partner.party} 表中 ${columns} 的原始取值`,
    }),
    learns(partner, guest, "asked-count", {
      en: `how many ids ${guest.party} asks about, rounded up to a multiple of ${step}; neither which, nor how many of them it has`,
      zh: `${guest.party} 查询的标识数量（按 ${step} 向上填充）；不知道是哪些，也不知道命中多少`,
    }),
    ...referenceLearnt(partner, guest, given),
    ...earlyEnds([guest, partner], REFUSED.query),
  ]);
}

async function runGuest(context: Context): Promise<void> {
  const partner = hostsOf(context)[0]!.party;
  const { data, stored, rows, answers } = await askAboutTable(context, ({ columns }) => {
    if (columns.length === 0) throw noRecords();
    checkColumns(context.parameters.columns, columns);
  });
  const { recordBytes } = stored.header;
  const hits = Array.from(rows.keys()).filter((i) => answers.found[i] === 1);
  const records = new Uint8Array(hits.length * recordBytes);
  hits.forEach((hit, i) => {
    records.set(answers.records.subarray(hit * recordBytes, (hit + 1) * recordBytes), i * recordBytes);
  });
  const handed = decodeLabels(records, stored.columns, (column) => `${partner}.${column}`, partner);
  const own = takeTable(
    data,
    hits.map((i) => rows[i]!),
  );
  await context.outputs.report("report", {
    kind: "query-keyword",
    title: { en: "Rows found with columns", zh: "查询结果与取得的列" },
    data: {
      matched: hits.length,
      ownRows: data.rowCount,
      removed: { empty: data.rowCount - rows.length, duplicates: 0 },
      version: stored.header.version,
    },
  });
  await context.outputs.table("data", { ...data, ...own, columns: [...own.columns, ...handed], aligned: false });
}
