/** What training shows, in the words of an approver. The protocol's own account: packages/federated, guest.ts. */
import type { Disclosure, Participant, Text } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";
import { sharedDisclosures } from "./shared-disclosure.ts";

export function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  // A round grows a tree of each class.
  const parameters = { ...given, trees: given.trees * (given.classes ?? 1) };
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  if (given.level === "shared") return hosts.length === 1 ? sharedDisclosures(guest, hosts[0]!, given) : [];
  const learnt = hosts.flatMap((host) => [
    ...guestLearns(guest, host, parameters),
    ...hostLearns(host, guest, parameters),
    ...hosts.filter((other) => other !== host).map((other) => betweenHosts(host, other)),
  ]);
  return hosts.length === 0 ? [] : [...learnt, ...earlyEnds([guest, ...hosts], FAILURES)];
}

const FAILURES = {
  en: "that labels or columns are unusable (not which rows), that there are too many candidate splits, or that a check on sums or on the rows of a node failed",
  zh: "标签或列不可用（不说明是哪些行）、候选分裂过多，或对汇总值、节点行数的检查未通过",
};

function guestLearns(guest: Participant, host: Participant, parameters: Parameters): Disclosure[] {
  return [
    learns(
      guest,
      host,
      "node-sums",
      parameters.scheme === "lattice" ? binSums(host, parameters) : sideSums(host, parameters),
    ),
    learns(guest, host, "row-branches", {
      en: `for each training row, to which side it goes at the splits that ${host.party} owns, and an anonymous number for the column used; where training goes on from an earlier version, also at that version's splits, some of them off the row's path`,
      zh: `每个训练行在 ${host.party} 所持分裂处走向哪一侧，以及所用列的匿名编号；若在先前版本上继续训练，还包括该版本的分裂，其中部分不在该行路径上`,
    }),
    learns(guest, host, "column-count", columnCount(host, parameters)),
    ...(parameters.hostColumns === "named" ? [learns(guest, host, "column-names", columnNames(host))] : []),
  ];
}

/** By additive encryption it takes a search for what belongs together first. */
const SUBTRACTED = {
  en: "this binds each sum alone: sums of a node less those of a node within it can tell of fewer rows, down to one, and so in which bin of an unnamed column single rows are",
  zh: "此下限只约束单个和：某节点的和减去其下级节点的和，可得知更少的行（少至一行），从而得知个别行落在某个不具名列的哪个分箱",
};

function binSums(host: Participant, { minimumRows, trees, depth }: Parameters): Text {
  return {
    en: `(level standard) for each node of up to ${trees} trees of depth ${depth}: sums of its own gradients over the rows in each bin of each column of ${host.party} (of text, in each category), bins in order (of text by how common they are), columns without names and in an order that stays the same in this training; where rows are many, of the higher and the lower digits of gradients apart; bins are merged, of numbers neighbouring ones, of text small ones, so that no single sum covers fewer than ${minimumRows} rows; ${SUBTRACTED.en}; where all rows weigh the same (as in the first tree, or by squared or absolute error) that also tells how many rows they are`,
    zh: `（标准级别）最多 ${trees} 棵深度 ${depth} 的树，每个节点：按 ${host.party} 各列各分箱（文本列为各类别）的行汇总的己方梯度和；分箱有序（文本列按类别多少排列），列不具名，其次序在本次训练中不变；行数很多时，梯度的高位与低位分别求和；分箱会合并（数值列合并相邻分箱，文本列合并较小的分箱），使单独每个和至少覆盖 ${minimumRows} 行；${SUBTRACTED.zh}；在各行权重相同时（如第一棵树，或按平方、绝对误差训练）由此还可知其行数`,
  };
}

