/**
 * Verification: do the id columns of a row (name, id number, phone) stand together in one row of the partner's table: yes
 * or no for each row of the guest, and nothing else. The host's catalogue is of these columns as one key; protocol, leakage
 * and adversary: packages/protocols, query/keyword.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { messages } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { authorisation, referenceLearnt } from "../authorisation.ts";
import { answerAboutTable } from "../catalogue/answering.ts";
import { askAboutTable, holdsRecords, idsMax, padTo, REFUSED } from "../catalogue/asking.ts";
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
import { columnName, field } from "../fields.ts";

const parameters = z.strictObject({
  answer: field(
    columnName.default("verified"),
    { en: "Column of the answer", zh: "结果列名" },
    {
      en: "1: the id columns of the row stand together at the partner; 0: they do not; empty: one of them is missing.",
      zh: "1：该行各标识列在对方同属一条记录；0：不一致；空：有标识缺失。",
    },
  ),
  idsMax,
  padTo,
  authorisation,
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryVerify = component({
  name: "query-verify",
  version: "1.1.0",
  title: { en: "Verify that values belong together", zh: "要素一致性核验" },
  summary: {
    en: "Says for each row whether its id columns, such as name, id number and phone, stand together in a partner's table: yes or no, and not which differs; only the asking party learns it.",
    zh: "逐行核验姓名、证件号、手机号等标识是否与对方同一条记录一致：只得知是否一致，不知哪一项不符；仅查询方知道结果。",
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
    host: (context) => answerAboutTable(context, [], "query-verify"),
  },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const [most, step] = [given.idsMax, given.padTo];
  return betweenTwo(participants, (guest, partner) => [
    learns(guest, partner, "verified-rows", {
      en: `for each of its rows whether all its id columns stood together in one row of ${partner.party} when the catalogue was made; where they did not, neither which differs nor any value; about ${most} keys at most`,
      zh: `自己的每一行各标识是否在目录构建时与 ${partner.party} 的同一条记录一致；不一致时不知哪一项不符，也不知任何取值；最多核验 ${most} 个`,
    }),
    learns(partner, guest, "asked-count", {
      en: `how many keys ${guest.party} verifies, rounded up to a multiple of ${step}; neither which, nor how many are right`,
      zh: `${guest.party} 核验的数量（按 ${step} 向上填充）；不知道是哪些，也不知道多少一致`,
    }),
    ...referenceLearnt(partner, guest, given),
    ...earlyEnds([guest, partner], REFUSED.verification),
  ]);
}

async function runGuest(context: Context): Promise<void> {
  const name = context.parameters.answer;
  const { data, stored, rows, answers } = await askAboutTable(context, ({ columns }) => {
    if (columns.length > 0) throw holdsRecords();
  });
  if (data.columns.some((column) => column.name === name))
    throw new TomboloError("input.columns", "the table has a column of the answer's name already", {
      remedy: "Name the answer's column otherwise.",
    });
  const values = new Float64Array(data.rowCount).fill(Number.NaN);
  rows.forEach((row, i) => {
    values[row] = answers.found[i]!;
  });
  const answer: Column = { kind: "number", name, values };
  await context.outputs.report("report", {
    kind: "query-verify",
    title: { en: "Rows verified", zh: "核验结果" },
    data: {
      matched: answers.found.reduce((sum, each) => sum + each, 0),
      ownRows: data.rowCount,
      removed: { empty: data.rowCount - rows.length, duplicates: 0 },
      version: stored.header.version,
    },
  });
  await context.outputs.table("data", { ...data, columns: [...data.columns, answer], aligned: false });
}
