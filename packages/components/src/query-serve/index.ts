/**
 * Keyword query as a service: the guest's node is asked about one key after another, and answers with the chosen columns
 * of the partner's row, or that there is none. Protocol, leakage and adversary: packages/protocols, query/keyword.
 */
import { accompaniedMessages as messages } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { paddingFaults, referenceLearnt, referencesLearnt } from "../authorisation.ts";
import { checkColumns } from "../catalogue/answering.ts";
import { columns, noRecords, REFUSED } from "../catalogue/asking.ts";
import { type Found, type LineForm, serveAnswers, serveQuestions, serviceOfQuestions } from "../catalogue/serving.ts";
import type { StoredCatalogue } from "../catalogue/stored.ts";
import { component, type Disclosure, model, one, type Participant, type TaskContext } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { decodeLabels } from "../match-label/labels.ts";
import { hostsOf } from "../tables.ts";

const parameters = z.strictObject({
  columns,
  ...serviceOfQuestions,
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryServe = component({
  name: "query-serve",
  version: "2.0.0",
  title: { en: "Serve keyword queries", zh: "匿踪查询服务" },
  summary: {
    en: "Answers single questions about a partner's table as they are asked, until an agreed moment; the partner learns only how many and when.",
    zh: "在约定时间内逐笔应答对合作方数据表的查询；合作方只知道查询数量与时间。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { catalogue: model() },
  outputs: {},
  protocol: { name: "query/keyword", messages },
  serves: "query",
  use: "both",
  faults: paddingFaults,
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

/** Of what is asked in this form or another. */
export function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const [most, step, columns] = [given.idsMax, given.padTo, given.columns.join(", ")];
  return betweenTwo(participants, (guest, partner) => [
    learns(guest, partner, "matched-values", {
      en: `of each key it asks about until ${given.until}, ${most} in all at most: whether ${partner.party} had it when the catalogue was made, and the values of ${columns}`,
      zh: `在 ${given.until} 之前逐笔查询的每个键（合计最多 ${most} 个）：目录构建时 ${partner.party} 是否拥有，以及 ${columns} 的取值`,
    }),
    learns(partner, guest, "asked-count", {
      en: `when ${guest.party} asks, and how many keys, rounded up to a multiple of ${step}; neither which, nor how many of them it has`,
      zh: `${guest.party} 查询的时间与数量（按 ${step} 向上填充）；不知道是哪些，也不知道命中多少`,
    }),
    ...referenceLearnt(partner, guest, given),
    ...referencesLearnt(partner, guest, given),
    ...earlyEnds([guest, partner], REFUSED.query),
  ]);
}

export function runGuest(context: Context, form?: LineForm): Promise<void> {
  const partner = hostsOf(context)[0]!.party;
  const check = ({ columns }: StoredCatalogue): void => {
    if (columns.length === 0) throw noRecords();
    checkColumns(context.parameters.columns, columns);
  };
  return serveQuestions(context, check, (found, stored) => told(found, stored, partner), form);
}

/** `values` by column; null where the partner has no such row. */
function told({ found, record }: Found, { columns }: StoredCatalogue, partner: string): unknown {
  if (!found) return { found, values: null };
  const values = decodeLabels(record, columns, (column) => column, partner).map((column) => {
    if (column.kind === "text") return [column.name, column.categories[column.codes[0]!] ?? null];
    return [column.name, Number.isNaN(column.values[0]) ? null : column.values[0]];
  });
  return { found, values: Object.fromEntries(values) };
}

function runHost(context: Context): Promise<void> {
  return serveAnswers(context, context.parameters.columns);
}
