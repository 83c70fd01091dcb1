/** What a selection shows, in the words of an approver. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { goesAcross } from "./across.ts";
import { tellsFallen, wantsInformation } from "./figures.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const told = hosts.flatMap((host) => [
    ...(tellsFallen(given) ? [fallen(host, guest, given)] : []),
    ...(goesAcross(given) ? across(host, guest, given) : []),
  ]);
  return [...told, ...earlyEnds(participants, FAILURES)];
}

const FAILURES = {
  en: "that a figure a rule goes by is missing, that its reference table went through other steps, that too few rows or columns are left, or that a column to be kept is not there",
  zh: "规则所依据的指标缺失、对照表经过的处理不同、剩余行或列过少，或要保留的列不存在",
};

function fallen(host: Participant, guest: Participant, given: Parameters): Disclosure {
  const rules = [
    ...(wantsInformation(given) ? [{ en: "information values", zh: "信息值（IV）" }] : []),
    ...(given.importance === null ? [] : [{ en: "importances in the trees", zh: "在提升树中的重要性" }]),
  ];
  const [en, zh] = [rules.map((rule) => rule.en).join(" or "), rules.map((rule) => rule.zh).join("或")];
  return learns(host, guest, "fallen-columns", {
    en: `which of its own columns have ${en} outside the limits that stand in the flow, and so of each on which side of a limit it is; no figure, and nothing of any other column. A job has one such task over a dataset: other limits take another job and another consent, and by several of them a figure is narrowed down`,
    zh: `自己的哪些列${zh}超出流程中写明的界限，即每列位于界限的哪一侧；不含数值，也不涉及其他列。同一作业中仅一个此类任务涉及同一数据集；更换界限须另建作业并另行同意，多次之后可逐步缩小数值范围`,
  });
}

function across(host: Participant, guest: Participant, given: Parameters): Disclosure[] {
  const { decimals, minimumRows, rowsPerColumn } = given;
  return [
    learns(guest, host, "correlations", {
      en: `under numbers in place of names, the correlation of each column of numbers of ${host.party} that is left with each of its own and with each other of ${host.party}, rounded to ${decimals} decimals, over ${minimumRows} rows or more and ${rowsPerColumn} for each column; by that also how many columns ${host.party} has left. A number is the one that the binning goes by, and chance decides in which order columns come. What a column chosen for that purpose can tell of single rows is bounded by the rounding alone`,
      zh: `以编号代替列名，${host.party} 剩余的每个数值列与己方每一列、以及与 ${host.party} 其他各列的相关系数，舍入到 ${decimals} 位小数；总行数不少于 ${minimumRows}，且每列不少于 ${rowsPerColumn} 行；由此也得知 ${host.party} 剩余的列数。编号与分箱所用相同，各列的先后次序随机。刻意构造的列能透露多少单行信息，仅受舍入位数限制`,
    }),
    learns(host, guest, "alike-columns", {
      en: `how many columns of numbers ${guest.party} has left and their names, and which of its own fall since others say the same or they follow from others; not which others, and no correlation`,
      zh: `${guest.party} 剩余的数值列的数量与列名，以及自己的哪些列因与其他列重复或可由其他列推出而被剔除；不说明是哪些其他列，不含相关系数`,
    }),
  ];
}
