/**
 * Each party lets columns of its own fall: by what they say for themselves, by what the guest's figures say of them, and since
 * others say the same. The guest tells a host by number which of its columns fall by its figures; correlations across are
 * computed on shares. Protocols of the latter, leakage and adversary: packages/federated, vertical/correlation.
 *
 *  1 guest -> host  fallen  numbers of columns, where information values or importance are asked for
 *  2 both           correlations, where they go across; the guest receives
 *  3 guest -> host  alike   numbers of columns
 *
 * Adversary: semi-honest. A guest that departs can make any column of a host fall, and only that.
 */
import { TomboloError } from "@tombolo/base";
import {
  aligned,
  anyNumber,
  component,
  model,
  one,
  optional,
  type ParameterFault,
  type Participant,
  report,
  type TaskTable,
  table,
} from "../component.ts";
import { alignedInput, featureColumns, hostsOf } from "../tables.ts";
import { goesAcross } from "./across.ts";
import { Choice } from "./choice.ts";
import { disclosures } from "./disclosure.ts";
import { tellsFallen } from "./figures.ts";
import { finish } from "./finish.ts";
import { atGuest, type Told } from "./guest.ts";
import { atHost } from "./host.ts";
import { selectMessages } from "./messages.ts";
import { type Context, judgeByErrors, judgeQuality, judgeStability } from "./own.ts";
import { type Parameters, parameters, partyParameters } from "./parameters.ts";

export const select = component({
  name: "select",
  version: "1.0.1",
  title: { en: "Select", zh: "特征筛选" },
  summary: {
    en: "Lets columns fall by missing values, stability, information value, importance, correlation and other figures, and says why each fell.",
    zh: "按缺失率、稳定性、IV、重要性、相关性等指标筛选各方的列，并说明每列被剔除的原因。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: {
    data: table(),
    reference: optional(table()),
    binning: optional(model("binning")),
    trees: optional(model("boosting")),
    regression: optional(model("regression")),
    scored: optional(table()),
  },
  outputs: { data: aligned(table(), "kept"), model: model("selection"), report: report() },
  protocol: { name: "select", messages: selectMessages },
  use: "train",
  // By several limits a host would find by halving what each keeps from it.
  oncePerDataset: (given) => tellsFallen(given) || goesAcross(given),
  faults: ({ parameters: given, participants }) => faults(given, participants),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: (context) => run(context, atGuest), host: (context) => run(context, atHost) },
});

function faults(
  { across, criterion, enter, leave }: Parameters,
  participants: readonly Participant[],
): ParameterFault[] {
  const several = participants.filter(({ role }) => role === "host").length > 1;
  return [
    ...(across && several ? [ONE_HOST] : []),
    ...(criterion === "p-value" && leave < enter ? [LEAVE_BELOW_ENTER] : []),
  ];
}

const ONE_HOST: ParameterFault = {
  parameter: "across",
  message: "columns are compared across parties with one host",
  remedy: "Set across to false, or select with one host at a time.",
  zh: { message: "跨方比较仅适用于一个数据方", remedy: "请关闭跨方比较，或每次只与一个数据方筛选。" },
};

const LEAVE_BELOW_ENTER: ParameterFault = {
  parameter: "leave",
  message: "a column that enters would have to leave at once",
  remedy: "Set leave to enter or more.",
  zh: { message: "进入的列会立即被剔除", remedy: "请将剔除 p 值设为不低于进入 p 值。" },
};

type Judge = (context: Context, choice: Choice, data: TaskTable) => Promise<Told>;

async function run(context: Context, judge: Judge): Promise<void> {
  const { inputs, parameters: given, partyParameters: own } = context;
  const isJoint = goesAcross(given) && hostsOf(context).length > 0;
  const data = isJoint ? await alignedInput(context, "data") : await inputs.table("data");
  const choice = new Choice(featureColumns(data, null), own);
  judgeQuality(choice, given);
  await judgeStability(context, data, choice);
  await judgeByErrors(context, choice);
  const told = await judge(context, choice, data);
  if (choice.staying.length === 0 && data.columns.length > data.keys.length + 1)
    throw new TomboloError("input.columns", "no column is left", { remedy: "Loosen a rule, or keep columns by hand." });
  await finish(context, data, choice, told);
}
