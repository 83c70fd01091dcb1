/**
 * How good scores are against the label: ROC, KS, lift and the rest for yes/no, errors and fit for numbers, the matrix of several
 * classes; and how far scores moved from a reference. Local: the guest has scores and labels, and nobody else learns anything.
 */
import { type Column, TomboloError } from "@tombolo/base";
import {
  binaryReport,
  classesReport,
  populationStability,
  regressionReport,
  type Stability,
} from "@tombolo/federated/evaluation";
import { POWER_LEAST, POWER_MOST } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { component, one, optional, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { columnName, field } from "../fields.ts";
import { labelsOf } from "../labels.ts";
import { columnNamed } from "../tables.ts";
import { classPredictionsOf } from "./classes.ts";

const parameters = z.strictObject({
  objective: field(
    z.enum(["binary", "regression", "multi-class"]).default("binary"),
    { en: "Objective", zh: "目标" },
    {
      en: "A probability of yes, a number, or one of several classes: from columns named by the score column and each class, or from a column of the class alone.",
      zh: "二分类概率、数值回归或多分类；多分类读取以“分数列名_类别”命名的各列，或仅含类别的列。",
    },
  ),
  deviance: field(
    z.enum(["none", "poisson", "gamma", "tweedie"]).default("none"),
    { en: "Deviance", zh: "偏差" },
    {
      en: "Of a regression for counts or amounts: mean deviance of this distribution, and the share of it that the scores explain (D²).",
      zh: "用于计数或金额的回归：该分布下的平均偏差，以及分数所解释的比例（D²）。",
    },
  ),
  power: field(
    z.number().min(POWER_LEAST).max(POWER_MOST).default(1.5),
    { en: "Tweedie power", zh: "Tweedie 幂次" },
    { en: "Of the Tweedie deviance: that of the model.", zh: "用于 Tweedie 偏差：与模型所用的幂次相同。" },
  ),
  score: field(
    columnName.default("score"),
    { en: "Score column", zh: "分数列" },
    { en: "The column that holds the prediction.", zh: "存放预测值的列。" },
  ),
  threshold: field(
    z.number().min(0).max(1).default(0.5),
    { en: "Threshold", zh: "阈值" },
    { en: "Scores from here on count as yes in the confusion matrix.", zh: "混淆矩阵中不低于此分数视为正例。" },
  ),
  slices: field(
    z.number().int().min(2).max(100).default(10),
    { en: "Slices", zh: "分段数" },
    { en: "Of the gain table and the calibration.", zh: "增益表与校准的分段数。" },
  ),
});
type Context = TaskContext<z.output<typeof parameters>, Record<string, never>>;

export const evaluate = component({
  name: "evaluate",
  version: "1.2.0",
  title: { en: "Evaluate", zh: "模型评估" },
  summary: {
    en: "Figures and curves of scores against the label, at the guest.",
    zh: "发起方将分数与标签对比，给出指标与曲线。",
  },
  roles: { guest: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table(), reference: optional(table()) },
  outputs: { report: report() },
  protocol: null,
  use: "both",
  discloses: () => [],
  run: { guest: run },
});

async function run(context: Context): Promise<void> {
  const data = await context.inputs.table("data");
  const { objective } = context.parameters;
  context.progress({ stage: "evaluate", done: 0, total: 1, rows: data.rowCount });
  const figures =
    objective === "multi-class" ? await ofClasses(context, data) : await ofScores(context, data, objective);
  await context.outputs.report("report", {
    kind: `${objective}-evaluation`,
    title: { en: "Evaluation", zh: "模型评估" },
    data: figures,
  });
  context.progress({ stage: "evaluate", done: 1, total: 1, rows: data.rowCount });
}

/** Scores and labels are the guest's own, so its report withholds nothing from it. */
async function ofScores(context: Context, data: TaskTable, objective: "binary" | "regression") {
  const { threshold, slices, score } = context.parameters;
  const labels = labelsOf(data, objective).values;
  const scores = scoresOf(data, score);
  const stability = await driftOf(context, scores);
  const figures =
    objective === "binary"
      ? binaryReport(labels, scores, { threshold, slices })
      : regressionReport(labels, scores, { slices, power: powerOf(context.parameters) });
  return { ...figures, ...(stability === null ? {} : { stability }) };
}

async function ofClasses(context: Context, data: TaskTable) {
  if (context.inputs.has("reference"))
    throw new TomboloError("input.parameters", "drift is of one score, and there are several classes", {
      remedy: "Leave the reference out.",
    });
  return classesReport(classPredictionsOf(data, context.parameters.score));
}

const powerOf = ({ deviance, power }: Context["parameters"]): number | null =>
  ({ none: null, poisson: 1, gamma: 2, tweedie: power })[deviance];

async function driftOf(context: Context, scores: Float64Array): Promise<Stability | null> {
  if (!context.inputs.has("reference")) return null;
  const reference = await context.inputs.table("reference");
  return populationStability(scoresOf(reference, context.parameters.score), scores);
}

function scoresOf(table: TaskTable, name: string): Float64Array {
  const column: Column = columnNamed(table, name);
  if (column.kind === "number") return column.values;
  throw new TomboloError("input.columns", "the score column holds text", { remedy: "Choose a column of numbers." });
}
