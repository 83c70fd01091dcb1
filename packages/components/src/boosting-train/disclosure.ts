/** What training shows, in the words of an approver. The protocol's own account: packages/federated, guest.ts. */
import type { Disclosure, Participant } from "../component.ts";
import { learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  return hosts.flatMap((host) => [
    ...guestLearns(guest, host, parameters),
    ...hostLearns(host, guest, parameters),
    ...hosts.filter((other) => other !== host).map((other) => betweenHosts(host, other)),
  ]);
}

function guestLearns(guest: Participant, host: Participant, parameters: Parameters): Disclosure[] {
  const { minimumRows, trees, depth, textEncoding } = parameters;
  const [grouped, groupedZh] =
    textEncoding === "category"
      ? ["; of text columns, sums per category, grouped by column", "；文本列按类别给出，并按列归组"]
      : ["", ""];
  return [
    learns(guest, host, "node-sums", {
      en: `for each node of up to ${trees} trees of depth ${depth}: sums of its own gradients over the rows on one side of each candidate split of ${host.party}, shuffled, without column names or thresholds, none over fewer than ${minimumRows} rows${grouped}`,
      zh: `最多 ${trees} 棵深度 ${depth} 的树，每个节点：按 ${host.party} 各候选分裂一侧的行汇总的己方梯度和，已打乱，不含列名与阈值，每个和至少覆盖 ${minimumRows} 行${groupedZh}`,
    }),
    learns(guest, host, "row-branches", {
      en: `for each training row, to which side it goes at the splits that ${host.party} owns, and an anonymous number for the column used`,
      zh: `每个训练行在 ${host.party} 所持分裂处走向哪一侧，以及所用列的匿名编号`,
    }),
    learns(guest, host, "column-count", {
      en: `how many columns of ${host.party} take part, not their names`,
      zh: `${host.party} 参与的列数，不含列名`,
    }),
  ];
}

function hostLearns(host: Participant, guest: Participant, { depth, trees }: Parameters): Disclosure[] {
  const levels = depth === 1 ? "no level" : `every level above the last, of up to ${trees} trees`;
  return [
    learns(host, guest, "row-nodes", {
      en: `which matched rows share a tree node at ${levels}; rows in one node tend to have similar labels. No label, no column and no score of ${guest.party}`,
      zh: `最多 ${trees} 棵树中除最后一层外各层哪些匹配行落入同一节点；同一节点的行标签往往相近。不含 ${guest.party} 的任何标签、列或分数`,
    }),
    learns(host, guest, "own-splits", {
      en: "which splits of its own columns were taken, and how many trees were kept",
      zh: "自己的哪些列的哪些分裂被采用，以及最终保留多少棵树",
    }),
  ];
}

const betweenHosts = (host: Participant, other: Participant): Disclosure =>
  learns(host, other, "row-nodes", {
    en: `rows that a split of ${other.party} puts into the same node, without column or threshold`,
    zh: `${other.party} 的分裂把哪些行归入同一节点，不含列与阈值`,
  });
