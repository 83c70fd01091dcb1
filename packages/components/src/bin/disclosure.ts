/** What each party learns of the others' columns and labels; docs/security/binning.md says what can be made of it. */
import { FINE_BINS_MAX } from "@tombolo/federated/binning";
import type { Disclosure, DisclosureContext, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { type Parameters, partyParameters } from "./parameters.ts";

const why = {
  en: "that a party's column is missing, holds infinite numbers or does not fit its own edges, that there are too few rows, or that the label is missing, has other values than two, or one only",
  zh: "某方的列缺失、含无穷值或与自定义切点不符，行数过少，或标签缺失、不是两个取值、只有一个取值",
};

export function disclosures({ participants, parameters: given, partyParameters: own }: DisclosureContext<Parameters>) {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const isShown = ({ party }: Participant): boolean =>
    partyParameters.safeParse(own[party] ?? {}).data?.showNames === true;
  return [
    ...hosts.flatMap((host) => [...guestLearns(guest, host, given, isShown(host)), ...hostLearns(host, guest, given)]),
    ...earlyEnds([guest, ...hosts], why),
  ];
}

function guestLearns(guest: Participant, host: Participant, { minimumRows }: Parameters, shown: boolean): Disclosure[] {
  const least = `${minimumRows}`;
  return [
    learns(guest, host, "bin-counts", {
      en: `of each binned column of ${host.party} how many rows, and how many rows with label 1, are in each of its fine bins (at most ${FINE_BINS_MAX}, none of fewer than ${least} rows or 1 % of them), in their order for numbers and which of them hold special or missing values; no edge, no category, and of no row which bin it is in. If ${guest.party} were to lie about its labels, it could learn which bins some tens of rows are in`,
      zh: `${host.party} 每个分箱列各细箱的行数与标签为 1 的行数（至多 ${FINE_BINS_MAX} 箱，每箱不少于 ${least} 行且不少于总行数的 1%），数值列按次序排列，并可知哪些箱是特殊值或缺失；不含切点、类别，也不含任何一行所在的箱。若 ${guest.party} 谎报标签，可得知数十行各在哪些箱`,
    }),
    learns(
      guest,
      host,
      // A grant has to allow the first of these.
      shown ? "column-names" : "column-count",
      shown
        ? {
            en: `the names of ${host.party}'s binned columns, and which counts are of which`,
            zh: `${host.party} 参与分箱的列名，以及各计数属于哪一列`,
          }
        : {
            en: `how many columns ${host.party} binned, known by number in an order that chance decides; a column of telling counts may be recognised`,
            zh: `${host.party} 参与分箱的列数；各列仅以随机次序的编号表示，但计数特征明显的列可能被认出`,
          },
    ),
  ];
}

function hostLearns(host: Participant, guest: Participant, { mode, minimumEvents, trend }: Parameters): Disclosure[] {
  const merge = learns(host, guest, "merges", {
    en: `which fine bins of each of its own columns are merged: by that, which neighbouring ranges or which categories have labels alike, and where along a column they change most${trend === "none" ? "" : ` while their rates follow the trend "${trend}"`}; not which way, and no number`,
    zh: `己方各列哪些细箱被合并：由此可知哪些相邻区间或类别的标签分布相近，以及沿该列在何处变化最大${trend === "none" ? "" : `（事件率符合走势“${trend}”）`}；不知方向，也不含任何数值`,
  });
  if (mode === "shared") return [merge];
  return [
    merge,
    learns(host, guest, "event-rates", {
      en: `the weight of evidence of each merged bin of its own columns, to four decimals: since it knows the bins' rows, that is the share of rows with label 1 in each of them and in all, each of at least ${minimumEvents} rows of either label unless a column is one bin`,
      zh: `己方各列合并后每箱的 WOE（四位小数）：由于己方知道各箱行数，这等于得知每箱以及全部行中标签为 1 的占比；除只有一箱的列外，每箱两类标签各不少于 ${minimumEvents} 行`,
    }),
  ];
}
