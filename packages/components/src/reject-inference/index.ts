/**
 * Labels and weights for rejected applicants, who have a score and no label, so that a model can be trained on all who applied. Methods,
 * formulas and sources: packages/federated, scorecard/reject-inference.ts.
 *
 * Local: the guest has labels and scores. Rows stay as they are at every party, with one exception: fuzzy augmentation makes of a rejected row
 * a bad and a good one. Were only those doubled, hosts would learn who was rejected, so that every row is (the accepted with half their weight).
 */
import { type Column, TomboloError, takeTable } from "@tombolo/base";
import {
  type Applicants,
  acceptedOnly,
  type Bands,
  bandsOf,
  checkLabels,
  checkScores,
  fuzzy,
  hardCutoff,
  type Inferred,
  parcelling,
  reweighting,
} from "@tombolo/federated/scorecard";
import { z } from "zod";
import {
  aligned,
  anyNumber,
  component,
  type Disclosure,
  one,
  onlyAt,
  optional,
  type Participant,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { secondScores } from "../evaluate/second.ts";
import { ranksOf } from "../row-choice/draw.ts";
import { alignedInput, distinctRows } from "../tables.ts";
import { completed, knownLabels } from "./labels.ts";
import { methodFaults, type Parameters, parameters } from "./parameters.ts";
import { shown, summaryOf } from "./report.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

const LABELS = { key: "tombolo/reject-inference/1/key\0", rank: "tombolo/reject-inference/1/rank\0" } as const;

export const rejectInference = component({
  name: "reject-inference",
  version: "1.0.0",
  title: { en: "Reject inference", zh: "拒绝推断" },
  summary: {
    en: "Gives rejected applicants a label and a weight by their scores, so that a scorecard is made of all who applied.",
    zh: "根据分数为被拒申请推断标签与权重，使评分卡基于全部申请人建立。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: aligned(table(), "required"), scores: optional(onlyAt(table(), "guest")) },
  outputs: { data: aligned(table(), "kept"), report: onlyAt(report(), "guest") },
  protocol: null,
  use: "train",
  faults: ({ parameters: given }) => methodFaults(given),
  discloses: ({ participants }) => disclosures(participants),
  run: { guest: runGuest, host: runHost },
});

const disclosures = (participants: readonly Participant[]): Disclosure[] =>
  earlyEnds(participants, {
    en: "that no row was rejected or none accepted, that the accepted all have the same label, or that scores do not fit the rows",
    zh: "没有被拒或没有通过的行、通过者标签全部相同，或分数与行不匹配",
  });

async function runGuest(context: Context): Promise<void> {
  const { outputs, parameters: given } = context;
  const [fault] = methodFaults(given);
  if (fault !== undefined) throw new TomboloError("input.parameter", fault.message, { remedy: fault.remedy });
  const data = await alignedInput(context, "data");
  if (data.columns.some(({ name }) => name === given.weight))
    throw new TomboloError("input.columns", `a column of the table is called "${given.weight}" already`, {
      remedy: "Choose another name for the weight column.",
    });
  const labels = knownLabels(data);
  const { inferred, ...told } = await inferredFrom(context, data, labels);
  await outputs.table("data", augmented(data, labels, inferred, given));
  await outputs.report("report", {
    kind: "reject-inference",
    title: { en: "Reject inference", zh: "拒绝推断" },
    data: { ...summaryOf(labels, inferred, given), ...told },
  });
  context.progress({ stage: "reject-inference", done: 1, total: 1, rows: data.rowCount });
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  await context.outputs.table("data", context.parameters.method === "fuzzy" ? twice(data) : data);
  context.progress({ stage: "reject-inference", done: 1, total: 1, rows: data.rowCount });
}

async function inferredFrom(context: Context, data: TaskTable, labels: Float64Array) {
  const { inputs, parameters: given } = context;
  checkLabels(labels);
  if (given.method === "accepted") return { inferred: acceptedOnly({ labels }), bands: [], distribution: [] };
  if (!inputs.has("scores"))
    throw new TomboloError("input.parameter", "this method takes scores of all rows, and the flow gives none", {
      remedy: "Train a model on the accepted (method: accepted), and score all rows with it.",
    });
  const scores = secondScores(data, await inputs.table("scores"), given.score);
  checkScores(scores);
  // Points fall as yes gets likelier.
  const sign = given.meaning === "no" ? -1 : 1;
  const applicants: Applicants = { labels, scores: scores.map((score) => sign * score) };
  const bands = bandsOf(applicants, given.bands);
  const inferred = await infer(context, data, applicants, bands);
  return { inferred, ...shown(applicants, bands, inferred, given) };
}

async function infer(context: Context, data: TaskTable, applicants: Applicants, bands: Bands): Promise<Inferred> {
  const { method, factor, cutoff, meaning } = context.parameters;
  if (method === "cutoff") return hardCutoff(applicants, meaning === "no" ? -cutoff : cutoff);
  if (method === "fuzzy") return fuzzy(applicants, factor);
  if (method === "reweighting") return reweighting(applicants, bands);
  const seed = context.sampling.fork("reject-inference").next();
  const ranks = await ranksOf(data, { seed, salt: context.drawSalt, labels: LABELS });
  return parcelling(applicants, bands, { factor, ranks });
}

const twice = (data: TaskTable): TaskTable => ({
  ...data,
  ...takeTable(
    data,
    Uint32Array.from({ length: 2 * data.rowCount }, (_, row) => row % data.rowCount),
  ),
  copiesMax: distinctRows(2, data),
});

/** With fuzzy augmentation each row as a bad one, then each as a good one; a known label stays in both. */
function augmented(data: TaskTable, known: Float64Array, { bad, weights }: Inferred, given: Parameters): TaskTable {
  const { rowCount } = data;
  const isFuzzy = given.method === "fuzzy";
  const all = isFuzzy ? twice(data) : data;
  const isRejected = (row: number): boolean => Number.isNaN(known[row]!);
  const labels = Float64Array.from({ length: all.rowCount }, (_, i) => {
    const row = i % rowCount;
    return isFuzzy && isRejected(row) ? Number(i < rowCount) : bad[row]!;
  });
  const values = Float64Array.from({ length: all.rowCount }, (_, i) => {
    const row = i % rowCount;
    if (!isFuzzy) return weights[row]!;
    return isRejected(row) ? (i < rowCount ? bad[row]! : 1 - bad[row]!) : weights[row]! / 2;
  });
  const weight: Column = { kind: "number", name: given.weight, values };
  const columns = all.columns.map((column) => (column.name === data.label ? completed(column, known, labels) : column));
  return { ...all, columns: [...columns, weight] };
}
