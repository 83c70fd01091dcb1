/**
 * Why each row has its score: the columns that moved it most, by name, from the contributions beside the score. Own columns stand
 * one by one, each host, or all of them, as one. Local: contributions are there already, and nobody learns anything.
 */
import { type NumberColumn, type TextColumn, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { CONTRIBUTION_PREFIX } from "../boosting-predict/explain.ts";
import { aligned, component, one, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { field } from "../fields.ts";

const REASONS_MAX = 10;

const parameters = z.strictObject({
  reasons: field(
    z.number().int().min(1).max(REASONS_MAX).default(4),
    { en: "Reasons", zh: "原因数" },
    { en: "For each row, at most.", zh: "每行最多列出的原因数。" },
  ),
  direction: field(
    z.enum(["raised", "lowered"]).default("raised"),
    { en: "Reasons are what", zh: "原因取自" },
    {
      en: "raised: what raised the score most, as for a score that means risk. lowered: what took most points away, as for a scorecard.",
      zh: "raised：抬高分数最多的列（分数代表风险时）；lowered：扣分最多的列（评分卡）。",
    },
  ),
});
type Context = TaskContext<z.output<typeof parameters>, Record<string, never>>;

export const reasonCodes = component({
  name: "reason-codes",
  version: "1.0.0",
  title: { en: "Reason codes", zh: "原因码" },
  summary: {
    en: "Names for each row the columns that moved its score most; the partners' columns count as one.",
    zh: "为每行列出对其分数影响最大的列；合作方的列合并计为一项。",
  },
  roles: { guest: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: null,
  use: "both",
  discloses: () => [],
  run: { guest: run },
});

async function run(context: Context): Promise<void> {
  const { inputs, outputs, parameters: given } = context;
  const data = await inputs.table("data");
  const moved = contributionsIn(data);
  const found = new Reasons(moved, given.reasons, given.direction === "raised" ? 1 : -1);
  for (let row = 0; row < data.rowCount; row++) found.add(row);
  await outputs.table("data", { ...data, columns: [...data.columns, ...found.columns(data)] });
  await outputs.report("report", {
    kind: "reason-codes",
    title: { en: "Reason codes", zh: "原因码" },
    data: { rows: data.rowCount, direction: given.direction, reasons: found.counts() },
  });
  context.progress({ stage: "evaluate", done: 1, total: 1, rows: data.rowCount });
}

function contributionsIn(data: TaskTable): NumberColumn[] {
  const found = data.columns.flatMap((column) =>
    column.kind === "number" && column.name.startsWith(CONTRIBUTION_PREFIX) ? [column] : [],
  );
  if (found.length > 0) return found;
  throw new TomboloError("input.columns", "the table has no contributions beside the score", {
    remedy: 'Score it with "contributions".',
  });
}

/** The largest contributions of a row in one direction, largest first; of equal ones the column that comes first. */
class Reasons {
  readonly #names: readonly string[];
  readonly #moved: readonly NumberColumn[];
  readonly #sign: 1 | -1;
  /** Of each place the columns' codes, row by row. */
  readonly #codes: readonly Int32Array[];
  readonly #first: Float64Array;
  readonly #any: Float64Array;

  constructor(moved: readonly NumberColumn[], count: number, sign: 1 | -1) {
    const rows = moved[0]!.values.length;
    this.#names = moved.map(({ name }) => name.slice(CONTRIBUTION_PREFIX.length));
    this.#moved = moved;
    this.#sign = sign;
    this.#codes = Array.from({ length: Math.min(count, moved.length) }, () => new Int32Array(rows).fill(-1));
    this.#first = new Float64Array(moved.length);
    this.#any = new Float64Array(moved.length);
  }

  add(row: number): void {
    const by = this.#moved.map(({ values }) => this.#sign * values[row]!);
    const taken = [...by.keys()].filter((i) => by[i]! > 0).sort((a, b) => by[b]! - by[a]! || a - b);
    for (const [place, codes] of this.#codes.entries()) {
      const code = taken[place];
      if (code === undefined) return;
      codes[row] = code;
      this.#any[code]!++;
      if (place === 0) this.#first[code]!++;
    }
  }

  /** Throws `input.columns` where the table has one of that name. */
  columns({ columns }: TaskTable): TextColumn[] {
    return this.#codes.map((codes, place) => {
      const name = `reason_${place + 1}`;
      if (columns.some((column) => column.name === name))
        throw new TomboloError("input.columns", `a column of the table is called "${name}" already`, {
          remedy: "Leave that column out.",
        });
      return { kind: "text", name, codes, categories: this.#names };
    });
  }

  /** How many rows each column is the first reason of, and any. */
  counts() {
    return this.#names
      .map((name, i) => ({ name, first: this.#first[i]!, any: this.#any[i]! }))
      .sort((a, b) => b.first - a.first || b.any - a.any);
  }
}
