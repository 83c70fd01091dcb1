/**
 * How good scores are against the label: ROC, KS, lift and the rest for yes/no, errors and fit for numbers, the matrix of several
 * classes; what each threshold costs, how groups fare and how it went over time; how far scores moved from a reference, and
 * whether a second model ranks the same rows better. Local: the guest has scores and labels, and nobody else learns anything.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { classesReport, populationStability } from "@tombolo/federated/evaluation";
import { z } from "zod";
import {
  component,
  one,
  optional,
  type ParameterFault,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { labelsOf } from "../labels.ts";
import { type Asked, ofBinary } from "./binary.ts";
import { classPredictionsOf } from "./classes.ts";
import { ofNumbers } from "./numbers.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { scoresOf } from "./scores.ts";
import { secondScores } from "./second.ts";
import { groupsOf, periodsOf } from "./segments.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const evaluate = component({
  name: "evaluate",
  version: "1.4.0",
  title: { en: "Evaluate", zh: "模型评估" },
  summary: {
    en: "Figures and curves of scores against the label, at the guest: by threshold and cost, by group, over time, and beside a second model.",
    zh: "发起方将分数与标签对比，给出指标与曲线，并可按阈值与代价、分组、时间查看，或与另一个模型对比。",
  },
  roles: { guest: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table(), reference: optional(table()), second: optional(table()) },
  outputs: { report: report() },
  protocol: null,
  use: "both",
  faults: ({ parameters: given }) => costFaults(given),
  discloses: () => [],
  run: { guest: run },
});

function costFaults({ falsePositiveCost, falseNegativeCost }: Parameters): ParameterFault[] {
  if (falsePositiveCost + falseNegativeCost > 0) return [];
  return [
    {
      parameter: "falsePositiveCost",
      message: "no mistake costs anything",
      remedy: "Give one kind of mistake a cost above 0.",
      zh: { message: "两类错误的代价均为 0", remedy: "请至少为一类错误设置大于 0 的代价。" },
    },
  ];
}

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
  const { parameters: given } = context;
  const asked: Asked = {
    labels: labelsOf(data, objective).values,
    scores: scoresOf(data, given.score),
    second: await secondOf(context, data, objective),
    reference: await referenceOf(context),
    groups: given.group === null ? null : groupsOf(columnOf(data, given.group), given.minimumGroup),
    periods: given.time === null ? null : periodsOf(columnOf(data, given.time), given.period, given.minimumGroup),
  };
  const figures = objective === "binary" ? ofBinary(asked, given) : ofNumbers(asked, given);
  const { reference, scores } = asked;
  return { ...figures, ...(reference === null ? {} : { stability: populationStability(reference, scores) }) };
}

function columnOf({ columns }: TaskTable, name: string): Column {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new TomboloError("input.columns", "the scored table lacks the column of groups or time", {
    remedy: "Score with keepColumns, so that the guest's columns stay beside the score.",
    detail: { column: name },
  });
}

async function ofClasses(context: Context, data: TaskTable) {
  const { group, time, score } = context.parameters;
  if (context.inputs.has("reference") || context.inputs.has("second") || group !== null || time !== null)
    throw new TomboloError("input.parameters", "drift, groups, periods and comparisons are of one score", {
      remedy: "Leave them out where there are several classes.",
    });
  return classesReport(classPredictionsOf(data, score));
}

async function secondOf({ inputs, parameters: given }: Context, data: TaskTable, objective: "binary" | "regression") {
  if (!inputs.has("second")) return null;
  if (objective === "binary") return secondScores(data, await inputs.table("second"), given.score);
  throw new TomboloError("input.parameters", "two models are compared by AUC, and this objective has none", {
    remedy: "Evaluate them one by one.",
  });
}

const referenceOf = async ({ inputs, parameters: given }: Context): Promise<Float64Array | null> =>
  inputs.has("reference") ? scoresOf(await inputs.table("reference"), given.score) : null;
