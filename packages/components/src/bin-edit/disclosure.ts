import type { Disclosure, DisclosureContext } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { EditParameters } from "./parameters.ts";

const why = {
  en: "that a merge does not fit the bins of its column, or would tell of too few rows of a label together with earlier ones",
  zh: "某个合并方案与该列的细箱不符，或与之前的方案合起来会透露过少行的标签",
};

export function disclosures({ participants, parameters: { merges } }: DisclosureContext<EditParameters>): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  return [
    ...hosts.flatMap((host) => {
      const count = merges.filter(({ party }) => party === host.party).length;
      return [
        learns(host, guest, "merges", {
          en: `the new merges that ${guest.party} chose, which the flow shows${count === 0 ? "; none is of its own columns" : ""}`,
          zh: `${guest.party} 所选的新合并方案（流程中可见）${count === 0 ? "；均不涉及己方的列" : ""}`,
        }),
        ...(count === 0
          ? []
          : [
              learns(host, guest, "event-rates", {
                en: `if it was told weights by the binning: those of the new merged bins of ${count} of its own columns, so the share of rows with label 1 in each; together with all it was told before no combination of bins has fewer rows of either label than the binning allows`,
                zh: `若原分箱告知了 WOE：己方 ${count} 列合并后各新箱的 WOE，即每箱标签为 1 的占比；与此前已告知的全部内容合起来，任何箱的组合中两类标签的行数均不少于分箱所允许的下限`,
              }),
            ]),
      ];
    }),
    ...earlyEnds([guest, ...hosts], why),
  ];
}