function sideSums(host: Participant, { minimumRows, trees, depth, textEncoding }: Parameters): Text {
  const [grouped, groupedZh] =
    textEncoding === "category"
      ? ["; of text columns, sums per category, grouped by column", "；文本列按类别给出，并按列归组"]
      : ["", ""];
  return {
    en: `(level standard) for each node of up to ${trees} trees of depth ${depth}: sums of its own gradients over the rows on one side of each candidate split of ${host.party}, shuffled, without column names or thresholds, none of them alone over fewer than ${minimumRows} rows; who finds out which sums of a node and of a node within it belong together can subtract them, which can tell on which side single rows are; where all rows weigh the same (as in the first tree, or by squared or absolute error) that also tells how many rows they are${grouped}`,
    zh: `（标准级别）最多 ${trees} 棵深度 ${depth} 的树，每个节点：按 ${host.party} 各候选分裂一侧的行汇总的己方梯度和，已打乱，不含列名与阈值，单独每个和至少覆盖 ${minimumRows} 行；若找出某节点与其下级节点的哪些和彼此对应，相减即可得知个别行在哪一侧；在各行权重相同时（如第一棵树，或按平方、绝对误差训练）由此还可知其行数${groupedZh}`,
  };
}

/** Numbers of columns stay what they are in a version that goes on. */
const NAMED_BEFORE = {
  en: ", unless training goes on from an earlier version that named it",
  zh: "（除非在公开过列名的先前版本上继续训练）",
};

function columnCount(host: Participant, { scheme }: Parameters): Text {
  if (scheme === "lattice")
    return {
      en: `how many columns of ${host.party} take part, of each whether it holds numbers or text, how many bins it has and whether values are missing, and which of its bins are merged at each node; not its name${NAMED_BEFORE.en}`,
      zh: `${host.party} 参与的列数，以及每列是数值还是文本、分箱数、是否有缺失值、在每个节点合并了哪些分箱；不含列名${NAMED_BEFORE.zh}`,
    };
  return {
    en: `how many columns of ${host.party} take part and how many candidate splits they have at each node, not which column is behind a sum or a number${NAMED_BEFORE.en}`,
    zh: `${host.party} 参与的列数及其在每个节点的候选分裂数，不含各汇总值或编号对应哪一列${NAMED_BEFORE.zh}`,
  };
}

const columnNames = (host: Participant): Text => ({
  en: `at the end, the names of those columns of ${host.party} that splits of the trees kept are on, and which splits are on which: so also, of what it saw of such a column by its number, to which column it belongs; where training goes on from an earlier version, that holds for its trees and for what was seen while it was trained, also if its columns were not to be named`,
  zh: `训练结束时，保留的树的分裂所用的 ${host.party} 各列的列名，以及每个分裂在哪一列上；因此也可知此前按编号所见的内容属于哪一列；若在先前版本上继续训练，则先前版本的树及其训练中所见亦然，即使当时约定不公开列名`,
});

function hostLearns(host: Participant, guest: Participant, { depth, trees, maxLeaves }: Parameters): Disclosure[] {
  const [back, backZh] =
    maxLeaves === null ? ["", ""] : ["; which of its splits were taken back", "；自己的哪些分裂又被撤回"];
  const levels = depth === 1 ? "no level" : `every level above the last, of up to ${trees} trees`;
  return [
    learns(host, guest, "row-nodes", {
      en: `(level standard) which matched rows share a tree node at ${levels}; rows in one node tend to have similar labels. No label, no column and no score of ${guest.party}`,
      zh: `（标准级别）最多 ${trees} 棵树中除最后一层外各层哪些匹配行落入同一节点；同一节点的行标签往往相近。不含 ${guest.party} 的任何标签、列或分数`,
    }),
    learns(host, guest, "own-splits", {
      en: `which splits of its own columns were taken and which others would have gained exactly as much, which nodes were split by others, not at all, or are too light to be split again, and how many trees were grown and kept${back}`,
      zh: `自己的哪些列的哪些分裂被采用、哪些其他分裂增益完全相同，哪些节点由他方分裂、未分裂或权重过小不再分裂，以及训练并最终保留多少棵树${backZh}`,
    }),
  ];
}

const betweenHosts = (host: Participant, other: Participant): Disclosure =>
  learns(host, other, "row-nodes", {
    en: `rows that a split of ${other.party} puts into the same node, without column or threshold`,
    zh: `${other.party} 的分裂把哪些行归入同一节点，不含列与阈值`,
  });
