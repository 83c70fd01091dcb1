/**
 * Columns of a guest and its hosts in bins: each party fixes fine bins of its own columns; the guest, which has the label,
 * counts its own and learns rows and ones of the hosts' fine bins by category sums (protocols/category-sums); it merges them
 * all and tells each host how its bins are merged and, in mode host-learns-woe, what the merged ones weigh.
 *
 * What each learns, the adversary and known attacks: docs/security/binning.md.
 */
import { aligned, anyNumber, component, model, one, report, table } from "../component.ts";
import { disclosures } from "./disclosure.ts";
import { runGuest } from "./guest.ts";
import { runHost } from "./host.ts";
import { binMessages } from "./messages.ts";
import { mergeFaults, parameters, partyParameters } from "./parameters.ts";

export const bin = component({
  name: "bin",
  version: "1.0.0",
  title: { en: "Bin", zh: "分箱" },
  summary: {
    en: "Puts every party's columns in bins and weighs them by the label (WOE, IV): labels stay with the initiator, values with their owner.",
    zh: "对各方的列分箱并按标签计算 WOE 与 IV：标签不离开发起方，取值不离开所属方。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required") },
  outputs: { data: aligned(table(), "kept"), model: model("binning"), report: report() },
  protocol: { name: "bin/category-sums", messages: binMessages },
  use: "train",
  oncePerDataset: () => true,
  faults: ({ parameters: given }) => mergeFaults(given),
  discloses: disclosures,
  run: { guest: runGuest, host: runHost },
});
